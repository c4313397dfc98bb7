package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code amd_iommu_alloc_domain_nested} and {@code nested_domain_free}: the first nested domain with a guest's domain id gets a
 * host domain id for it, the last one gives that back. As in the kernel, nothing is invalidated then.
 */
final class NestedDomain extends Frame {
    private static final Footprint IDS = Footprint.of(Touches.GDOMIDS, Touches.IDS);
    static final Program<NestedDomain> ALLOC = Program.<NestedDomain>named("amd_iommu_alloc_domain_nested")
            .check("flags", f -> (f.flags & ~IommuDriver.ALLOC_PASID) == 0, Errno.EOPNOTSUPP)
            .check("data type", f -> f.data.type() == GuestDte.TYPE, Errno.EOPNOTSUPP)
            .attempt("iommu_copy_struct_from_user", HostCost.USER_COPY, UserMemory.ACCESS, NestedDomain::copy)
            .attempt("validate_gdte_nested", HostCost.LOCAL, Footprint.of(Touches.UNIT), NestedDomain::validate)
            .lock("xa_lock(gdomid_array)", f -> f.viommu.guestIdsLock)
            .attempt("gdom_info_load_or_alloc_locked", HostCost.ATOMIC, IDS, NestedDomain::map)
            .undoNow("xa_lock(gdomid_array)")
            .step("done", HostCost.LOCAL, Footprint.LOCAL, NestedDomain::make)
            .build();
    static final Program<NestedDomain> FREE = Program.<NestedDomain>named("nested_domain_free")
            .lock("xa_lock(gdomid_array)", f -> f.viommu.guestIdsLock)
            .step("refcount_dec_and_test(gdom_info->users)", HostCost.ATOMIC, IDS, NestedDomain::unmap)
            .undoNow("xa_lock(gdomid_array)")
            .when(
                    "the last user",
                    f -> f.last.get() != 0,
                    p -> p.step("amd_iommu_pdom_id_free", HostCost.ATOMIC, IDS, NestedDomain::freeId))
            .build();

    private final AmdViommu viommu;
    private final int flags;
    private final UserData data;
    private final @Nullable RefCell<IommuDomain> result;
    private final @Nullable AmdNested domain;
    private final LongArrayCell words;
    private final IntCell hostId = count();
    private final IntCell last = count();

    private NestedDomain(
            AmdViommu viommu,
            int flags,
            UserData data,
            @Nullable RefCell<IommuDomain> result,
            @Nullable AmdNested domain) {
        super(viommu.iommu().world());
        this.viommu = viommu;
        this.flags = flags;
        this.data = data;
        this.result = result;
        this.domain = domain;
        words = new LongArrayCell(world(), FRAME, world().nextInstance(), Dte.WORDS);
    }

    static Call<?> alloc(AmdViommu viommu, int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(ALLOC, new NestedDomain(viommu, flags, data, result, null));
    }

    static Call<?> free(AmdNested domain) {
        return new Call<>(FREE, new NestedDomain(domain.viommu(), 0, UserData.NONE, null, domain));
    }

    private int copy() {
        byte[] bytes = new byte[GuestDte.BYTES];
        int error = data.copyStruct(bytes, GuestDte.TYPE, GuestDte.BYTES);
        for (int i = 0; i < Dte.WORDS && error == 0; i++) {
            words.set(i, UserData.word(bytes, 8 * i));
        }
        return error;
    }

    private GuestDte guest() {
        return new GuestDte(words.get(0), words.get(1), words.get(2), words.get(3));
    }

    private int validate() {
        return guest().validate(viommu.iommu().efr().guestLevels());
    }

    private int map() {
        int guestId = guest().domainId();
        GuestDomainId known = GuestDomainId.find(viommu.guestIds.get(), guestId);
        if (known != null) {
            hostId.set(known.hostId());
            viommu.guestIds.set(GuestDomainId.changed(viommu.guestIds.get(), guestId, 1));
            return 0;
        }
        int id = viommu.iommu().domainIds.allocate(AmdIommu.FIRST_DOMAIN, AmdIommu.LAST_DOMAIN);
        if (id == IdPool.NONE) {
            return Errno.ENOSPC;
        }
        hostId.set(id);
        viommu.guestIds.set(new GuestDomainId(guestId, id, 1, viommu.guestIds.get()));
        return 0;
    }

    private void make() {
        if (result != null) {
            result.set(new AmdNested(viommu, guest(), hostId.get()));
        }
    }

    private AmdNested freed() {
        if (domain == null) {
            throw new IllegalStateException("no nested domain to free");
        }
        return domain;
    }

    private void unmap() {
        int guestId = freed().guest().domainId();
        viommu.guestIds.set(GuestDomainId.changed(viommu.guestIds.get(), guestId, -1));
        last.set(GuestDomainId.find(viommu.guestIds.get(), guestId) == null ? 1 : 0);
    }

    private void freeId() {
        viommu.iommu().domainIds.free(freed().hostDomainId());
    }

    /** Invalidates all that is tagged with the host domain id, and waits. */
    Call<?> flush() {
        int id = freed().hostDomainId();
        return IssueCommands.call(IssueCommands.DOMAIN_FLUSH_PAGES, viommu.iommu(), () -> {
            EntryList list = new EntryList();
            Flushes.addPages(list, id, Flushes.NOT_GUEST, null);
            return list;
        });
    }
}

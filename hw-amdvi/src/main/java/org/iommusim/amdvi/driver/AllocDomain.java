package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code amd_iommu_domain_alloc_paging_flags}: host tables (v1), or guest tables (v2) for domains that PASIDs will be attached
 * to. A nesting parent has host tables.
 */
final class AllocDomain extends Frame {
    private static final Footprint IDS = Footprint.of(Touches.IDS);
    static final Program<AllocDomain> PAGING = Program.<AllocDomain>named("amd_iommu_domain_alloc_paging_flags")
            .check("no user data", f -> f.data.length() == 0, Errno.EOPNOTSUPP)
            .check("flags", Footprint.of(Touches.UNIT), AllocDomain::flagsSupported, Errno.EOPNOTSUPP)
            .take(
                    "amd_iommu_pdom_id_alloc",
                    HostCost.ATOMIC,
                    IDS,
                    AllocDomain::allocateId,
                    Undo.onFailure("amd_iommu_pdom_id_free", IDS, f -> f.iommu.domainIds.free(f.id.get())))
            .attempt("pt_iommu_init", HostCost.ALLOCATE, Touches.PAGES, AllocDomain::allocateRoot)
            .step("done", HostCost.LOCAL, Footprint.of(Touches.UNIT), f -> f.result.set(f.paging()))
            .build();

    private final AmdIommu iommu;
    private final int flags;
    private final UserData data;
    private final RefCell<IommuDomain> result;
    private final IntCell id = count();
    private final LongCell root = num();

    private AllocDomain(AmdIommu iommu, int flags, UserData data, RefCell<IommuDomain> result) {
        super(iommu.world());
        this.iommu = iommu;
        this.flags = flags;
        this.data = data;
        this.result = result;
    }

    static Call<?> paging(AmdIommu iommu, int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(PAGING, new AllocDomain(iommu, flags, data, result));
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private boolean flagsSupported() {
        int known = IommuDriver.ALLOC_NEST_PARENT | IommuDriver.ALLOC_PASID;
        boolean both = has(IommuDriver.ALLOC_NEST_PARENT) && has(IommuDriver.ALLOC_PASID);
        return (flags & ~known) == 0
                && !both
                && (!has(IommuDriver.ALLOC_PASID) || iommu.pasids() != 0)
                && (!has(IommuDriver.ALLOC_NEST_PARENT) || iommu.nesting());
    }

    private int allocateId() {
        int free = iommu.domainIds.allocate(AmdIommu.FIRST_DOMAIN, AmdIommu.LAST_DOMAIN);
        id.set(free);
        return free == IdPool.NONE ? Errno.ENOSPC : 0;
    }

    private boolean v2() {
        return has(IommuDriver.ALLOC_PASID) || iommu.hostLevels() == 0;
    }

    private int allocateRoot() {
        long page = iommu.tables().allocate(1);
        root.set(page);
        return page == TableMemory.NONE ? Errno.ENOMEM : 0;
    }

    private AmdPaging paging() {
        PageTable table = v2()
                ? new X86Format(2).table(iommu.tables(), root.get())
                : V1Format.table(iommu.tables(), root.get(), iommu.hostLevels());
        return new AmdPaging(iommu, table, has(IommuDriver.ALLOC_NEST_PARENT), id.get());
    }
}

package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.IdRegs;

/**
 * {@code arm_smmu_domain_alloc_paging_flags} and {@code arm_smmu_domain_finalise}: stage 2 for a nesting parent or where
 * there is no stage 1, otherwise stage 1 with a context descriptor of its own.
 */
final class AllocPaging extends Frame {
    static final Program<AllocPaging> PROGRAM = program();

    private final ArmSmmu smmu;
    private final int flags;
    private final UserData data;
    private final RefCell<IommuDomain> result;
    private final int stage;
    private final LongCell root = num();
    private final LongCell cd = num();
    private final IntCell tag = count();

    private AllocPaging(ArmSmmu smmu, int flags, UserData data, RefCell<IommuDomain> result) {
        super(smmu.world());
        this.smmu = smmu;
        this.flags = flags;
        this.data = data;
        this.result = result;
        stage = (flags & IommuDriver.ALLOC_NEST_PARENT) != 0 || !smmu.ids().s1p() ? 2 : 1;
    }

    static Call<AllocPaging> call(ArmSmmu smmu, int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(PROGRAM, new AllocPaging(smmu, flags, data, result));
    }

    private static Program<AllocPaging> program() {
        Footprint ids = Footprint.of(Touches.IDS, Touches.DEVICE_DATA);
        return Program.<AllocPaging>named("arm_smmu_domain_alloc_paging_flags")
                .check("flags", Footprint.of(Touches.DEVICE_DATA), AllocPaging::flagsSupported, Errno.EOPNOTSUPP)
                .check("no user data", f -> f.data.length() == 0, Errno.EOPNOTSUPP)
                .take(
                        "alloc_io_pgtable_ops",
                        HostCost.ALLOCATE,
                        Touches.PAGES.and(Touches.DEVICE_DATA),
                        AllocPaging::allocateRoot,
                        Undo.onFailure(
                                "free_io_pgtable_ops",
                                Touches.PAGES,
                                f -> f.smmu.tables().free(f.root.get(), f.rootPages())))
                .lock("arm_smmu_asid_lock", f -> f.smmu.asidLock)
                .take(
                        "alloc ASID or VMID",
                        ids,
                        AllocPaging::allocateTag,
                        Undo.onFailure("free ASID or VMID", ids, f -> f.pool().free(f.tag.get())))
                .when(
                        "stage 1",
                        f -> f.stage == 1,
                        p -> p.attempt("alloc CD table", HostCost.ALLOCATE, Touches.PAGES, AllocPaging::allocateCd)
                                .step(
                                        "write CD",
                                        HostCost.TABLE_STORE,
                                        Touches.WORDS.and(Touches.DEVICE_DATA),
                                        AllocPaging::writeCd))
                .step("done", HostCost.LOCAL, Footprint.of(Touches.DEVICE_DATA), f -> f.result.set(f.domain()))
                .build();
    }

    private boolean flagsSupported() {
        return (flags & ~IommuDriver.ALLOC_NEST_PARENT) == 0
                && ((flags & IommuDriver.ALLOC_NEST_PARENT) == 0 || smmu.nesting());
    }

    private int inputBits() {
        // Stage 2 translates as many bits as a physical address has; a kernel's own tables use 48 bits.
        return stage == 1 ? 48 : Math.min(48, smmu.ids().iasBits());
    }

    private LpaeFormat format() {
        return new LpaeFormat(stage, stage == 2 && smmu.ids().fwb());
    }

    private int rootPages() {
        return format().rootPages(inputBits());
    }

    private int allocateRoot() {
        long address = smmu.tables().allocate(rootPages());
        root.set(address);
        return address == TableMemory.NONE ? Errno.ENOMEM : 0;
    }

    private IdPool pool() {
        return stage == 1 ? smmu.asids : smmu.vmids;
    }

    private int allocateTag() {
        IdRegs registers = smmu.ids();
        int id = pool().allocate(1, stage == 1 ? registers.asidMask() : registers.vmidMask());
        tag.set(id);
        return id == IdPool.NONE ? Errno.ENOSPC : 0;
    }

    private int allocateCd() {
        long address = smmu.tables().allocate(1);
        cd.set(address);
        return address == TableMemory.NONE ? Errno.ENOMEM : 0;
    }

    /** No STE points to it yet, so the order of the words does not matter. */
    private void writeCd() {
        long[] words = SteTargets.contextDescriptor(smmu.ids(), table(), tag.get());
        for (int i = 0; i < Cd.WORDS; i++) {
            smmu.memory().write64(cd.get() + 8L * i, words[i]);
        }
    }

    private PageTable table() {
        return format().table(
                        smmu.tables(),
                        root.get(),
                        inputBits(),
                        Math.min(48, smmu.ids().oasBits()));
    }

    private Smmuv3PagingDomain domain() {
        boolean nestParent = (flags & IommuDriver.ALLOC_NEST_PARENT) != 0;
        return new Smmuv3PagingDomain(smmu, table(), cd.get(), tag.get(), nestParent);
    }
}

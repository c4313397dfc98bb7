package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pgtable.GuestChange;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.X86Guest;
import org.iommusim.hw.pgtable.X86GuestOp;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;

/** The programs of {@link AmdGuest}, and their frame. They run on a vCPU and store into guest memory only. */
final class GuestOp extends X86GuestOp {
    private static final Footprint SPACE = Footprint.of(Touches.GUEST);
    private static final Footprint MEMORY = PageTable.PAGES.and(Touches.GUEST, Touches.UNIT);

    static final Program<GuestOp> ATTACH = Program.<GuestOp>named("guest attach_device")
            .check("device id and PASID in range", f -> GuestTables.fits(f.space), Errno.EINVAL)
            .check("not attached", SPACE, f -> f.space.root.get() == 0, Errno.EBUSY)
            .attempt("alloc_dev_table", HostCost.ALLOCATE, MEMORY, f -> f.tables.addDeviceTable())
            .attempt("setup_gcr3_table", HostCost.ALLOCATE, MEMORY, f -> f.tables.addGcr3Table(f.space.sid))
            .take(
                    "pt_iommu_init",
                    HostCost.ALLOCATE,
                    MEMORY,
                    GuestOp::allocateRoot,
                    Undo.onFailure("pt_iommu_deinit", MEMORY, GuestOp::freeTables))
            .step("update_gcr3", HostCost.TABLE_STORE, MEMORY, f -> f.tables.setGcr3(f.space, f.space.root.get()))
            .branch(
                    "entry without guest tables",
                    MEMORY,
                    f -> !Dte.GV.isSet(f.tables.dteWord(f.space.sid, 0)),
                    p -> p.step("write_dte_upper128", HostCost.TABLE_STORE, MEMORY, f -> f.writeEntry(1))
                            .step("write_dte_lower128", HostCost.TABLE_STORE, MEMORY, f -> f.writeEntry(0)))
            .step("attached", HostCost.FREE, SPACE, f -> f.space.attached.set(1))
            .build();

    static final Program<GuestOp> DETACH = Program.<GuestOp>named("guest detach_device")
            .check("attached", SPACE, f -> f.space.attached.get() != 0, Errno.ENOENT)
            .either(
                    "the device itself",
                    f -> f.space.pasid == AmdIommu.NO_PASID,
                    p -> p.step("clear the entry", HostCost.TABLE_STORE, MEMORY, GuestOp::clearEntry),
                    p -> p.step("clear_gcr3", HostCost.TABLE_STORE, MEMORY, f -> f.tables.setGcr3(f.space, 0)))
            .step("flush pages and IOTLB", HostCost.LOCAL, SPACE, GuestOp::detachCommands)
            .build();

    static final Program<GuestOp> FREE = Program.<GuestOp>named("guest amd_iommu_domain_free")
            .check("detached", SPACE, f -> f.space.attached.get() == 0 && f.space.root.get() != 0, Errno.EBUSY)
            .step("clear_gcr3", HostCost.TABLE_STORE, MEMORY, f -> f.tables.setGcr3(f.space, 0))
            .step("pt_iommu_deinit", HostCost.ALLOCATE, MEMORY, GuestOp::freeTables)
            .build();

    static final Program<GuestOp> MAP = map(SPACE);

    static final Program<GuestOp> UNMAP = Program.<GuestOp>named("guest iommu_unmap")
            .check("attached", SPACE, f -> f.space.root.get() != 0, Errno.ENOENT)
            .invoke("unmap_pages", GuestOp::unmapPages)
            .step("amd_iommu_domain_flush_pages", HostCost.LOCAL, SPACE, GuestOp::unmapCommands)
            .build();

    static final X86Guest.Programs<GuestOp> PROGRAMS = new X86Guest.Programs<>(ATTACH, DETACH, FREE, MAP, UNMAP);

    private final GuestTables tables;

    GuestOp(GuestTables tables, GuestChange change) {
        super(tables.iommu().world(), change, tables.memory(), tables.iommu().storePs());
        this.tables = tables;
    }

    private void writeEntry(int half) {
        tables.writeHalf(space.sid, half, tables.entry(space.sid));
    }

    /** One store of the half with V and GV; the other half has nothing that counts then. */
    private void clearEntry() {
        tables.writeHalf(space.sid, 0, DteTargets.clear());
        space.attached.set(0);
    }

    private void detachCommands() {
        space.attached.set(0);
        answer(Cmd.allPages1());
    }

    private void unmapCommands() {
        answer(Flushes.pages(change.iova(), change.bytes()));
    }

    /** The unit's caches, and behind that the device's own; whether that is on is not the guest's to know. */
    private void answer(long range) {
        int id = space.sid;
        boolean guest = space.pasid != AmdIommu.NO_PASID;
        long pages = Cmd.invalidateIommuPages0(tables.device(id).did.get(), space.pasid);
        long iotlb = Cmd.invalidateIotlbPages0(id, id, 0, space.pasid);
        long flags = Cmd.GN.mask() | Cmd.PDE.mask();
        answer(UserData.ofWords(
                NestedInvalidate.DATA_TYPE, pages, range | flags, iotlb, range | (guest ? Cmd.GN.mask() : 0)));
    }
}

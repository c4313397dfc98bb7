package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** The programs of {@link AmdGuest}, and their frame. They run on a vCPU and store into guest memory only. */
final class GuestOp extends Frame {
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

    static final Program<GuestOp> MAP = Program.<GuestOp>named("guest iommu_map")
            .check("attached", SPACE, f -> f.space.root.get() != 0, Errno.ENOENT)
            .invoke("map_pages", GuestOp::mapPages)
            .build();

    static final Program<GuestOp> UNMAP = Program.<GuestOp>named("guest iommu_unmap")
            .check("attached", SPACE, f -> f.space.root.get() != 0, Errno.ENOENT)
            .invoke("unmap_pages", GuestOp::unmapPages)
            .step("amd_iommu_domain_flush_pages", HostCost.LOCAL, SPACE, GuestOp::unmapCommands)
            .build();

    private static final X86Format FORMAT = new X86Format(1);

    private final GuestTables tables;
    private final GuestSpace space;
    private final @Nullable RefCell<UserData> commands;
    private final long iova;
    private final long guestPhysical;
    private final long bytes;
    private final int protection;

    /** A frame; what an operation does not need is 0 or {@code null}. */
    GuestOp(
            GuestTables tables,
            GuestSpace space,
            @Nullable RefCell<UserData> commands,
            long iova,
            long guestPhysical,
            long bytes,
            int protection) {
        super(tables.iommu().world());
        this.tables = tables;
        this.space = space;
        this.commands = commands;
        this.iova = iova;
        this.guestPhysical = guestPhysical;
        this.bytes = bytes;
        this.protection = protection;
    }

    private int allocateRoot() {
        long page = tables.memory().allocate(1);
        if (page == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        space.root.set(page);
        return 0;
    }

    private void writeEntry(int half) {
        tables.writeHalf(space.sid, half, tables.entry(space.sid));
    }

    /** One store of the half with V and GV; the other half has nothing that counts then. */
    private void clearEntry() {
        tables.writeHalf(space.sid, 0, DteTargets.clear());
        space.attached.set(0);
    }

    private PageTable table() {
        return FORMAT.table(tables.memory(), space.root.get());
    }

    private void freeTables() {
        table().freeAll();
        space.root.set(0);
    }

    private Call<?> mapPages() {
        long storePs = tables.iommu().storePs();
        return X86Format.MAPPING.map(
                world(), table(), iova, guestPhysical, bytes, protection, storePs, this::unmapAgain);
    }

    /** The error path of a map; what hardware has cached of it meanwhile is the caller's to invalidate. */
    private Call<?> unmapAgain(long from, long length) {
        return X86Format.MAPPING.unmap(
                world(), table(), from, length, tables.iommu().storePs(), null);
    }

    private Call<?> unmapPages() {
        return unmapAgain(iova, bytes);
    }

    private void detachCommands() {
        space.attached.set(0);
        answer(Cmd.allPages1());
    }

    private void unmapCommands() {
        answer(Flushes.pages(iova, bytes));
    }

    /** The unit's caches, and behind that the device's own; whether that is on is not the guest's to know. */
    private void answer(long range) {
        if (commands == null) {
            return;
        }
        int id = space.sid;
        boolean guest = space.pasid != AmdIommu.NO_PASID;
        long pages = Cmd.invalidateIommuPages0(tables.device(id).did.get(), space.pasid);
        long iotlb = Cmd.invalidateIotlbPages0(id, id, 0, space.pasid);
        long flags = Cmd.GN.mask() | Cmd.PDE.mask();
        commands.set(UserData.ofWords(
                NestedInvalidate.DATA_TYPE, pages, range | flags, iotlb, range | (guest ? Cmd.GN.mask() : 0)));
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.GuestChange;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.hw.pgtable.X86Guest;
import org.iommusim.hw.pgtable.X86GuestOp;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.PasidEntry;

/** The programs of {@link VtdGuest}, and their frame. They run on a vCPU and store into guest memory only. */
final class GuestOp extends X86GuestOp {
    private static final Footprint SPACE = Footprint.of(Touches.GUEST);
    private static final Footprint MEMORY = PageTable.PAGES.and(Touches.GUEST, Touches.UNIT);

    static final Program<GuestOp> ATTACH = Program.<GuestOp>named("guest intel_iommu_attach_device")
            .check("PASID in range", f -> f.space.pasid < GuestTables.pasids(), Errno.EINVAL)
            .check("not attached", SPACE, f -> f.space.root.get() == 0, Errno.EBUSY)
            .attempt(
                    "iommu_context_addr", HostCost.ALLOCATE, MEMORY, f -> memory(f.tables.addContextTable(f.space.sid)))
            .attempt(
                    "device_pasid_table_setup",
                    HostCost.ALLOCATE,
                    MEMORY,
                    f -> memory(f.tables.addDirectory(f.space.sid)))
            .attempt("intel_pasid_get_entry", HostCost.ALLOCATE, MEMORY, GuestOp::findOrAdd)
            .take(
                    "pt_iommu_init",
                    HostCost.ALLOCATE,
                    MEMORY,
                    GuestOp::allocateRoot,
                    Undo.onFailure("pt_iommu_deinit", MEMORY, GuestOp::freeTables))
            .attempt("ida_alloc_range", HostCost.ATOMIC, MEMORY, GuestOp::allocateId)
            .loop(
                    "PASID entry words left",
                    f -> f.next.get() < PasidEntry.WORDS,
                    p -> p.step("write PASID entry word", HostCost.TABLE_STORE, MEMORY, GuestOp::writeWord))
            .step("dma_wmb", HostCost.BARRIER, Footprint.LOCAL, f -> {})
            .step("pasid_set_present", HostCost.TABLE_STORE, MEMORY, f -> f.write(0, f.entry()[0]))
            .step("attached", HostCost.FREE, SPACE, f -> f.space.attached.set(1))
            .build();

    static final Program<GuestOp> DETACH = Program.<GuestOp>named("guest device_block_translation")
            .check("attached", SPACE, f -> f.space.attached.get() != 0, Errno.ENOENT)
            .step("pasid_clear_present", HostCost.TABLE_STORE, MEMORY, GuestOp::clearPresent)
            .step("flush PASID cache and PASID IOTLB", HostCost.LOCAL, SPACE, GuestOp::detachCommands)
            .build();

    static final Program<GuestOp> FREE = Program.<GuestOp>named("guest intel_iommu_domain_free")
            .check("detached", SPACE, f -> f.space.attached.get() == 0 && f.space.root.get() != 0, Errno.EBUSY)
            .step("pasid_clear_entry", HostCost.TABLE_STORE, MEMORY, GuestOp::clearEntry)
            .step("pt_iommu_deinit", HostCost.ALLOCATE, MEMORY, GuestOp::freeTables)
            .step("ida_free", HostCost.ATOMIC, MEMORY, GuestOp::freeId)
            .build();

    static final Program<GuestOp> MAP = map(SPACE);

    static final Program<GuestOp> UNMAP = Program.<GuestOp>named("guest iommu_unmap")
            .check("attached", SPACE, f -> f.space.root.get() != 0, Errno.ENOENT)
            .invoke("unmap_pages", GuestOp::unmapPages)
            .step("flush PASID IOTLB", HostCost.LOCAL, SPACE, GuestOp::unmapCommands)
            .build();

    static final X86Guest.Programs<GuestOp> PROGRAMS = new X86Guest.Programs<>(ATTACH, DETACH, FREE, MAP, UNMAP);

    private final GuestTables tables;
    private final LongCell address = num();
    /** Next word of the PASID entry. */
    private final IntCell next;

    GuestOp(GuestTables tables, GuestChange change) {
        super(tables.iommu().world(), change, tables.memory(), tables.iommu().storePs());
        this.tables = tables;
        next = new IntCell(world(), FRAME, world().nextScratch(), 1);
    }

    private static int memory(boolean there) {
        return there ? 0 : Errno.ENOMEM;
    }

    private int findOrAdd() {
        address.set(tables.findOrAdd(space.sid, space.pasid));
        return memory(address.get() != 0);
    }

    private int allocateId() {
        int id = tables.domainIds.allocate(
                IntelIommu.FIRST_DID, tables.iommu().cap().domainIds() - 1);
        space.did.set(id == IdPool.NONE ? 0 : id);
        return id == IdPool.NONE ? Errno.ENOSPC : 0;
    }

    private long[] entry() {
        return PasidEntry.firstStage(space.root.get(), X86Format.LEVELS, space.did.get());
    }

    private void writeWord() {
        int word = next.get();
        write(word, entry()[word]);
        next.set(word + 1);
    }

    private void write(int word, long value) {
        tables.memory().write(address.get() + 8L * word, value);
    }

    private void clearPresent() {
        address.set(tables.find(space.sid, space.pasid));
        write(0, PasidEntry.P.with(tables.memory().read(address.get()), 0));
        space.attached.set(0);
    }

    private void clearEntry() {
        address.set(tables.find(space.sid, space.pasid));
        for (int word = 0; word < PasidEntry.WORDS; word++) {
            write(word, 0);
        }
    }

    private void freeId() {
        tables.domainIds.free(space.did.get());
        space.did.set(0);
    }

    private void detachCommands() {
        answer(0, NestedInvalidate.ALL_PAGES, 0);
    }

    /** The smallest aligned power of two of pages, as the descriptor says it. */
    private void unmapCommands() {
        int order = CacheFlush.order(change.iova(), change.bytes());
        answer(change.iova() & -1L << order + PageTable.PAGE_SHIFT, 1L << order, NestedInvalidate.LEAF);
    }

    private void answer(long first, long pages, long flags) {
        answer(UserData.ofWords(NestedInvalidate.TYPE, first, pages, flags));
    }
}

package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.driver.UserData;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.World;

/** Frame of the programs of an {@link X86Guest}: the table of one address space. They store into guest memory only. */
public abstract class X86GuestOp extends Frame {
    private static final X86Format FORMAT = new X86Format(1);

    /** What is to be done. */
    protected final GuestChange change;
    /** The address space. */
    protected final GuestSpace space;

    private final TableMemory memory;
    private final long storePs;

    /**
     * A frame.
     *
     * @param memory guest memory, by guest physical addresses
     * @param storePs what storing an entry takes, in ps
     */
    protected X86GuestOp(World world, GuestChange change, TableMemory memory, long storePs) {
        super(world);
        this.change = change;
        this.memory = memory;
        this.storePs = storePs;
        space = change.space();
    }

    /** The guest's {@code iommu_map}; {@code space} is what the guest driver's state is kept in. */
    protected static <F extends X86GuestOp> Program<F> map(Footprint space) {
        return Program.<F>named("guest iommu_map")
                .check("attached", space, f -> f.space.root.get() != 0, Errno.ENOENT)
                .invoke("map_pages", X86GuestOp::mapPages)
                .build();
    }

    /** {@code pt_iommu_init}: an empty table. Error: ENOMEM. */
    protected final int allocateRoot() {
        long page = memory.allocate(1);
        if (page == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        space.root.set(page);
        return 0;
    }

    /** {@code pt_iommu_deinit}: the table and all below it. */
    protected final void freeTables() {
        table().freeAll();
        space.root.set(0);
    }

    private PageTable table() {
        return FORMAT.table(memory, space.root.get());
    }

    private Call<?> mapPages() {
        return X86Format.MAPPING.map(
                world(),
                table(),
                change.iova(),
                change.guestPhysical(),
                change.bytes(),
                change.protection(),
                storePs,
                this::unmapAgain);
    }

    /** The error path of a map; what hardware has cached of it meanwhile is the caller's to invalidate. */
    private Call<?> unmapAgain(long from, long length) {
        return X86Format.MAPPING.unmap(world(), table(), from, length, storePs, null);
    }

    /** Takes the range out of the table; tables stay. */
    protected final Call<?> unmapPages() {
        return unmapAgain(change.iova(), change.bytes());
    }

    /** Says which commands invalidate, if anybody asks. */
    protected final void answer(UserData commands) {
        if (change.commands() != null) {
            change.commands().set(commands);
        }
    }
}

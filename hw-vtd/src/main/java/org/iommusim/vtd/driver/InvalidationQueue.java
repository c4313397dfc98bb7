package org.iommusim.vtd.driver;

import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.iommusim.vtd.spec.Reg;

/**
 * The driver's side of the invalidation queue: {@code struct q_inval}. Beside the ring there is a word for each slot that
 * says what became of it; hardware writes {@link #DONE} into that of a wait descriptor.
 */
final class InvalidationQueue {
    /** QI_LENGTH: slots of the ring, whatever their size. */
    static final int SLOTS = 256;

    /** State of a slot: nobody's (QI_FREE). */
    static final int FREE = 0;
    /** State of a slot: submitted (QI_IN_USE). */
    static final int IN_USE = 1;
    /** State of a slot: hardware has completed the wait descriptor in it (QI_DONE). */
    static final int DONE = 2;
    /** State of a slot: hardware has given it up (QI_ABORT). */
    static final int ABORT = 3;

    private final IntelIommu iommu;
    /** {@code q_lock}. */
    final Lock lock;

    private final LongCell descriptors;
    private final LongCell states;
    private final IntCell freeHead;
    private final IntCell freeTail;
    private final IntCell freeCount;

    InvalidationQueue(IntelIommu iommu, World world, String name) {
        this.iommu = iommu;
        lock = new Lock(world, name + " q_lock", Lock.Kind.SPIN);
        long id = world.nextInstance();
        descriptors = new LongCell(world, Touches.QI, id, 0);
        states = new LongCell(world, Touches.QI, id + (1L << 40), 0);
        freeHead = new IntCell(world, Touches.QI, id + (2L << 40), 0);
        freeTail = new IntCell(world, Touches.QI, id + (3L << 40), 0);
        freeCount = new IntCell(world, Touches.QI, id + (4L << 40), SLOTS);
    }

    /** Allocates ring and states ({@code dmar_enable_qi}); false without memory. */
    boolean allocate() {
        int pages = (SLOTS << slotShift()) / PhysicalMemory.PAGE_BYTES;
        PageAllocator allocator = iommu.host().pages();
        long ring = allocator.allocate(PageOwner.KERNEL, pages, pages);
        long words = allocator.allocate(PageOwner.KERNEL);
        if (ring < 0 || words < 0) {
            return false;
        }
        descriptors.set(ring);
        states.set(words);
        return true;
    }

    /** Value of IQA: 256 slots, of 256 bits in scalable mode. */
    long baseRegister() {
        return descriptors.get() | (iommu.scalable() ? Reg.IQA_DW | 1 : 0);
    }

    /** log2 of the bytes of a slot ({@code qi_shift}). */
    int slotShift() {
        return iommu.scalable() ? 5 : 4;
    }

    /** True if so many slots can be taken, and one more stays unused. Call with the lock held, or only as a poll. */
    boolean hasRoom(int slots) {
        return freeCount.get() >= slots + 1;
    }

    /** Takes slots, marks them as in use; the first of them. Call with the lock held. */
    int take(int slots) {
        int first = freeHead.get();
        for (int i = 0; i < slots; i++) {
            setState(slot(first, i), IN_USE);
        }
        freeHead.set(slot(first, slots));
        freeCount.add(-slots);
        return first;
    }

    /** Gives slots back; those behind older ones in use follow when these are free ({@code reclaim_free_desc}). */
    void giveBack(int first, int slots) {
        for (int i = 0; i < slots; i++) {
            setState(slot(first, i), FREE);
        }
        while (freeCount.get() < SLOTS && state(freeTail.get()) == FREE) {
            freeTail.set(slot(freeTail.get(), 1));
            freeCount.add(1);
        }
    }

    /** The slot some way behind another one, or before it. */
    static int slot(int first, int distance) {
        return Math.floorMod(first + distance, SLOTS);
    }

    /** Writes a descriptor; the upper half of a wide one is zero. */
    void write(int slot, long w0, long w1) {
        long at = address(slot);
        iommu.memory().write64(at, w0);
        iommu.memory().write64(at + 8, w1);
        if (iommu.scalable()) {
            iommu.memory().write64(at + 16, 0);
            iommu.memory().write64(at + 24, 0);
        }
    }

    /** Copies a descriptor over another one. */
    void copy(int from, int to) {
        write(to, iommu.memory().read64(address(from)), iommu.memory().read64(address(from) + 8));
    }

    private long address(int slot) {
        return descriptors.get() + ((long) slot << slotShift());
    }

    /** Where the state of a slot is. */
    long stateAddress(int slot) {
        return states.get() + 4L * slot;
    }

    /** What became of a slot. */
    int state(int slot) {
        return (int) iommu.memory().read(stateAddress(slot), 4);
    }

    void setState(int slot, int state) {
        iommu.memory().write(stateAddress(slot), 4, state);
    }

    /** Value of IQT behind the last slot taken. */
    long tailRegister() {
        return (long) freeHead.get() << slotShift();
    }

    /** The slot that a value of IQH or IQT points at. */
    int slotOf(long register) {
        return (int) (register >>> slotShift()) % SLOTS;
    }

    /** Submits descriptors and waits until they are complete ({@code qi_submit_sync}). Errors: EINVAL, ETIMEDOUT. */
    Call<?> submit(EntryList list) {
        return QiSubmit.call(iommu, list, false);
    }

    /** Submits one descriptor and waits until it is complete. */
    Call<?> submit(long w0, long w1) {
        return submit(EntryList.of(w0, w1));
    }

    /** As {@link #submit(EntryList)}, and page requests are drained too (QI_OPT_WAIT_DRAIN). */
    Call<?> submitDrainingRequests(EntryList list) {
        return QiSubmit.call(iommu, list, true);
    }
}

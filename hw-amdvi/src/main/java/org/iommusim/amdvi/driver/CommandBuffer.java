package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;

/**
 * The driver's side of the command buffer: the fields of {@code struct amd_iommu} that {@code iommu->lock} protects, and the
 * word into which hardware writes the sequence numbers of completed waits.
 */
final class CommandBuffer {
    /** log2 of the entries of the ring: CMD_BUFFER_SIZE is 8192 bytes. */
    private static final int LENGTH_LOG2 = 9;

    private static final int BYTES = Cmd.BYTES << LENGTH_LOG2;
    /** So many bytes of the ring stay unused. */
    private static final int SPARE = 0x20;

    private final AmdIommu iommu;
    /** {@code iommu->lock}. */
    final Lock lock;

    private final LongCell base;
    private final LongCell semaphore;
    private final LongCell sequence;
    private final IntCell tail;
    private final IntCell head;
    private final IntCell needSync;

    CommandBuffer(AmdIommu iommu, World world, String name) {
        this.iommu = iommu;
        lock = new Lock(world, name + " iommu->lock", Lock.Kind.SPIN);
        long id = world.nextInstance();
        base = new LongCell(world, Touches.UNIT, id, 0);
        semaphore = new LongCell(world, Touches.UNIT, id + (1L << 40), 0);
        sequence = new LongCell(world, Touches.COMMANDS, id + (2L << 40), 0);
        tail = new IntCell(world, Touches.COMMANDS, id + (3L << 40), 0);
        head = new IntCell(world, Touches.COMMANDS, id + (4L << 40), 0);
        needSync = new IntCell(world, Touches.COMMANDS, id + (5L << 40), 0);
    }

    /** Allocates ring and semaphore ({@code alloc_command_buffer}, {@code alloc_cwwb_sem}); false without memory. */
    boolean allocate() {
        PageAllocator allocator = iommu.host().pages();
        int pages = BYTES / PhysicalMemory.PAGE_BYTES;
        long ring = allocator.allocate(PageOwner.KERNEL, pages, pages);
        long word = allocator.allocate(PageOwner.KERNEL);
        if (ring < 0 || word < 0) {
            return false;
        }
        base.set(ring);
        semaphore.set(word);
        return true;
    }

    /** Value of CmdBufBase. */
    long baseRegister() {
        return Reg.LEN.with(base.get(), LENGTH_LOG2);
    }

    /** Where hardware writes the sequence number of a wait ({@code cmd_sem}). */
    long semaphoreAddress() {
        return semaphore.get();
    }

    /** {@code cmd_sem_val}: the last sequence number given out. */
    long sequence() {
        return sequence.get();
    }

    /** {@code get_cmdsem_val}: the next sequence number. */
    long nextSequence() {
        sequence.set(sequence.get() + 1);
        return sequence.get();
    }

    /** Hardware has written this sequence number, or a later one. */
    boolean reached(long data) {
        return iommu.memory().read64(semaphore.get()) - data >= 0;
    }

    /** {@code need_sync}: a command is queued behind the last wait. */
    boolean needSync() {
        return needSync.get() != 0;
    }

    void needSync(boolean needed) {
        needSync.set(needed ? 1 : 0);
    }

    /** True if a command fits by what the driver knows of the head. */
    boolean hasRoom() {
        int next = (tail.get() + Cmd.BYTES) % BYTES;
        return Math.floorMod(head.get() - next, BYTES) > SPARE;
    }

    /** True if a command fits by what hardware says. */
    boolean hasRoomNow() {
        head.set((int) iommu.read64(Reg.CMD_HEAD));
        return hasRoom();
    }

    /** {@code copy_cmd_to_buffer}. */
    void copy(long w0, long w1) {
        iommu.memory().write64(base.get() + tail.get(), w0);
        iommu.memory().write64(base.get() + tail.get() + 8, w1);
        tail.set((tail.get() + Cmd.BYTES) % BYTES);
    }

    /** Value of CmdTail. */
    long tailRegister() {
        return tail.get();
    }

    /** Queues a command. Error: EIO. */
    Call<?> queue(long w0, long w1) {
        return QueueCommand.call(iommu, w0, w1);
    }

    /** Waits until all commands that are queued so far are complete. Error: EIO. */
    Call<?> completionWait() {
        return CompletionWait.call(iommu);
    }
}

package org.iommusim.smmuv3.driver;

import org.iommusim.hw.queue.RingIndex;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;

/**
 * The driver's side of the command queue. Positions are counted from the start and never wrap; the index and wrap bit
 * that the hardware knows are their low bits. Because there is never more in the queue than fits, the position up to
 * which commands are consumed follows from CONS exactly, however often the ring went round between two polls.
 */
final class CommandQueue {
    private final ArmSmmu smmu;
    /** Serializes producers: from the reservation of entries to the PROD write. */
    final Lock lock;

    private final LongCell base;
    private final IntCell log2Size;
    private final LongCell prod;

    CommandQueue(ArmSmmu smmu, World world, String name) {
        this.smmu = smmu;
        lock = new Lock(world, name + " cmdq->lock", Lock.Kind.SPIN);
        long id = world.nextInstance();
        base = new LongCell(world, Touches.CMDQ, id, 0);
        log2Size = new IntCell(world, Touches.CMDQ, id + (1L << 40), 0);
        prod = new LongCell(world, Touches.CMDQ, id + (2L << 40), 0);
    }

    /** The queue's memory is there. */
    void allocated(long address, int log2) {
        base.set(address);
        log2Size.set(log2);
    }

    /** Value of CMDQ_BASE. */
    long baseRegister() {
        return base.get() | log2Size.get() | Reg.Q_BASE_RWA;
    }

    /** Entries of the ring. */
    int entries() {
        return 1 << log2Size.get();
    }

    /** How many more commands fit now; reads CONS. */
    int room() {
        return entries() - (int) (prod.get() - consumed());
    }

    /** Position behind the last consumed command; reads CONS. */
    long consumed() {
        int cons = (int) smmu.read32(Reg.CMDQ_CONS) & Reg.Q_INDEX;
        return prod.get() - RingIndex.used(index(prod.get()), cons, log2Size.get());
    }

    /** Takes {@code count} entries: the position of the first. Call with the lock held. */
    long reserve(int count) {
        long first = prod.get();
        prod.set(first + count);
        return first;
    }

    /** Writes the command at a position. */
    void write(long position, long w0, long w1) {
        smmu.memory().write64(address(position), w0);
        smmu.memory().write64(address(position) + 8, w1);
    }

    /** Address of the command at a position. */
    long address(long position) {
        return base.get() + ((long) RingIndex.entry(index(position), log2Size.get()) << Cmd.SHIFT);
    }

    /** Address of the command that CONS points at. */
    long consumerAddress(int cons) {
        return base.get() + ((long) RingIndex.entry(cons, log2Size.get()) << Cmd.SHIFT);
    }

    /** Index and wrap bit of a position. */
    int index(long position) {
        return (int) (position & (2L << log2Size.get()) - 1);
    }

    /** True once the CMD_SYNC at a position is complete: its MSI has cleared it, or CONS has passed it. */
    boolean synced(long position) {
        boolean msi = smmu.syncByMsi() && smmu.memory().read64(address(position)) << 32 == 0;
        return msi || consumed() > position;
    }

    /** Issues commands and, if wanted, waits until they are complete. Error: ETIMEDOUT. */
    Call<?> issue(CommandList commands, boolean sync) {
        return CmdqIssue.call(smmu, commands, sync);
    }

    /** Issues one command and waits until it is complete. */
    Call<?> issue(long w0, long w1) {
        return issue(CommandList.of(w0, w1), true);
    }
}

package org.iommusim.smmuv3.driver;

import org.iommusim.hw.queue.RingIndex;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;

/** The driver's side of the event queue. */
final class EventQueue {
    private final ArmSmmu smmu;
    private final LongCell base;
    private final IntCell log2Size;
    /** {@code llq.cons}: index, wrap bit and OVACKFLG as last written. */
    private final IntCell cons;
    /** Records taken out so far. */
    private final LongCell taken;
    /** How often records were lost. */
    private final LongCell overflows;

    EventQueue(ArmSmmu smmu, World world) {
        this.smmu = smmu;
        long id = world.nextInstance();
        base = new LongCell(world, Touches.EVTQ, id, 0);
        log2Size = new IntCell(world, Touches.EVTQ, id + (1L << 40), 0);
        cons = new IntCell(world, Touches.EVTQ, id + (2L << 40), 0);
        taken = new LongCell(world, Touches.EVTQ, id + (3L << 40), 0);
        overflows = new LongCell(world, Touches.EVTQ, id + (4L << 40), 0);
    }

    /** The queue's memory is there. */
    void allocated(long address, int log2) {
        base.set(address);
        log2Size.set(log2);
    }

    /** Value of EVENTQ_BASE. */
    long baseRegister() {
        return base.get() | log2Size.get() | Reg.Q_BASE_RWA;
    }

    /** EVENTQ_PROD as it is now. */
    int readProd() {
        return (int) smmu.read32(Reg.EVENTQ_PROD);
    }

    /** True if everything up to {@code prod} is taken out. */
    boolean empty(int prod) {
        return RingIndex.empty(prod, cons.get(), log2Size.get());
    }

    /** Address of the next record. */
    long next() {
        return base.get() + ((long) RingIndex.entry(cons.get(), log2Size.get()) << Event.SHIFT);
    }

    /** {@code queue_inc_cons} and {@code queue_sync_cons_out}: the record's place may be used again. */
    void advance() {
        int flag = cons.get() & Reg.Q_OVERFLOW;
        cons.set(flag | RingIndex.next(cons.get() & Reg.Q_INDEX, log2Size.get()));
        taken.add(1);
        smmu.write32(Reg.EVENTQ_CONS, cons.get());
    }

    /** True if {@code prod} says that records were lost since the last acknowledgement. */
    boolean overflowed(int prod) {
        return ((prod ^ cons.get()) & Reg.Q_OVERFLOW) != 0;
    }

    /** {@code queue_sync_cons_ovf}: acknowledges the overflow. */
    void acknowledgeOverflow(int prod) {
        overflows.add(1);
        cons.set(cons.get() & ~Reg.Q_OVERFLOW | prod & Reg.Q_OVERFLOW);
        smmu.write32(Reg.EVENTQ_CONS, cons.get());
    }

    long taken() {
        return taken.get();
    }

    long overflows() {
        return overflows.get();
    }
}

package org.iommusim.sim.event;

/**
 * The choice of a timed run: the earliest event of all lanes; ties go by {@link Phase}, then by insertion (FIFO, or
 * reversed for models that must tick as gem5 does).
 */
public final class TimedChoice implements LaneChoice {
    /** Bits of the ordering key below the time: as many as the phases need. */
    private static final int PHASE_BITS = Integer.SIZE - Integer.numberOfLeadingZeros(Phase.values().length - 1);

    private final EventQueue queue;

    /** Orders ties first in, first out. */
    public TimedChoice() {
        this(TieOrder.FIFO);
    }

    /** Orders ties as told. */
    public TimedChoice(TieOrder ties) {
        this(new NearEventQueue(ties, 1 << 10));
    }

    /** Uses this queue; for comparing implementations. */
    public TimedChoice(EventQueue queue) {
        this.queue = queue;
    }

    @Override
    public void added(int slot, Lane lane, long timePs) {
        long key = timePs << PHASE_BITS | lane.phase().ordinal();
        // What software causes in hardware in the very same picosecond cannot come before the software did it.
        queue.add(slot, Math.max(key, queue.lastKey()));
    }

    @Override
    public void cancelled(int slot) {
        queue.remove(slot);
    }

    @Override
    public int next(Scheduler scheduler) {
        int slot = queue.poll();
        return slot == EventQueue.NONE ? 0 : slot;
    }

    @Override
    public long nextTime() {
        long key = queue.peekKey();
        return key == Long.MAX_VALUE ? Long.MAX_VALUE : key >> PHASE_BITS;
    }
}

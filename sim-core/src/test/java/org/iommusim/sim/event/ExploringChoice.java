package org.iommusim.sim.event;

import java.util.function.IntUnaryOperator;

/**
 * The choice of an exploration: the head of any lane. Times are labels only. Lanes of {@link Phase#TIMEOUT} may run only
 * when no other lane has anything to do, so that a timeout fires only where the wait is stuck.
 *
 * <p>Alternatives are numbered by the order in which lanes were made, so that a choice list means the same in every run.
 */
public final class ExploringChoice implements LaneChoice {
    private final IntUnaryOperator source;

    /** Lets {@code source} choose: it is told how many alternatives there are, at least 2, and answers one of them. */
    public ExploringChoice(IntUnaryOperator source) {
        this.source = source;
    }

    @Override
    public void added(int slot, Lane lane, long timePs) {}

    @Override
    public void cancelled(int slot) {}

    @Override
    public int next(Scheduler scheduler) {
        int enabled = count(scheduler, false);
        boolean timeouts = enabled == 0;
        if (timeouts) {
            enabled = count(scheduler, true);
            if (enabled == 0) {
                return 0;
            }
        }
        // A forced move is no choice: it would only make lists longer.
        int chosen = enabled == 1 ? 0 : source.applyAsInt(enabled);
        for (Lane lane : scheduler.lanes()) {
            if (eligible(lane, timeouts) && chosen-- == 0) {
                return lane.head();
            }
        }
        throw new AssertionError("the chosen lane vanished");
    }

    private static int count(Scheduler scheduler, boolean timeouts) {
        int n = 0;
        for (Lane lane : scheduler.lanes()) {
            if (eligible(lane, timeouts)) {
                n++;
            }
        }
        return n;
    }

    private static boolean eligible(Lane lane, boolean timeouts) {
        return timeouts == (lane.phase() == Phase.TIMEOUT) && !lane.isEmpty();
    }

    @Override
    public long nextTime() {
        return 0;
    }

    @Override
    public boolean timed() {
        return false;
    }
}

package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * Which transition of the present schedule comes before which, whatever equivalent order they run in: a vector clock per
 * event. Entry {@code x} of an event's clock is the number of events of lane {@code x} that come before it, itself
 * included; so clocks do not depend on the order in which independent events ran.
 *
 * <p>Events are numbered by their place in the schedule, lanes as in {@link LaneNumbers}.
 */
final class HappensBefore {
    private static final int STRIDE = LaneNumbers.MOST;
    private static final int NONE = -1;

    private final LaneNumbers lanes;
    private final EventList direct = new EventList();
    private final AccessHistory accesses = new AccessHistory();
    private final int[] newest = new int[STRIDE];
    private final int[] first = new int[STRIDE];
    private int[] clocks = new int[64 * STRIDE];
    private int[] laneOf = new int[64];
    private int[] sequence = new int[64];
    private int[] before = new int[64];
    /** The last event up to each that depends on everything. */
    private int[] barrier = new int[64];

    private int events;
    /** Columns of the clocks that are in use. */
    private int columns;

    HappensBefore(LaneNumbers lanes) {
        this.lanes = lanes;
        Arrays.fill(newest, NONE);
    }

    /** What the events touched. */
    AccessHistory accesses() {
        return accesses;
    }

    /** Number of events. */
    int events() {
        return events;
    }

    /** The lane of an event. */
    int lane(int event) {
        return laneOf[event];
    }

    /** The event before this one of the same lane, or -1. */
    int previous(int event) {
        return before[event];
    }

    /** True if the event depends on everything. */
    boolean isBarrier(int event) {
        return barrier[event] == event;
    }

    /** An entry of an event's clock. */
    int clock(int event, int lane) {
        return clocks[event * STRIDE + lane];
    }

    /** True if {@code earlier}, which has a smaller number, comes before {@code event} in every equivalent order. */
    boolean ordered(int earlier, int event) {
        return clocks[event * STRIDE + laneOf[earlier]] >= sequence[earlier];
    }

    /**
     * Adds the next event, ordered so far only behind the earlier events of its lane.
     *
     * @param dependsOnAll true if it depends on every other transition
     * @return the events on which it depends directly, of any lane, newest first; {@link #order} makes them come before
     *     it; valid until the next event
     */
    EventList add(int lane, Accesses touched, boolean dependsOnAll) {
        int event = events++;
        makeRoom(event);
        int previous = newest[lane];
        before[event] = previous;
        newest[lane] = event;
        laneOf[event] = lane;
        sequence[event] = previous == NONE ? 1 : sequence[previous] + 1;
        int row = event * STRIDE;
        if (previous == NONE) {
            Arrays.fill(clocks, row, row + columns, 0);
        } else {
            System.arraycopy(clocks, previous * STRIDE, clocks, row, columns);
        }
        clocks[row + lane] = sequence[event];
        accesses.add(touched);
        int last = event == 0 ? NONE : barrier[event - 1];
        barrier[event] = dependsOnAll ? event : last;
        collect(lane, last, dependsOnAll);
        return direct;
    }

    private void collect(int lane, int lastBarrier, boolean dependsOnAll) {
        direct.clear();
        if (dependsOnAll) {
            for (int other = 0; other < columns; other++) {
                if (other != lane && newest[other] != NONE) {
                    direct.add(newest[other]);
                }
            }
        } else {
            accesses.dependences(direct);
            if (lastBarrier != NONE) {
                direct.add(lastBarrier);
            }
        }
    }

    private void makeRoom(int event) {
        if (event == laneOf.length) {
            laneOf = Arrays.copyOf(laneOf, 2 * event);
            sequence = Arrays.copyOf(sequence, 2 * event);
            before = Arrays.copyOf(before, 2 * event);
            barrier = Arrays.copyOf(barrier, 2 * event);
            clocks = Arrays.copyOf(clocks, 2 * event * STRIDE);
        }
        if (columns < lanes.count()) {
            for (int row = 0; row < clocks.length; row += STRIDE) {
                Arrays.fill(clocks, row + columns, row + lanes.count(), 0);
            }
            columns = lanes.count();
        }
    }

    /** The last event comes after an earlier one, and after all that comes before that. */
    void order(int earlier) {
        int from = earlier * STRIDE;
        int to = (events - 1) * STRIDE;
        for (int i = 0; i < columns; i++) {
            if (clocks[to + i] < clocks[from + i]) {
                clocks[to + i] = clocks[from + i];
            }
        }
    }

    /** Takes back all events from this one on. */
    void backTo(int event) {
        while (events > event) {
            events--;
            newest[laneOf[events]] = before[events];
        }
        accesses.backTo(event);
    }

    /**
     * How the last event could come before an earlier one on which it depends: the lanes that may be the first of those
     * events between the two that do not come after the earlier one, and the last event itself.
     *
     * @param covered lanes that need no look: if one of them is in the answer, the answer is empty
     */
    long initials(int earlier, long covered) {
        int last = events - 1;
        long seen = 0;
        long initials = 0;
        for (int event = earlier + 1; event <= last; event++) {
            int lane = laneOf[event];
            if ((seen & 1L << lane) == 0 && (event == last || !ordered(earlier, event))) {
                if (comesFirst(event, seen)) {
                    initials |= 1L << lane;
                    if ((initials & covered) != 0) {
                        return 0;
                    }
                }
                seen |= 1L << lane;
                first[lane] = sequence[event];
            }
        }
        return initials;
    }

    /** True if no lane of a set has its event {@link #first} before this one. */
    private boolean comesFirst(int event, long set) {
        for (long rest = set; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            if (clocks[event * STRIDE + lane] >= first[lane]) {
                return false;
            }
        }
        return true;
    }
}

package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * The depth-first walk of {@link SourceDpor}: at each depth it runs only those lanes that some later race asks for.
 *
 * <p>Source sets after Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order reduction" (POPL 2014),
 * algorithm 1, with four additions. They assume that a transition touches the same variables wherever it runs; a
 * transition here is a piece of a program that may read one variable and touch others or not, by what it reads. So where the
 * later of two racing transitions has read what the earlier one wrote, nothing can be said about what it would do before
 * that, and all lanes are run there. A transition that makes another lane's pending transition go away (a timer that is
 * cancelled, a lock that is taken) races with that, which cannot be seen later. A lane that was not enabled and becomes so
 * by a transition is ordered behind it, and this order cannot be turned around. A violation ends everything, so it depends
 * on everything.
 */
final class DporWalk {
    /** Transitions between two looks at the listener. */
    private static final int BETWEEN_LOOKS = 512;

    private final Cursor cursor;
    private final Subject subject;
    private final Bounds bounds;
    private final ExploreProgress progress;
    private final @Nullable ScheduleListener listener;
    private final boolean sleepSetsOnly;

    private final LaneNumbers lanes = new LaneNumbers();
    private final HappensBefore order = new HappensBefore(lanes);
    private final SleepSets sleep = new SleepSets();
    private final EventList races = new EventList();

    /** By depth, sets of lanes: those enabled, those to be run (the source set so far), those that were run. */
    private long[] enabled = new long[64];

    private long[] wanted = new long[64];
    private long[] tried = new long[64];

    private int depth;
    private long schedules;
    private long blocked;
    private long transitions;
    private int longest;
    private @Nullable Counterexample found;
    private @Nullable Stop stopped;

    DporWalk(
            Cursor cursor,
            Bounds bounds,
            ExploreProgress progress,
            @Nullable ScheduleListener listener,
            boolean sleepSetsOnly) {
        this.cursor = cursor;
        this.subject = cursor.subject();
        this.bounds = bounds;
        this.progress = progress;
        this.listener = listener;
        this.sleepSetsOnly = sleepSetsOnly;
        subject.recordAccesses(true);
    }

    /** Runs everything that is not a reordering of something else. */
    void run() {
        cursor.backTo(0);
        sleep.open();
        depth = 0;
        boolean open = arrive();
        while (open && stopped == null && (found == null || listener != null)) {
            long left = wanted[depth] & ~(tried[depth] | sleep.asleep(depth));
            if (left != 0) {
                forward(choose(left));
            } else {
                open = back();
            }
        }
    }

    /** The lane that ran last if it can go on, to switch as little as possible; else the last one, though any would do. */
    private int choose(long from) {
        if (depth > 0) {
            int last = order.lane(depth - 1);
            if ((from & 1L << last) != 0) {
                return last;
            }
        }
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(from);
    }

    private void forward(int lane) {
        int number = lanes.lane(lane);
        cursor.settle();
        boolean dependsOnAll = subject.dependsOnAll(number);
        if (depth == bounds.maxDepth()) {
            throw new IllegalStateException("a schedule is longer than " + bounds.maxDepth()
                    + " transitions: this search needs schedules that end; the stateful search does not");
        }
        tried[depth] |= 1L << lane;
        boolean right = cursor.step(number);
        if (++transitions % BETWEEN_LOOKS == 0) {
            report();
        }
        boolean barrier = dependsOnAll || !right;
        orderAndReverse(lane, barrier);
        if (right) {
            descend(barrier);
        } else {
            // It ends the schedule, so each other lane's pending transition is lost and races with it.
            wanted[depth] |= enabled[depth];
            depth++;
            ended(true);
            leave(true);
        }
    }

    /** Goes below the transition that just ran. */
    private void descend(boolean barrier) {
        int[] room = cursor.roomForLanes();
        int count = cursor.enabled(room);
        long now = lanes.set(room, count);
        long lost = enabled[depth] & ~now;
        wanted[depth] |= lost;
        sleep.descend(depth, now, barrier, order.accesses());
        depth++;
        if (!open(now)) {
            leave(barrier);
        }
    }

    private boolean arrive() {
        int[] room = cursor.roomForLanes();
        return open(lanes.set(room, cursor.enabled(room)));
    }

    /** Opens the present depth; false if there is nothing to run there. */
    private boolean open(long now) {
        if (depth + 1 >= enabled.length) {
            makeRoom();
        }
        if (now == 0) {
            ended(!subject.end());
            return false;
        }
        long awake = now & ~sleep.asleep(depth);
        if (awake == 0) {
            blocked++;
            return false;
        }
        enabled[depth] = now;
        wanted[depth] = sleepSetsOnly ? now : 1L << choose(awake);
        tried[depth] = 0;
        return true;
    }

    private void makeRoom() {
        int length = 2 * enabled.length;
        enabled = Arrays.copyOf(enabled, length);
        wanted = Arrays.copyOf(wanted, length);
        tried = Arrays.copyOf(tried, length);
    }

    /** Leaves the present depth, where everything is done; false if it is the first one. */
    private boolean back() {
        if (depth == 0) {
            return false;
        }
        sleep.ascend(depth);
        leave(order.isBarrier(depth - 1));
        return true;
    }

    /** Goes up by one; the transition that led down goes to sleep if anything else is still to run there. */
    private void leave(boolean barrier) {
        depth--;
        cursor.backTo(depth);
        int lane = order.lane(depth);
        if (!barrier && (wanted[depth] & ~(tried[depth] | sleep.asleep(depth))) != 0) {
            sleep.add(depth, lane, order.accesses());
        }
        order.backTo(depth);
    }

    /** Puts the transition that just ran into the order, and asks for the schedules in which its races go the other way. */
    private void orderAndReverse(int lane, boolean barrier) {
        EventList direct = order.add(lane, subject.accesses(), barrier);
        if (sleepSetsOnly) {
            return;
        }
        int event = depth;
        int creator = creator(event, lane);
        if (creator >= 0) {
            order.order(creator);
        }
        races.clear();
        for (int i = 0; i < direct.size(); i++) {
            int earlier = direct.get(i);
            if (!order.ordered(earlier, event)) {
                races.add(earlier);
                order.order(earlier);
            }
        }
        for (int i = 0; i < races.size(); i++) {
            reverse(races.get(i), lane);
        }
    }

    /** The transition that made the lane's present one possible, or -1 if it always was since the lane ran last. */
    private int creator(int event, int lane) {
        int since = order.previous(event);
        for (int at = event - 1; at > since; at--) {
            if ((enabled[at] & 1L << lane) == 0) {
                return at;
            }
        }
        return -1;
    }

    private void reverse(int earlier, int lane) {
        if (order.accesses().observes(depth, earlier)) {
            wanted[earlier] |= enabled[earlier];
            return;
        }
        long initials = order.initials(earlier, wanted[earlier] | sleep.asleep(earlier)) & enabled[earlier];
        if (initials != 0) {
            wanted[earlier] |= (initials & 1L << lane) != 0 ? 1L << lane : Long.lowestOneBit(initials);
        }
    }

    private void ended(boolean violated) {
        schedules++;
        longest = Math.max(longest, depth);
        if (violated && found == null) {
            found = Counterexample.of(preemptions(), cursor.lanes(), depth, subject.violations());
        }
        if (listener != null) {
            listener.ended(cursor, violated);
        }
        if (schedules >= bounds.maxSchedules()) {
            stopped = Stop.SCHEDULES;
        }
    }

    private void report() {
        progress.update("all schedules", schedules, 0, done());
        if (progress.cancelled()) {
            stopped = Stop.CANCELLED;
        }
    }

    /**
     * About how much is done, 0 to 1: as if all alternatives at a node that are known by now had the same size. Those that
     * are found later make it smaller.
     */
    private double done() {
        double share = 1;
        double done = 0;
        for (int at = 0; at < depth; at++) {
            long alternatives = tried[at] | wanted[at] & ~sleep.asleep(at);
            share /= Long.bitCount(alternatives);
            done += share * (Long.bitCount(tried[at]) - 1);
        }
        return done;
    }

    private int preemptions() {
        int preemptions = 0;
        for (int i = 1; i < depth; i++) {
            int last = order.lane(i - 1);
            if (order.lane(i) != last && (enabled[i] & 1L << last) != 0) {
                preemptions++;
            }
        }
        return preemptions;
    }

    /** Schedules run to their end. */
    long schedules() {
        return schedules;
    }

    /** Schedules given up because everything that could go on was asleep. */
    long blocked() {
        return blocked;
    }

    /** Transitions run; those run again after going back do not count. */
    long transitions() {
        return transitions;
    }

    /** Transitions of the longest schedule. */
    int longest() {
        return longest;
    }

    /** About how many schedules there are, from those that were run; NaN if nothing can be said yet. */
    double estimate() {
        double done = done();
        return done > 0 ? schedules / done : Double.NaN;
    }

    /** The first violation; null if there was none. */
    @Nullable
    Counterexample found() {
        return found;
    }

    /** Why it had to stop before the end; null if it had not. */
    @Nullable
    Stop stopped() {
        return stopped;
    }
}

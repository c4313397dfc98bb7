package org.iommusim.sim.explore;

import java.util.function.Consumer;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * One worker of {@link SourceDpor}: a depth-first walk that runs at each depth only those lanes that some later race asks for.
 *
 * <p>Source sets after Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order reduction" (POPL 2014),
 * algorithm 1, with four additions. They assume that a transition touches the same variables wherever it runs; a
 * transition here is a piece of a program that may read one variable and touch others or not, by what it reads. So where the
 * later of two racing transitions has read what the earlier one wrote, nothing can be said about what it would do before
 * that, and all lanes are run there. A transition that makes another lane's pending transition go away (a timer that is
 * cancelled, a lock that is taken) races with that, which cannot be seen later. A lane that was not enabled and becomes so
 * by a transition is ordered behind it, and this order cannot be turned around. A violation ends everything, so it depends
 * on everything.
 *
 * <p>Lanes that are asked for above the part of the tree that it walks are asked for in the {@link DporSearch}.
 */
final class DporWalk {
    /** Transitions between two looks at the listener. */
    private static final int BETWEEN_LOOKS = 512;

    private final DporSearch search;
    private final Cursor cursor;
    private final Subject subject;
    private final Bounds bounds;
    private final boolean sleepSetsOnly;
    private final @Nullable ScheduleListener listener;
    private final Consumer<DporWalk> look;

    private final LaneNumbers lanes;
    private final HappensBefore order;
    private final SourceSets sets;
    private final SleepSets sleep = new SleepSets();
    private final EventList races = new EventList();
    private final AskedAbove asked = new AskedAbove();

    /** The part of the tree that is walked. */
    private DporChild child;
    /** The depth at which it begins; -1 for the whole tree. */
    private int base;

    private int depth = -1;
    private DporTotals totals = new DporTotals();
    private long untold;
    private long steps;

    /**
     * Makes a worker.
     *
     * @param listener hears of each schedule, one worker at a time
     * @param look is called every few hundred transitions
     */
    DporWalk(
            DporSearch search,
            Cursor cursor,
            Bounds bounds,
            boolean sleepSetsOnly,
            @Nullable ScheduleListener listener,
            Consumer<DporWalk> look) {
        this.search = search;
        this.cursor = cursor;
        this.subject = cursor.subject();
        this.bounds = bounds;
        this.sleepSetsOnly = sleepSetsOnly;
        this.listener = listener;
        this.look = look;
        child = search.root();
        lanes = new LaneNumbers(search.registry());
        order = new HappensBefore(lanes);
        sets = new SourceSets(lanes);
        subject.recordAccesses(true);
    }

    /** Takes work until there is none. */
    void work() {
        for (DporTask task = search.take(); task != null; task = search.take()) {
            begin(task);
            while (depth > base && goesOn()) {
                if (search.hungry()) {
                    part();
                }
                if (sets.isOpen(depth)) {
                    forward(sets.take(depth));
                } else {
                    back();
                }
            }
            search.done(child, totals);
        }
    }

    private boolean goesOn() {
        return !search.isOver() && !search.endsWith(totals);
    }

    private void begin(DporTask task) {
        child = task.child();
        totals = new DporTotals();
        base = task.lanes().length - 1;
        asked.forget(0, base);
        cursor.backTo(0);
        order.backTo(0);
        sleep.open();
        for (depth = 0; depth < base; depth++) {
            restore(task);
            boolean barrier = again(task.lanes()[depth]);
            sleep.descend(depth, enabled(), barrier, order.accesses());
        }
        if (base < 0) {
            depth = 0;
            depth = open(enabled()) ? 0 : -1;
        } else {
            depth = base;
            restore(task);
            forward(task.lanes()[base]);
        }
    }

    /** Knows the present depth as it was when the task was handed over: what was run there sleeps. */
    private void restore(DporTask task) {
        sets.open(depth, enabled());
        for (int elder : task.elders()[depth]) {
            sets.want(depth, elder);
            sets.take(depth);
            if (!again(elder)) {
                sleep.add(depth, elder, order.accesses());
            }
            cursor.backTo(depth);
            order.backTo(depth);
        }
        sets.want(depth, task.lanes()[depth]);
        sets.take(depth);
        sets.know(depth, task.known()[depth]);
    }

    /** Runs a transition that somebody has run before; true if it depends on everything. */
    private boolean again(int lane) {
        int number = lanes.lane(lane);
        cursor.settle();
        boolean dependsOnAll = subject.dependsOnAll(number);
        boolean barrier = !cursor.step(number) || dependsOnAll;
        order(lane, barrier);
        return barrier;
    }

    /** Somebody else has nothing to do: leaves to him what is to be run at the first depth where something is. */
    private void part() {
        int last = base + 1;
        while (last < depth && !sets.isOpen(last)) {
            last++;
        }
        if (last < depth) {
            child = search.part(child, base + 1, last, sets, sleep, lanes, totals);
            totals = new DporTotals();
            asked.forget(base + 1, last);
            base = last;
        }
    }

    private void forward(int lane) {
        int number = lanes.lane(lane);
        cursor.settle();
        boolean dependsOnAll = subject.dependsOnAll(number);
        if (depth == bounds.maxDepth()) {
            throw new IllegalStateException("a schedule is longer than " + bounds.maxDepth()
                    + " transitions: this search needs schedules that end; the stateful search does not");
        }
        boolean right = cursor.step(number);
        totals.transitions++;
        if (++steps % BETWEEN_LOOKS == 0) {
            look.accept(this);
        }
        boolean barrier = dependsOnAll || !right;
        order(lane, barrier);
        for (int i = 0; i < races.size(); i++) {
            reverse(races.get(i), lane);
        }
        if (right) {
            descend(barrier);
        } else {
            // It ends the schedule, so each other lane's pending transition is lost and races with it.
            want(depth, sets.enabled(depth), 0);
            depth++;
            ended(true);
            leave(true);
        }
    }

    /** Goes below the transition that just ran. */
    private void descend(boolean barrier) {
        long now = enabled();
        want(depth, sets.enabled(depth) & ~now, 0);
        sleep.descend(depth, now, barrier, order.accesses());
        depth++;
        if (!open(now)) {
            leave(barrier);
        }
    }

    private long enabled() {
        int[] room = cursor.roomForLanes();
        return lanes.set(room, cursor.enabled(room));
    }

    /** Opens the present depth; false if there is nothing to run there. */
    private boolean open(long now) {
        if (now == 0) {
            ended(!subject.end());
            return false;
        }
        long asleep = sleep.asleep(depth);
        long awake = now & ~asleep;
        if (awake == 0) {
            totals.blocked++;
            return false;
        }
        sets.open(depth, now);
        sets.want(depth, choose(awake));
        if (sleepSetsOnly) {
            sets.want(depth, now, asleep);
        }
        return true;
    }

    /** The lane that ran last if it can go on, to switch as little as possible; else the last one, though any would do. */
    private int choose(long from) {
        if (depth > 0) {
            int last = order.lane(depth - 1);
            if ((from & 1L << last) != 0) {
                return last;
            }
        }
        return lanes.highest(from);
    }

    /** Leaves the present depth, where everything is done. */
    private void back() {
        if (depth == 0) {
            depth = -1;
            return;
        }
        sleep.ascend(depth);
        leave(order.isBarrier(depth - 1));
    }

    /** Goes up by one; the transition that led down goes to sleep if anything else is still to run there. */
    private void leave(boolean barrier) {
        depth--;
        cursor.backTo(depth);
        if (!barrier && sets.isOpen(depth)) {
            sleep.add(depth, order.lane(depth), order.accesses());
        }
        order.backTo(depth);
    }

    /** Puts the transition that just ran into the order; finds its {@link #races}. */
    private void order(int lane, boolean barrier) {
        EventList direct = order.add(lane, subject.accesses(), barrier);
        races.clear();
        if (sleepSetsOnly) {
            return;
        }
        int event = depth;
        int creator = creator(event, lane);
        if (creator >= 0) {
            order.order(creator);
        }
        for (int i = 0; i < direct.size(); i++) {
            int earlier = direct.get(i);
            if (!order.ordered(earlier, event)) {
                races.add(earlier);
                order.order(earlier);
            }
        }
    }

    /** The transition that made the lane's present one possible, or -1 if it always was since the lane ran last. */
    private int creator(int event, int lane) {
        int since = order.previous(event);
        for (int at = event - 1; at > since; at--) {
            if ((sets.enabled(at) & 1L << lane) == 0) {
                return at;
            }
        }
        return -1;
    }

    /** Asks for the schedules in which a race goes the other way. */
    private void reverse(int earlier, int lane) {
        if (order.accesses().observes(depth, earlier)) {
            want(earlier, sets.enabled(earlier), 0);
            return;
        }
        long covered = sets.wanted(earlier) | sleep.asleep(earlier);
        long initials = order.initials(earlier, covered) & sets.enabled(earlier);
        if (initials != 0) {
            int first = (initials & 1L << lane) != 0 ? lane : lanes.lowest(initials);
            want(earlier, 1L << first, initials);
        }
    }

    /** Lanes are to be run at a depth; as {@link DporRequest} says. */
    private void want(int at, long set, long unless) {
        if ((set & ~sets.wanted(at)) == 0) {
            return;
        }
        if (at > base) {
            sets.want(at, set, sleep.asleep(at));
        } else if (unless == 0) {
            search.ask(child, new DporRequest(at, set, 0));
            sets.know(at, set);
        } else if (asked.isNew(at, unless)) {
            search.ask(child, new DporRequest(at, set, unless));
        }
    }

    private void ended(boolean violated) {
        totals.schedules++;
        untold++;
        totals.longest = Math.max(totals.longest, depth);
        if (violated && totals.found == null) {
            totals.found = Counterexample.of(preemptions(), cursor.lanes(), depth, subject.violations());
        }
        if (listener != null) {
            synchronized (listener) {
                listener.ended(cursor, violated);
            }
        }
        if (totals.schedules >= bounds.maxSchedules()) {
            search.stop(Stop.SCHEDULES);
        }
    }

    private int preemptions() {
        int preemptions = 0;
        for (int i = 1; i < depth; i++) {
            int last = order.lane(i - 1);
            if (order.lane(i) != last && (sets.enabled(i) & 1L << last) != 0) {
                preemptions++;
            }
        }
        return preemptions;
    }

    /** Schedules run to their end since this was asked last. */
    long newSchedules() {
        long told = untold;
        untold = 0;
        return told;
    }

    /** Transitions run so far. */
    long steps() {
        return steps;
    }

    /** About how much of the tree lies before the present schedule, 0 to 1. */
    double done() {
        return sets.done(depth);
    }
}

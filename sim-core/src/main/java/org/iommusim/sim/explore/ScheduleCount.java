package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * Counts the schedules that the states of a level stand for, and finds the length of the longest: what leaves a state is the
 * sum over its transitions, each state worked out once, depth first. On one thread, after a level was found safe; so the
 * level must be small.
 *
 * <p>Where a schedule can come back to a state there is no end of schedules, and nothing is counted.
 */
final class ScheduleCount {
    /** What the listener is told. */
    static final String LEVEL = "counting schedules";

    private static final int BETWEEN_LOOKS = 256;

    private final Level level;
    private final Subject subject;
    private final int start;
    private final ExploreProgress progress;
    private final Fingerprints fingerprints;
    /** The number of each state, in the order in which they were first reached. */
    private final StateNumbers numbers;
    /** By state: schedules from here to an end; 0 while it is not known, because the search is still behind the state. */
    private double[] schedules = new double[1 << 10];

    private int[] longest = new int[1 << 10];
    private Place[] places = new Place[0];
    private int depth = -1;
    private long steps;
    private boolean known = true;
    /** What the initial state gives. */
    private final Place all = new Place();

    /** A state of the present schedule, with what its transitions have given so far. */
    private static final class Place {
        final SearchFrame frame = new SearchFrame();
        int number;
        double schedules;
        int longest;

        void add(double behind, int length) {
            schedules += behind;
            longest = Math.max(longest, length);
        }
    }

    ScheduleCount(Level level, Crew.Member member, ExploreProgress progress) {
        this.level = level;
        this.progress = progress;
        subject = member.subject();
        start = member.start();
        fingerprints = new Fingerprints(subject, level.symmetry());
        numbers = new StateNumbers(level.bounds().maxBytes());
    }

    /** Number of schedules; exact up to 2 to the power of 53, NaN if there is no end of them or it was not worked out. */
    double schedules() {
        return known && all.schedules > 0 ? all.schedules : Double.NaN;
    }

    /** Transitions of the longest schedule; 0 if {@link #schedules} is not a number. */
    int longest() {
        return known ? all.longest : 0;
    }

    /** Counts, unless the listener stops it. */
    void run() {
        subject.undoTo(start);
        arrive(-1, level.budget());
        while (known && depth >= 0) {
            Place place = places[depth];
            SearchFrame frame = place.frame;
            if (frame.next == frame.end) {
                leave(place);
                continue;
            }
            int lane = frame.lanes[frame.next++];
            if (++steps % BETWEEN_LOOKS == 0) {
                look();
            }
            subject.step(lane);
            if (!arrive(lane, frame.budgetBehind(lane))) {
                subject.undoTo(frame.mark);
            }
        }
        subject.undoTo(start);
    }

    /** A state was reached: true if its transitions are to be worked out first; its place is on the stack then. */
    private boolean arrive(int lane, int budget) {
        Place place = place(depth + 1);
        int count = place.frame.enabled(subject);
        boolean goesOn = level.bounded() && Arrays.binarySearch(place.frame.lanes, 0, count, lane) >= 0;
        int running = goesOn ? lane : -1;
        long high = fingerprints.high(running);
        long low = fingerprints.low(running, budget);
        int number = numbers.get(high, low);
        if (number != StateNumbers.NONE) {
            // Without a number yet it is a state of the present schedule: a cycle.
            known &= schedules[number] > 0;
            behind().add(schedules[number], 1 + longest[number]);
            return false;
        }
        place.number = numbers.size();
        known &= numbers.put(high, low, place.number);
        reserve(place.number);
        if (count == 0) {
            schedules[place.number] = 1;
            behind().add(1, depth < 0 ? 0 : 1);
            return false;
        }
        place.frame.open(count, running, budget, subject.mark());
        place.schedules = 0;
        place.longest = 0;
        depth++;
        return true;
    }

    private void leave(Place place) {
        schedules[place.number] = place.schedules;
        longest[place.number] = place.longest;
        depth--;
        behind().add(place.schedules, depth < 0 ? place.longest : 1 + place.longest);
        if (depth >= 0) {
            subject.undoTo(places[depth].frame.mark);
        }
    }

    /** Where the present state was reached from. */
    private Place behind() {
        return depth < 0 ? all : places[depth];
    }

    private void look() {
        progress.update(LEVEL, 0, numbers.size(), Double.NaN);
        known &= !progress.cancelled();
    }

    private void reserve(int number) {
        if (number >= schedules.length) {
            schedules = Arrays.copyOf(schedules, 2 * number);
            longest = Arrays.copyOf(longest, 2 * number);
        }
    }

    private Place place(int at) {
        if (at >= places.length) {
            int old = places.length;
            places = Arrays.copyOf(places, Math.max(64, 2 * at));
            for (int i = old; i < places.length; i++) {
                places[i] = new Place();
            }
        }
        return places[at];
    }
}

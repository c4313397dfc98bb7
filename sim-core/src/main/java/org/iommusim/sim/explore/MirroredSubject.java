package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.world.Mix;

/**
 * A subject with mirrors: for each way to swap lanes that are thought to be alike, another instance that runs the same
 * schedule with these lanes swapped. So it knows the state that the swapped schedule leads to, ids and all, without knowing
 * what in a state belongs to which lane.
 *
 * <p>Assumption: two instances that are driven alike do the same. Guarantee: a search that joins states with the same
 * canonical fingerprint misses nothing. A state is here the tuple of the states of all instances, and to swap lanes reorders
 * the tuple; two tuples are joined only if one is a reordering of the other, as a whole. What can go on and what violates is
 * compared in all instances wherever the search comes: where it differs, the lanes are not alike, and {@link
 * NotSymmetricException} is thrown. Nothing is taken for granted about the lanes, so the worst that a wrong guess costs is
 * time.
 *
 * <p>It saves memory, not time: of n lanes n! tuples are one, and each takes n! instances.
 */
public final class MirroredSubject implements SymmetricSubject {
    /** Most groups that are swapped: all permutations of more would take too many instances. */
    public static final int MOST_GROUPS = 3;

    private static final long SECOND = 0xd1b54a32d192ed03L;

    private final Subject subject;
    /** The subject itself and its mirrors, by swap. */
    private final Subject[] instances;

    private final LaneSwaps swaps;
    private final String names;

    private int depth;
    /** By transition and swap, where a mark was asked for. */
    private int[][] marks = new int[64][];

    private int[] room = new int[0];
    private int[] swapped = new int[0];

    private boolean canonical;
    private int canonicalTold;
    private long canonicalHigh;
    private long canonicalLow;

    private MirroredSubject(Subject[] instances, LaneSwaps swaps, String names) {
        this.instances = instances;
        this.swaps = swaps;
        this.names = names;
        subject = instances[0];
    }

    /**
     * Makes a subject and its mirrors.
     *
     * @param subjects makes instances in their initial state
     * @param groups names of the lanes that go together, for each of those that are thought to be alike: at least two, at
     *     most {@link #MOST_GROUPS}, all of the same size; the first lane of each names it
     * @throws NotSymmetricException if there are no such lanes
     */
    public static MirroredSubject of(Supplier<? extends Subject> subjects, List<List<String>> groups) {
        if (groups.size() < 2 || groups.size() > MOST_GROUPS) {
            throw new IllegalArgumentException(groups.size() + " groups of lanes");
        }
        Subject first = subjects.get();
        List<int[]> lanes = new ArrayList<>();
        groups.forEach(group ->
                lanes.add(group.stream().mapToInt(name -> lane(first, name)).toArray()));
        LaneSwaps swaps = new LaneSwaps(lanes, first.lanes());
        Subject[] instances = new Subject[swaps.count()];
        instances[0] = first;
        for (int i = 1; i < instances.length; i++) {
            instances[i] = subjects.get();
        }
        String names = groups.stream().map(group -> group.get(0)).collect(Collectors.joining(" and "));
        return new MirroredSubject(instances, swaps, names);
    }

    private static int lane(Subject subject, String name) {
        for (int lane = 0; lane < subject.lanes(); lane++) {
            if (subject.laneName(lane).equals(name)) {
                return lane;
            }
        }
        throw new NotSymmetricException("there is no lane " + name);
    }

    @Override
    public int lanes() {
        return subject.lanes();
    }

    @Override
    public String laneName(int lane) {
        return subject.laneName(lane);
    }

    @Override
    public int enabled(int[] into) {
        int count = subject.enabled(into);
        for (int swap = 1; swap < instances.length; swap++) {
            if (room.length < instances[swap].lanes()) {
                room = new int[2 * instances[swap].lanes()];
                swapped = new int[room.length];
            }
            for (int i = 0; i < count; i++) {
                swapped[i] = swaps.lane(swap, into[i]);
            }
            Arrays.sort(swapped, 0, count);
            int others = instances[swap].enabled(room);
            if (!Arrays.equals(room, 0, others, swapped, 0, count)) {
                throw different("others can go on");
            }
        }
        return count;
    }

    private NotSymmetricException different(String what) {
        return new NotSymmetricException("with " + names + " swapped, " + what);
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return subject.dependsOnAll(lane);
    }

    @Override
    public boolean step(int lane) {
        boolean right = subject.step(lane);
        for (int swap = 1; swap < instances.length; swap++) {
            judge(right, instances[swap].step(swaps.lane(swap, lane)), instances[swap]);
        }
        depth++;
        canonical = false;
        if (subject.lanes() != swaps.lanes()) {
            learnLanes();
        }
        return right;
    }

    @Override
    public boolean end() {
        boolean right = subject.end();
        for (int swap = 1; swap < instances.length; swap++) {
            judge(right, instances[swap].end(), instances[swap]);
        }
        return right;
    }

    private void judge(boolean right, boolean mirrored, Subject mirror) {
        if (right != mirrored || !right && !checkers(subject).equals(checkers(mirror))) {
            throw different("another violation shows");
        }
    }

    private static List<String> checkers(Subject subject) {
        return subject.violations().stream().map(Violation::checker).toList();
    }

    /** Lanes that are made on the way are nobody's: they must be the same in all instances. */
    private void learnLanes() {
        for (Subject mirror : instances) {
            boolean same = mirror.lanes() == subject.lanes();
            for (int lane = swaps.lanes(); same && lane < subject.lanes(); lane++) {
                same = mirror.laneName(lane).equals(subject.laneName(lane));
            }
            if (!same) {
                throw different("other lanes are made");
            }
        }
        swaps.grow(subject.lanes());
    }

    @Override
    public List<Violation> violations() {
        return subject.violations();
    }

    @Override
    public int mark() {
        if (depth >= marks.length) {
            marks = Arrays.copyOf(marks, 2 * depth);
        }
        int[] here = new int[instances.length];
        Arrays.setAll(here, swap -> instances[swap].mark());
        marks[depth] = here;
        return depth;
    }

    @Override
    public void undoTo(int mark) {
        for (int swap = 0; swap < instances.length; swap++) {
            instances[swap].undoTo(marks[mark][swap]);
        }
        depth = mark;
        canonical = false;
    }

    @Override
    public long fingerprintHigh() {
        return subject.fingerprintHigh();
    }

    @Override
    public long fingerprintLow() {
        return subject.fingerprintLow();
    }

    @Override
    public long canonicalHigh(int told) {
        canonicalise(told);
        return canonicalHigh;
    }

    @Override
    public long canonicalLow(int told) {
        canonicalise(told);
        return canonicalLow;
    }

    /** The least hash of all reorderings of the tuple: swapping first by one and then by any gives all of them. */
    private void canonicalise(int told) {
        if (canonical && canonicalTold == told) {
            return;
        }
        for (int first = 0; first < instances.length; first++) {
            long high = told < 0 ? 0 : swaps.lane(first, told) + 1;
            long low = high ^ SECOND;
            for (int second = 0; second < instances.length; second++) {
                Subject instance = instances[swaps.after(second, first)];
                high = Mix.mix(high * 31 + instance.fingerprintHigh());
                low = Mix.mix(low * 31 ^ instance.fingerprintLow());
            }
            if (first == 0 || high < canonicalHigh || high == canonicalHigh && low < canonicalLow) {
                canonicalHigh = high;
                canonicalLow = low;
            }
        }
        canonical = true;
        canonicalTold = told;
    }

    @Override
    public void recordAccesses(boolean on) {
        subject.recordAccesses(on);
    }

    @Override
    public Accesses accesses() {
        return subject.accesses();
    }
}

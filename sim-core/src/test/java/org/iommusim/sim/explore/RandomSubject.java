package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.world.Mix;

/**
 * A small random system to compare searches on: two or three lanes with short programs over three shared variables, with
 * locks, waits, branches and, if asked for, loops. It violates where a check meets a value, and perhaps at an end with
 * unfinished lanes. Everything is visible, so that a test can compare whole states.
 */
final class RandomSubject implements SymmetricSubject {
    private static final int VARIABLES = 3;
    private static final int VALUES = 3;

    /** What one transition does to a variable. */
    private enum Kind {
        ADD,
        SET,
        LOCK,
        UNLOCK,
        AWAIT,
        SKIP_IF,
        BACK_IF,
        CHECK
    }

    private record Op(Kind kind, int variable, int value) {}

    private final List<List<Op>> programs = new ArrayList<>();
    private final boolean alike;
    private final boolean unfinishedIsBad;
    private final List<int[]> saved = new ArrayList<>();
    private final Accesses accesses = new Accesses();
    /** The place of each lane, then the variables. */
    private int[] state;

    private List<Violation> violations = List.of();

    /**
     * Makes the system of a seed.
     *
     * @param loops whether lanes may jump back
     * @param alike whether all lanes run the same program, so that they can be swapped
     */
    RandomSubject(long seed, boolean loops, boolean alike) {
        Gen gen = new Gen(seed);
        int lanes = 2 + gen.below(2);
        int length = lanes == 2 ? gen.below(5) + 2 : gen.below(3) + 2;
        for (int lane = 0; lane < lanes; lane++) {
            programs.add(alike && lane > 0 ? programs.get(0) : gen.list(length, g -> op(g, loops)));
        }
        this.alike = alike;
        unfinishedIsBad = gen.oneIn(3);
        state = new int[lanes + VARIABLES];
    }

    private static Op op(Gen gen, boolean loops) {
        Kind kind = gen.pick(List.of(Kind.values()));
        if (kind == Kind.BACK_IF && !loops || kind == Kind.CHECK && gen.oneIn(2)) {
            kind = Kind.ADD;
        }
        return new Op(kind, gen.below(VARIABLES), gen.below(VALUES));
    }

    /** The whole state. */
    List<Integer> state() {
        return IntStream.of(state).boxed().toList();
    }

    @Override
    public int lanes() {
        return programs.size();
    }

    @Override
    public String laneName(int lane) {
        return "lane " + lane;
    }

    private int value(Op op) {
        return state[lanes() + op.variable];
    }

    @Override
    public int enabled(int[] into) {
        int count = 0;
        for (int lane = 0; lane < lanes(); lane++) {
            if (state[lane] < programs.get(lane).size()
                    && isEnabled(programs.get(lane).get(state[lane]))) {
                into[count++] = lane;
            }
        }
        return count;
    }

    private boolean isEnabled(Op op) {
        return switch (op.kind) {
            case LOCK -> value(op) == 0;
            case AWAIT -> value(op) == op.value;
            default -> true;
        };
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return false;
    }

    @Override
    public boolean step(int lane) {
        saved.add(state.clone());
        accesses.clear();
        Op op = programs.get(lane).get(state[lane]++);
        int at = lanes() + op.variable;
        boolean hit = state[at] == op.value;
        switch (op.kind) {
            case ADD -> write(at, (state[at] + 1) % VALUES);
            case SET -> write(at, op.value);
            case LOCK -> write(at, 1);
            case UNLOCK -> write(at, 0);
            case AWAIT -> accesses.noteRead(at);
            case SKIP_IF -> jump(lane, at, hit ? 1 : 0);
            case BACK_IF -> jump(lane, at, hit ? -Math.min(2, state[lane]) : 0);
            case CHECK -> {
                accesses.noteRead(at);
                if (hit) {
                    violations = List.of(new Violation(0, "value", "lane " + lane + " saw " + op));
                }
                return !hit;
            }
        }
        return true;
    }

    private void write(int at, int value) {
        accesses.noteWrite(at);
        state[at] = value;
    }

    private void jump(int lane, int at, int by) {
        accesses.noteRead(at);
        state[lane] = Math.min(programs.get(lane).size(), state[lane] + by);
    }

    @Override
    public boolean end() {
        boolean finished = IntStream.range(0, lanes())
                .allMatch(lane -> state[lane] == programs.get(lane).size());
        if (unfinishedIsBad && !finished) {
            violations = List.of(new Violation(0, "unfinished", "a lane waits for ever"));
            return false;
        }
        return true;
    }

    @Override
    public List<Violation> violations() {
        return violations;
    }

    @Override
    public int mark() {
        return saved.size();
    }

    @Override
    public void undoTo(int mark) {
        while (saved.size() > mark) {
            state = saved.remove(saved.size() - 1);
        }
        violations = List.of();
    }

    @Override
    public long fingerprintHigh() {
        return hash(state, 1);
    }

    @Override
    public long fingerprintLow() {
        return hash(state, 2);
    }

    @Override
    public long canonicalHigh(int told) {
        return hash(canonical(told), 1);
    }

    @Override
    public long canonicalLow(int told) {
        return hash(canonical(told), 2);
    }

    /** The state with lanes that are alike in order, and the place of the told lane behind. */
    int[] canonical(int told) {
        int[] canonical = Arrays.copyOf(state, state.length + 1);
        if (alike) {
            Arrays.sort(canonical, 0, lanes());
        }
        canonical[state.length] = told < 0 ? -1 : alike ? state[told] : told;
        return canonical;
    }

    private static long hash(int[] numbers, long seed) {
        long hash = seed;
        for (int number : numbers) {
            hash = Mix.mix(hash * 31 + number);
        }
        return hash;
    }

    @Override
    public void recordAccesses(boolean on) {
        // It always records.
    }

    @Override
    public Accesses accesses() {
        return accesses;
    }
}

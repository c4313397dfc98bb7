package org.iommusim.sim.explore;

import java.util.List;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.world.Mix;

/**
 * Two lanes that count: a transition of lane 0 counts only at an even number, one of lane 1 only at an odd one. The count
 * that violates is reached by turns only, so that the least counterexample has a known number of preemptions.
 */
final class PingPong implements Subject {
    /** Transitions of each lane. */
    static final int STEPS = 40;

    private final int bad;
    private final int[][] saved = new int[2 * STEPS + 1][];
    private int depth;
    /** Transitions left to each lane, and the count. */
    private int[] state = {STEPS, STEPS, 0};

    /** Makes a subject that violates when the count is this. */
    PingPong(int bad) {
        this.bad = bad;
    }

    @Override
    public int lanes() {
        return 2;
    }

    @Override
    public String laneName(int lane) {
        return lane == 0 ? "ping" : "pong";
    }

    @Override
    public int enabled(int[] into) {
        int count = 0;
        for (int lane = 0; lane < 2; lane++) {
            if (state[lane] > 0) {
                into[count++] = lane;
            }
        }
        return count;
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return false;
    }

    @Override
    public boolean step(int lane) {
        saved[depth++] = state.clone();
        state[lane]--;
        if (state[2] % 2 == lane) {
            state[2]++;
        }
        return state[2] != bad;
    }

    @Override
    public boolean end() {
        return true;
    }

    @Override
    public List<Violation> violations() {
        return state[2] == bad ? List.of(new Violation(0, "count", "it is " + bad)) : List.of();
    }

    @Override
    public int mark() {
        return depth;
    }

    @Override
    public void undoTo(int mark) {
        if (mark < depth) {
            state = saved[mark].clone();
            depth = mark;
        }
    }

    @Override
    public long fingerprintHigh() {
        return Mix.mix(packed());
    }

    @Override
    public long fingerprintLow() {
        return Mix.mix(~packed());
    }

    private long packed() {
        return (long) state[0] << 40 | (long) state[1] << 20 | state[2];
    }

    @Override
    public void recordAccesses(boolean on) {
        if (on) {
            throw new UnsupportedOperationException("every transition depends on every other");
        }
    }

    @Override
    public Accesses accesses() {
        throw new UnsupportedOperationException("never recorded");
    }
}

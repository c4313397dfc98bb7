package org.iommusim.sim.explore;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.iommusim.sim.check.Violation;

/**
 * Lets engines go back to any mark of a system that cannot be taken back at all: a new instance is made and the first part
 * of the schedule is run again. Going back several times in a row costs one replay.
 *
 * <p>After each replay the fingerprint must be the one that was seen there before.
 */
public final class ReplayingSubject implements Subject {
    private final Supplier<Subject> maker;
    private Subject subject;
    private int[] path = new int[256];
    /** Fingerprints before each transition of the path, high and low. */
    private long[] prints = new long[512];

    private int depth;
    /** How far the subject really is: more than {@link #depth} if something was taken back since. */
    private int run;

    private boolean recording;

    /** Makes subjects as needed: one now, and another one for each replay. */
    public ReplayingSubject(Supplier<Subject> maker) {
        this.maker = maker;
        subject = maker.get();
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
        return there().enabled(into);
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return there().dependsOnAll(lane);
    }

    @Override
    public boolean step(int lane) {
        Subject at = there();
        note(lane, at);
        boolean right = at.step(lane);
        depth++;
        run = depth;
        return right;
    }

    private void note(int lane, Subject at) {
        if (depth == path.length) {
            path = Arrays.copyOf(path, 2 * depth);
            prints = Arrays.copyOf(prints, 4 * depth);
        }
        path[depth] = lane;
        prints[2 * depth] = at.fingerprintHigh();
        prints[2 * depth + 1] = at.fingerprintLow();
    }

    @Override
    public boolean end() {
        boolean right = there().end();
        // The judgement is part of the run: whoever goes back from here does not go back to before it.
        run = depth + 1;
        return right;
    }

    @Override
    public List<Violation> violations() {
        return subject.violations();
    }

    @Override
    public int mark() {
        return depth;
    }

    @Override
    public void undoTo(int mark) {
        if (mark < 0 || mark > depth) {
            throw new IllegalArgumentException("no mark " + mark + " in a schedule of " + depth);
        }
        depth = mark;
    }

    /** The subject in the state that the present schedule leads to. */
    private Subject there() {
        if (run > depth) {
            subject = maker.get();
            subject.recordAccesses(recording);
            for (int i = 0; i < depth; i++) {
                subject.step(path[i]);
            }
            run = depth;
            if (subject.fingerprintHigh() != prints[2 * depth] || subject.fingerprintLow() != prints[2 * depth + 1]) {
                throw new IllegalStateException("transition " + depth + " of a replay leads to another state");
            }
        }
        return subject;
    }

    @Override
    public boolean undoesAnywhere() {
        return true;
    }

    @Override
    public long fingerprintHigh() {
        return there().fingerprintHigh();
    }

    @Override
    public long fingerprintLow() {
        return there().fingerprintLow();
    }

    @Override
    public void recordAccesses(boolean on) {
        recording = on;
        subject.recordAccesses(on);
    }

    @Override
    public Accesses accesses() {
        return subject.accesses();
    }
}

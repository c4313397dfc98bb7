package org.iommusim.sim.explore;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.iommusim.sim.check.Violation;

/**
 * Lets engines go back to any mark of a subject that itself can only go back to its beginning, and only when it is idle: the
 * present schedule is run to its end, taken back as a whole, and its first part is run again. Going back several times in a
 * row costs one replay.
 *
 * <p>After each replay the fingerprint must be the one that was seen there before.
 */
public final class ReplayingSubject implements Subject {
    private static final int TRANSITIONS_MAX = 1_000_000;

    private final Supplier<Subject> maker;
    private Subject subject;
    private int beginning;
    private int[] path = new int[256];
    /** Fingerprints before each transition of the path, high and low. */
    private long[] prints = new long[512];

    private int depth;
    /** How far the subject really is: more than {@link #depth} if something was taken back since. */
    private int run;

    private boolean objected;
    private boolean recording;
    private int[] lanes = new int[16];

    /** Makes subjects as needed: one now, another one whenever the present one does not come to rest. */
    public ReplayingSubject(Supplier<Subject> maker) {
        this.maker = maker;
        subject = maker.get();
        beginning = subject.mark();
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
        objected = !at.step(lane);
        depth++;
        run = depth;
        return !objected;
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
        objected = !right;
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
            rewind();
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

    private void rewind() {
        boolean atRest = !objected && runToItsEnd();
        objected = false;
        if (atRest) {
            subject.undoTo(beginning);
        } else {
            subject = maker.get();
            beginning = subject.mark();
            subject.recordAccesses(recording);
        }
        run = 0;
    }

    /** False if the subject may still be busy. */
    private boolean runToItsEnd() {
        for (int i = 0; i < TRANSITIONS_MAX; i++) {
            if (lanes.length < subject.lanes()) {
                lanes = new int[2 * subject.lanes()];
            }
            if (subject.enabled(lanes) == 0) {
                return true;
            }
            if (!subject.step(lanes[0])) {
                return false;
            }
        }
        return false;
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

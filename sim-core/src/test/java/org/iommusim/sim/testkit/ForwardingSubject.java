package org.iommusim.sim.testkit;

import java.util.List;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Accesses;
import org.iommusim.sim.explore.Subject;

/** Passes everything on to another subject; tests override what they want to see or change. */
public class ForwardingSubject implements Subject {
    private final Subject subject;

    /** Passes everything on to {@code subject}. */
    public ForwardingSubject(Subject subject) {
        this.subject = subject;
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
        return subject.enabled(into);
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return subject.dependsOnAll(lane);
    }

    @Override
    public boolean step(int lane) {
        return subject.step(lane);
    }

    @Override
    public boolean end() {
        return subject.end();
    }

    @Override
    public List<Violation> violations() {
        return subject.violations();
    }

    @Override
    public int mark() {
        return subject.mark();
    }

    @Override
    public void undoTo(int mark) {
        subject.undoTo(mark);
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
    public void recordAccesses(boolean on) {
        subject.recordAccesses(on);
    }

    @Override
    public Accesses accesses() {
        return subject.accesses();
    }
}

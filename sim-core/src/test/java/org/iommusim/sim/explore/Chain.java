package org.iommusim.sim.explore;

import java.util.List;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.world.Mix;

/** One lane that counts: there is one way to each state, so a search that loses one transition loses all behind it. */
final class Chain implements Subject {
    private final int length;
    private int at;

    Chain(int length) {
        this.length = length;
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public String laneName(int lane) {
        return "chain";
    }

    @Override
    public int enabled(int[] into) {
        return at < length ? 1 : 0;
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return false;
    }

    @Override
    public boolean step(int lane) {
        at++;
        return true;
    }

    @Override
    public boolean end() {
        return true;
    }

    @Override
    public List<Violation> violations() {
        return List.of();
    }

    @Override
    public int mark() {
        return at;
    }

    @Override
    public void undoTo(int mark) {
        at = mark;
    }

    @Override
    public long fingerprintHigh() {
        return Mix.mix(at);
    }

    @Override
    public long fingerprintLow() {
        return Mix.mix(~at);
    }

    @Override
    public void recordAccesses(boolean on) {
        // One lane depends on nobody.
    }

    @Override
    public Accesses accesses() {
        return new Accesses();
    }
}

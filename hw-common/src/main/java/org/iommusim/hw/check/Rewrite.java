package org.iommusim.hw.check;

import org.iommusim.sim.world.Identified;

/** A descriptor of several words that software turns from one valid value into another while hardware may read it. */
public interface Rewrite extends Identified {
    /**
     * True if what hardware has read is neither what it was, nor what it will be, nor invalid, in the bits that hardware
     * looks at.
     */
    boolean mixes(long[] seen);

    /**
     * True if hardware may get a mixture, whether or not somebody reads just now: from a read that begins while memory holds
     * {@code now}, or that began before and ends now. Unless it is overridden, only what is read counts.
     */
    default boolean exposes(long[] now) {
        return false;
    }

    /** What it becomes when memory holds {@code now}. */
    default Rewrite stored(long[] now) {
        return this;
    }

    /** What it becomes when nobody goes on with a read that began before. */
    default Rewrite settled(SourceKind kind) {
        return this;
    }
}

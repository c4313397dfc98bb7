package org.iommusim.hw.check;

import org.iommusim.sim.world.Identified;

/** A descriptor of several words that software turns from one valid value into another while hardware may read it. */
public interface Rewrite extends Identified {
    /**
     * True if what hardware has read is neither what it was, nor what it will be, nor invalid, in the bits that hardware
     * looks at.
     */
    boolean mixes(long[] seen);
}

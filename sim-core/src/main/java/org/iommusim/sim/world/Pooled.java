package org.iommusim.sim.world;

/**
 * A plain object that is used again and again. While nobody uses it, what it holds is left over from its last use and tells
 * no states apart.
 */
public interface Pooled {
    /** True while what it holds counts. */
    boolean inUse();
}

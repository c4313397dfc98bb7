package org.iommusim.sim.world;

/** Something that a reference cell may point to: it has an identity that is the same in every run. */
public interface Identified {
    /** A number that names this object within its world; never derived from a Java identity hash. Not zero. */
    long stableId();
}

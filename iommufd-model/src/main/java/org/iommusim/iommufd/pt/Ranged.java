package org.iommusim.iommufd.pt;

import org.iommusim.sim.world.Identified;

/** Something that covers the unsigned numbers from a first to a last one. Neither changes while it is in a tree. */
public interface Ranged extends Identified {
    /** First number. */
    long first();

    /** Last number, not below the first. */
    long last();

    /** True if a number of [first, last] is covered. */
    default boolean overlaps(long first, long last) {
        return Long.compareUnsigned(first(), last) <= 0 && Long.compareUnsigned(last(), first) >= 0;
    }
}

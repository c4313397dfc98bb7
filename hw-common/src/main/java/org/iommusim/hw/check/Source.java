package org.iommusim.hw.check;

import org.iommusim.sim.world.Timing;

/**
 * A word of memory as it was when it was read. The value is its version: a word that was changed and changed back gives
 * the same translation, and nobody can be harmed by it.
 *
 * @param kind what it is part of
 * @param leaf true for a leaf, or for an entry itself; false for what points to a table
 * @param address where it lies
 * @param value what was read
 * @param time when, ps
 * @param first first input address that it stands for: of a leaf all of its page, of a pointer what was asked for
 * @param last last one
 */
public record Source(
        SourceKind kind,
        boolean leaf,
        long address,
        long value,
        @Timing long time,
        long first,
        long last) {
    /** True if it stands for an address between these two. */
    public boolean overlaps(long from, long to) {
        return first <= to && from <= last;
    }
}

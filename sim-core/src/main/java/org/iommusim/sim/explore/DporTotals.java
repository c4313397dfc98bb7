package org.iommusim.sim.explore;

import org.jspecify.annotations.Nullable;

/** What {@link SourceDpor} has counted in a part of its tree. */
final class DporTotals {
    /** Schedules run to their end. */
    long schedules;

    /** Schedules given up because everything that could go on was asleep. */
    long blocked;

    /** Transitions run; those run again after going back do not count. */
    long transitions;

    /** Transitions of the longest schedule. */
    int longest;

    /** The first violation; null if there was none. */
    @Nullable
    Counterexample found;

    /** Adds what was counted in the part of the tree that comes next. */
    void add(DporTotals next) {
        schedules += next.schedules;
        blocked += next.blocked;
        transitions += next.transitions;
        longest = Math.max(longest, next.longest);
        if (found == null) {
            found = next.found;
        }
    }
}

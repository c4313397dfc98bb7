package org.iommusim.sim.explore;

import java.util.function.Supplier;

/** A way to explore subjects. */
public interface Engine {
    /** Stable name, kebab-case, e.g. {@code stateful}. */
    String name();

    /**
     * Explores until everything within the bounds is searched, a violation is found and made least, or a bound ends it.
     *
     * @param subjects makes subjects in their initial state that all behave alike, one for each worker; called from the
     *     caller's thread only
     * @param bounds how far to go
     * @param progress is told how it goes and may stop it
     * @return what was found; also if it was stopped
     */
    Exploration explore(Supplier<? extends Subject> subjects, Bounds bounds, ExploreProgress progress);
}

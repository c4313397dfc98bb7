package org.iommusim.hw.check;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.sim.world.Pooled;
import org.jspecify.annotations.Nullable;

/** What the entries of one cache were made from: an array beside the ways. */
public final class CachedSources {
    private final StaleUseChecker checker;
    private final TaggedCache cache;
    private final @Nullable Kept[] entries;

    CachedSources(StaleUseChecker checker, TaggedCache cache) {
        this.checker = checker;
        this.cache = cache;
        entries = new Kept[cache.capacity()];
    }

    /** An entry was filled with what a translation has found, all of it. */
    public void fill(int entry, Trail trail) {
        keep(entry, trail, 0, trail.size(), false);
    }

    /**
     * An entry was filled with a part of what a translation has found.
     *
     * @param from first source of the entry
     * @param stage1 whether it is an entry of stage 1, be it under a stage 2
     * @param pointer whether it points to a table
     */
    public void fillStage(int entry, Trail trail, int from, int to, boolean stage1, boolean pointer) {
        keep(entry, trail, from, to, pointer).stage(stage1);
    }

    private Trail keep(int entry, Trail trail, int from, int to, boolean pointer) {
        Trail kept = new Trail();
        kept.copyFrom(trail, from, to);
        long mask = cache.mask(entry);
        kept.range(cache.address(entry), mask == -1 ? cache.address(entry) : cache.address(entry) | ~mask, pointer);
        entries[entry] = new Kept(cache, entry, kept);
        return kept;
    }

    /** An entry of {@link #fill} is used by a translation. */
    public void use(int entry, Trail trail) {
        use(entry, trail, true);
    }

    /** An entry of {@link #fillStage} is used by a walk. */
    public void useStage(int entry, Trail trail) {
        use(entry, trail, false);
    }

    private void use(int entry, Trail trail, boolean whole) {
        Kept kept = entries[entry];
        if (kept != null) {
            trail.use(kept.trail, cache.name(), whole);
            checker.used(trail);
        }
    }

    void issued(StaleUseChecker.Effects effects) {
        for (int entry = cache.nextValid(0); entry != TaggedCache.NONE; entry = cache.nextValid(entry + 1)) {
            Kept kept = entries[entry];
            if (kept != null) {
                effects.on(kept.trail);
            }
        }
    }

    /** What an entry was made from; nothing once the entry is gone. */
    private record Kept(TaggedCache cache, int entry, Trail trail) implements Pooled {
        @Override
        public boolean inUse() {
            return cache.mask(entry) != 0;
        }
    }
}

package org.iommusim.hw.walk;

import java.util.List;
import org.iommusim.hw.cache.Replacement;

/**
 * What a walker caches of tables. Levels are counted by height above the last level: height 0 are the entries of the
 * lowest tables (pages), height 1 the entries above, and so on.
 *
 * @param stage1Entries entries for stage 1 by height; 0 means that this level is not cached, and so does a missing height
 * @param stage2Entries the same for stage 2
 * @param ways associativity of each level; every non-zero size is a multiple of it
 * @param replacement policy of the whole structure
 * @param lookupCycles how long one level is looked up, cycles
 * @param lookupPorts how many lookups may be under way; 0 means any number
 * @param tablePointers whether stage-2 translations of stage-1 table addresses use the cache, or only final ones do
 * @param combinedLeaves whether a stage-1 leaf stands for, and lies in the set of, no more than what both stages'
 *     pages have in common, which is where gem5 puts it
 * @param seed for a policy that needs one, see {@link org.iommusim.hw.cache.CacheShape#seed}
 */
public record WalkCacheShape(
        List<Integer> stage1Entries,
        List<Integer> stage2Entries,
        int ways,
        Replacement replacement,
        int lookupCycles,
        int lookupPorts,
        boolean tablePointers,
        boolean combinedLeaves,
        long seed) {
    /** No caching at all. */
    public static final WalkCacheShape NONE =
            new WalkCacheShape(List.of(), List.of(), 1, Replacement.ROUND_ROBIN, 0, 0, false);

    /** A shape with whole leaves and a policy that needs no seed. */
    public WalkCacheShape(
            List<Integer> stage1Entries,
            List<Integer> stage2Entries,
            int ways,
            Replacement replacement,
            int lookupCycles,
            int lookupPorts,
            boolean tablePointers) {
        this(stage1Entries, stage2Entries, ways, replacement, lookupCycles, lookupPorts, tablePointers, false, 0);
    }

    /** Copies the lists and checks them. */
    public WalkCacheShape {
        stage1Entries = List.copyOf(stage1Entries);
        stage2Entries = List.copyOf(stage2Entries);
        for (List<Integer> sizes : List.of(stage1Entries, stage2Entries)) {
            for (int size : sizes) {
                if (size < 0 || size % ways != 0) {
                    throw new IllegalArgumentException(size + " walk cache entries cannot have " + ways + " ways");
                }
            }
        }
    }
}

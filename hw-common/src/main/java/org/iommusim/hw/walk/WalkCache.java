package org.iommusim.hw.walk;

import java.util.List;
import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.SetIndex;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;

/**
 * What a walker remembers of table entries: pointers to the next table, and leaves. One {@link TaggedCache} in which each
 * stage and level has its own sets; the address of an entry is the input address that it covers, tag A is the owner's tag
 * of the address space, tag B tells stage and level.
 *
 * <p>A stage-1 pointer that was found under a stage 2 is cached as the physical address of the next table, and only if
 * one stage-2 page covers that whole table; a stage-1 leaf keeps its output address, which still goes through stage 2.
 * Entries of stage 2 serve translations with and without a stage 1.
 */
public final class WalkCache {
    private static final int OUTPUT = 0;
    private static final int FACTS = 1;
    private static final int ATTRIBUTES = 2;

    private static final long LEAF = 1;
    private static final long GLOBAL = 2;
    private static final long WRITABLE = 4;
    private static final int LEVEL_SHIFT = 8;
    private static final int PERMISSION_SHIFT = 16;
    /** log2 of what a leaf stands for. */
    private static final int PAGE_SHIFT = 24;
    /** log2 of the page that a leaf is a part of. */
    private static final int OWN_SHIFT = 32;

    private final TaggedCache cache;
    private final Slots ports;
    private final int lookupCycles;
    private final boolean tablePointers;
    private final boolean combinedLeaves;
    private boolean gem5Quirks;
    private boolean leaves = true;
    private final int[][] firstSet = new int[3][];
    private final int[][] setCount = new int[3][];

    WalkCache(Simulation sim, String name, WalkCacheShape shape, WakeRule rule) {
        int sets = layOut(1, shape.stage1Entries(), shape.ways(), 0);
        sets = layOut(2, shape.stage2Entries(), shape.ways(), sets);
        int entries = Math.max(1, sets) * shape.ways();
        cache = new TaggedCache(sim, name, new CacheShape(entries, shape.ways(), 3, shape.replacement(), shape.seed()));
        ports = new Slots(sim.scheduler(), name + " ports", shape.lookupPorts(), rule);
        lookupCycles = shape.lookupCycles();
        tablePointers = shape.tablePointers();
        combinedLeaves = shape.combinedLeaves();
    }

    private int layOut(int stage, List<Integer> sizes, int ways, int first) {
        firstSet[stage] = new int[sizes.size()];
        setCount[stage] = new int[sizes.size()];
        int next = first;
        for (int height = 0; height < sizes.size(); height++) {
            firstSet[stage][height] = next;
            setCount[stage][height] = sizes.get(height) / ways;
            next += setCount[stage][height];
        }
        return next;
    }

    /** The entries, for invalidation; {@link #stage} and {@link #leaf} say what an entry is. */
    public TaggedCache entries() {
        return cache;
    }

    /** The stage that an entry belongs to, 1 or 2. */
    public static int stage(TaggedCache cache, int entry) {
        return (int) cache.tagB(entry) & 3;
    }

    /** True if an entry of stage 1 was found under a stage 2. */
    public static boolean nested(TaggedCache cache, int entry) {
        return (cache.tagB(entry) & 4) != 0;
    }

    /** True if an entry is a leaf and not a pointer to a table. */
    public static boolean leaf(TaggedCache cache, int entry) {
        return (cache.value(entry, FACTS) & LEAF) != 0;
    }

    /** True if an entry is a leaf that holds for every address space. */
    public static boolean global(TaggedCache cache, int entry) {
        return (cache.value(entry, FACTS) & GLOBAL) != 0;
    }

    /** Address mask of the page that a leaf of stage 1 is a part of: stage 2 may have split it into several entries. */
    public static long pageMask(TaggedCache cache, int entry) {
        return -1L << ownShift(cache.value(entry, FACTS));
    }

    private static int ownShift(long facts) {
        return (int) (facts >>> OWN_SHIFT) & 0xff;
    }

    /**
     * From now on it does what gem5 does wrong: a cached stage-1 leaf is taken for the end of a nested walk, with the address
     * of the page's beginning; a leaf is used without a look at its permissions; and a table's address is kept even if the
     * table does not lie in one page of stage 2.
     */
    public void imitateGem5() {
        gem5Quirks = true;
    }

    /** From now on only pointers to tables are kept: leaves are the business of the owner's translation cache. */
    public void pointersOnly() {
        leaves = false;
    }

    /** True if leaves of this height are kept. */
    boolean keepsLeaf(int stage, int height) {
        return leaves && keeps(stage, height);
    }

    boolean gem5Quirks() {
        return gem5Quirks;
    }

    Slots ports() {
        return ports;
    }

    int lookupCycles() {
        return lookupCycles;
    }

    /** True if translations of table addresses may look here. */
    boolean tablePointers() {
        return tablePointers;
    }

    /** True if entries of this height are kept. */
    boolean keeps(int stage, int height) {
        return height < setCount[stage].length && setCount[stage][height] > 0;
    }

    int lookup(int stage, boolean nested, int height, int coverShift, long tag, long input) {
        return cache.lookup(set(stage, height, coverShift, input), input, tag, tagB(stage, nested, height));
    }

    /** Keeps the pointer that leads to what a stage reads next. */
    int addTable(Walk walk, StageWalk stage) {
        WalkState state = stage.state;
        int height = stage.reading + 1;
        int shift = stage.coverShift(height);
        int entry = add(stage.stage, walk.nested(), height, shift, shift, walk.activeTag(), state.input);
        cache.value(entry, OUTPUT, stage.physical - (state.readAddress - state.table));
        cache.value(
                entry,
                FACTS,
                (stage.tableWritable ? WRITABLE : 0)
                        | (long) (state.level & 0xff) << LEVEL_SHIFT
                        | (long) state.tablePermissions << PERMISSION_SHIFT);
        return entry;
    }

    /** Keeps a stage's leaf. */
    int addLeaf(Walk walk, StageWalk stage) {
        WalkState state = stage.state;
        int shift = leafShift(walk, stage);
        int indexShift = combinedLeaves && stage.stage == 1 ? shift : stage.coverShift(stage.reading);
        int entry = add(stage.stage, walk.nested(), stage.reading, indexShift, shift, walk.activeTag(), state.input);
        boolean part = shift < state.pageShift && !gem5Quirks;
        cache.value(entry, OUTPUT, part ? state.output() & -1L << shift : state.outputBase);
        cache.value(
                entry,
                FACTS,
                LEAF
                        | (state.global ? GLOBAL : 0)
                        | (long) (state.level & 0xff) << LEVEL_SHIFT
                        | (long) state.permissions << PERMISSION_SHIFT
                        | (long) shift << PAGE_SHIFT
                        | (long) state.pageShift << OWN_SHIFT);
        cache.value(entry, ATTRIBUTES, state.attributes);
        return entry;
    }

    /** log2 of what a leaf stands for. Combined leaves: in stage 2 a table entry, in stage 1 no more than stage 2's page. */
    private int leafShift(Walk walk, StageWalk stage) {
        int own = stage.state.pageShift;
        if (!combinedLeaves) {
            return own;
        }
        if (stage == walk.second) {
            return Math.min(own, stage.coverShift(stage.reading));
        }
        return walk.nested() ? Math.min(own, walk.second.state.pageShift) : own;
    }

    private int add(int stage, boolean nested, int height, int indexShift, int coverShift, long tag, long input) {
        return cache.insert(
                set(stage, height, indexShift, input), input, -1L << coverShift, tag, tagB(stage, nested, height));
    }

    boolean isLeaf(int entry) {
        return leaf(cache, entry);
    }

    boolean writable(int entry) {
        return (cache.value(entry, FACTS) & WRITABLE) != 0;
    }

    long output(int entry) {
        return cache.value(entry, OUTPUT);
    }

    int level(int entry) {
        return (byte) (cache.value(entry, FACTS) >>> LEVEL_SHIFT);
    }

    int permissions(int entry) {
        return (int) (cache.value(entry, FACTS) >>> PERMISSION_SHIFT) & 0xff;
    }

    /** Puts a cached leaf into a stage's state as if it had just been read. */
    void leafInto(int entry, StageWalk stage) {
        WalkState state = stage.state;
        stage.ownShift = ownShift(cache.value(entry, FACTS));
        state.outputBase = output(entry);
        state.level = level(entry);
        state.permissions = permissions(entry);
        state.pageShift = (int) (cache.value(entry, FACTS) >>> PAGE_SHIFT) & 0xff;
        state.global = global(cache, entry);
        state.attributes = cache.value(entry, ATTRIBUTES);
    }

    private int set(int stage, int height, int coverShift, long input) {
        return firstSet[stage][height] + SetIndex.of(input >>> coverShift, setCount[stage][height]);
    }

    /** Pointers of stage 1 are addresses of another kind under a stage 2. */
    private static long tagB(int stage, boolean nested, int height) {
        return stage | (stage == 1 && nested ? 4 : 0) | (long) height << 4;
    }
}

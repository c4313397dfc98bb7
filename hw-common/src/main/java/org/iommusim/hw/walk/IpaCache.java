package org.iommusim.hw.walk;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;

/**
 * Results of stage 2, by intermediate physical address: looked up before every stage-2 translation, be it of an output of
 * stage 1, of a table's address or of a structure's, and filled after each. Tag A is the owner's tag of the VM. A large page
 * lies in the set of its first 4 KiB, and is found only there unless there is one set.
 */
public final class IpaCache {
    private static final int OUTPUT = 0;
    private static final int FACTS = 1;
    private static final int ATTRIBUTES = 2;

    private static final int PERMISSIONS = 0xff;
    private static final int PAGE_SHIFT = 8;
    private static final int LEVEL_SHIFT = 16;

    private final TaggedCache cache;
    private final Slots ports;
    private final int lookupCycles;

    /**
     * Makes an empty cache.
     *
     * @param shape its size; entries have three values
     * @param lookupCycles how long a lookup takes, cycles of the walker
     * @param lookupPorts how many may be under way; 0: any number
     */
    public IpaCache(Simulation sim, String name, CacheShape shape, int lookupCycles, int lookupPorts, WakeRule rule) {
        cache = new TaggedCache(sim, name, shape);
        ports = new Slots(sim.scheduler(), name + " ports", lookupPorts, rule);
        this.lookupCycles = lookupCycles;
    }

    /** Number of values that an entry needs. */
    public static int values() {
        return 3;
    }

    /** The entries, for invalidation: tag A is the VM's tag, the address an IPA. */
    public TaggedCache entries() {
        return cache;
    }

    Slots ports() {
        return ports;
    }

    int lookupCycles() {
        return lookupCycles;
    }

    /**
     * The entry of an address, counted as a hit or miss; {@link TaggedCache#NONE} if it is not there or forbids the access.
     *
     * @param unchecked whether any access is taken for allowed
     */
    int lookup(long tag, long ipa, int access, boolean unchecked) {
        int entry = cache.find(index(ipa, tag), ipa, tag, 0);
        boolean usable =
                entry >= 0 && (unchecked || Access.allowed((int) cache.value(entry, FACTS) & PERMISSIONS, access));
        entry = usable ? entry : TaggedCache.NONE;
        cache.counted(entry);
        return entry;
    }

    /** Puts an entry into a walk's state as if its leaf had just been read. */
    void into(int entry, WalkState state) {
        long facts = cache.value(entry, FACTS);
        state.outputBase = cache.value(entry, OUTPUT);
        state.permissions = (int) facts & PERMISSIONS;
        state.pageShift = (int) (facts >>> PAGE_SHIFT) & 0xff;
        state.level = (byte) (facts >>> LEVEL_SHIFT);
        state.attributes = cache.value(entry, ATTRIBUTES);
        state.global = false;
    }

    /** Keeps the leaf in a walk's state. */
    int add(long tag, WalkState state) {
        long mask = -1L << state.pageShift;
        int entry = cache.insert(index(state.input & mask, tag), state.input, mask, tag, 0);
        cache.value(entry, OUTPUT, state.output() & mask);
        cache.value(
                entry,
                FACTS,
                state.permissions | (long) state.pageShift << PAGE_SHIFT | (long) (state.level & 0xff) << LEVEL_SHIFT);
        cache.value(entry, ATTRIBUTES, state.attributes);
        return entry;
    }

    private static long index(long ipa, long tag) {
        return ipa >>> 12 ^ tag;
    }
}

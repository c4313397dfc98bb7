package org.iommusim.hw.pipeline;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.PageSizes;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.Simulation;

/**
 * The entries of an IOTLB: what a page translates to and what is allowed there, or that it is refused, and why. Whose tables they
 * are is in the tags, which are the vendor's.
 *
 * <p>An entry that forbids an access is treated as a miss: the walk that follows says what the fault is, or finds that the table
 * allows it by now. A refusal answers with the fault that was found, for the accesses that it was found for.
 */
public final class Translations {
    /** Values that an entry has. */
    public static final int VALUES = 4;

    private static final int OUTPUT = 0;
    private static final int FACTS = 1;
    private static final int FIRST_ATTRIBUTES = 2;
    private static final int SECOND_ATTRIBUTES = 3;

    // Facts: permission word in bits 7:0.
    private static final int PAGE_SHIFT = 8;
    private static final int OWN_SHIFT = 16;
    private static final int REASON = 32;

    private static final int BYTE = 0xff;

    private final TaggedCache cache;
    private final PageSizes sizes;

    /**
     * Makes an empty IOTLB.
     *
     * @param shape with {@link #VALUES} values
     */
    public Translations(Simulation sim, String name, CacheShape shape) {
        cache = new TaggedCache(sim, name, shape);
        sizes = new PageSizes(shape.sets() == 1);
    }

    /** For invalidation. */
    public TaggedCache entries() {
        return cache;
    }

    /** The entry of an address under these tags, not counted; {@link TaggedCache#NONE} if there is none. */
    public int find(long iova, long tagA, long tagB) {
        return sizes.find(cache, iova, tagA, tagB);
    }

    /**
     * Counts a lookup that has found this entry.
     *
     * @param access what the answer must allow
     * @return the entry, or {@link TaggedCache#NONE} if it says nothing about the access: it is a miss
     */
    public int counted(int entry, int access) {
        int usable = entry >= 0 && applies(entry, access) ? entry : TaggedCache.NONE;
        cache.counted(usable);
        return usable;
    }

    /** True if an entry allows an access, or is what refused it. */
    private boolean applies(int entry, int access) {
        int permissions = permissions(entry);
        return reason(entry) == 0 ? Access.allowed(permissions, access) : (permissions & access) != 0;
    }

    /** Gives a transaction its answer out of an entry: where it goes, or the code of what refuses it. */
    public void answer(int entry, Transaction transaction) {
        transaction.pageShift = (int) (cache.value(entry, FACTS) >>> PAGE_SHIFT) & BYTE;
        transaction.code = reason(entry);
        if (transaction.code == 0) {
            long offset = transaction.iova & (1L << transaction.pageShift) - 1;
            transaction.output = cache.value(entry, OUTPUT) | offset;
            transaction.outcome = DmaOutcome.OK;
        }
    }

    /** What an entry allows, or refuses: a permission word. */
    public int permissions(int entry) {
        return (int) cache.value(entry, FACTS) & BYTE;
    }

    private int reason(int entry) {
        return (int) (cache.value(entry, FACTS) >>> REASON);
    }

    /** log2 of the page of the first stage's tables that an entry is a part of. */
    public int ownShift(int entry) {
        return (int) (cache.value(entry, FACTS) >>> OWN_SHIFT) & BYTE;
    }

    /** Attributes that the first stage handed on. */
    public long firstAttributes(int entry) {
        return cache.value(entry, FIRST_ATTRIBUTES);
    }

    /** Attributes that the second stage handed on. */
    public long secondAttributes(int entry) {
        return cache.value(entry, SECOND_ATTRIBUTES);
    }

    /** Keeps a transaction's answer; returns the entry. */
    public int keep(
            Transaction transaction, long tagA, long tagB, int permissions, int ownShift, long first, long second) {
        int entry = insert(transaction, tagA, tagB);
        cache.value(entry, OUTPUT, transaction.output & -1L << transaction.pageShift);
        cache.value(entry, FACTS, facts(transaction, permissions, ownShift));
        cache.value(entry, FIRST_ATTRIBUTES, first);
        cache.value(entry, SECOND_ATTRIBUTES, second);
        return entry;
    }

    /**
     * Keeps that a transaction's page is refused with its code; returns the entry.
     *
     * @param refused the accesses for which it is: a permission word
     */
    public int keepRefusal(Transaction transaction, long tagA, long tagB, int refused) {
        int entry = insert(transaction, tagA, tagB);
        cache.value(entry, FACTS, facts(transaction, refused, 0) | (long) transaction.code << REASON);
        return entry;
    }

    private int insert(Transaction transaction, long tagA, long tagB) {
        int shift = transaction.pageShift;
        long index = sizes.index(transaction.iova, shift);
        return cache.insert(index, transaction.iova, -1L << shift, tagA, tagB);
    }

    private static long facts(Transaction transaction, int permissions, int ownShift) {
        return permissions | (long) transaction.pageShift << PAGE_SHIFT | (long) ownShift << OWN_SHIFT;
    }

    /** True if an entry says why there is no translation. */
    public static boolean refuses(TaggedCache cache, int entry) {
        return cache.value(entry, FACTS) >>> REASON != 0;
    }

    /** Address mask of the first stage's page: the second stage may have split it into several entries. */
    public static long ownMask(TaggedCache cache, int entry) {
        return -1L << (cache.value(entry, FACTS) >>> OWN_SHIFT & BYTE);
    }
}

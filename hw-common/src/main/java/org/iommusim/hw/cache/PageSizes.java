package org.iommusim.hw.cache;

/**
 * The page sizes that a translation cache has held so far. A page lies in the set of its own number, so a lookup must look
 * into one set for each size; with one set into that. Only saves lookups, so nothing is ever taken back.
 */
public final class PageSizes {
    private static final int SMALLEST_SHIFT = 12;

    private final boolean oneSet;
    private long sizes;

    /**
     * None yet.
     *
     * @param oneSet whether all entries are in one set
     */
    public PageSizes(boolean oneSet) {
        this.oneSet = oneSet;
    }

    /** Set index for a page of 2^{@code shift} bytes that is about to be kept. */
    public long index(long address, int shift) {
        sizes |= 1L << shift;
        return address >>> shift;
    }

    /** The entry of an address, whatever the size of its page; as {@link TaggedCache#find}. */
    public int find(TaggedCache cache, long address, long tagA, long tagB) {
        if (oneSet) {
            return cache.find(address >>> SMALLEST_SHIFT, address, tagA, tagB);
        }
        for (long rest = sizes; rest != 0; rest &= rest - 1) {
            int entry = cache.find(address >>> Long.numberOfTrailingZeros(rest), address, tagA, tagB);
            if (entry >= 0) {
                return entry;
            }
        }
        return TaggedCache.NONE;
    }
}

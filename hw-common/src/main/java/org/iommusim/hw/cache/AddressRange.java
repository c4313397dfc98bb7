package org.iommusim.hw.cache;

/**
 * The addresses that an invalidation names: a power of two of them, aligned. It is set anew for each command. Addresses have no
 * sign. An entry of a cache is given by an address and a mask, like a page.
 */
public final class AddressRange {
    private long first;
    private long last = -1;

    /** Every address. */
    public AddressRange() {}

    /**
     * Becomes the range around an address.
     *
     * @param shift log2 of its length; 64 or more for every address
     */
    public void around(long address, int shift) {
        long offset = shift >= Long.SIZE ? -1L : (1L << shift) - 1;
        first = address & ~offset;
        last = first | offset;
    }

    /** True if an entry shares an address with the range. */
    public boolean overlaps(long address, long mask) {
        long from = address & mask;
        return Long.compareUnsigned(from, last) <= 0 && Long.compareUnsigned(first, from | ~mask) <= 0;
    }

    /** True if all of an entry is in the range. */
    public boolean contains(long address, long mask) {
        long from = address & mask;
        return Long.compareUnsigned(first, from) <= 0 && Long.compareUnsigned(from | ~mask, last) <= 0;
    }
}

package org.iommusim.sim.memory;

/**
 * A range of physical addresses.
 *
 * @param base first byte, page aligned
 * @param bytes size, at least one page, whole pages
 */
public record MemoryRange(long base, long bytes) {
    /** Checks alignment and size. */
    public MemoryRange {
        long mask = PhysicalMemory.PAGE_BYTES - 1;
        if (base < 0 || bytes <= 0 || (base & mask) != 0 || (bytes & mask) != 0 || base + bytes < 0) {
            throw new IllegalArgumentException("memory at 0x" + Long.toHexString(base) + " of 0x"
                    + Long.toHexString(bytes) + " bytes is not a range of whole pages");
        }
    }

    /** First byte behind the range. */
    public long end() {
        return base + bytes;
    }

    /** True if the two share a byte. */
    public boolean overlaps(MemoryRange other) {
        return base < other.end() && other.base < end();
    }

    /** True if the address lies inside. */
    public boolean contains(long address) {
        return address >= base && address < end();
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(base) + "-0x" + Long.toHexString(end() - 1);
    }
}

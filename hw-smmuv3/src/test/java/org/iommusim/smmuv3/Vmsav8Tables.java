package org.iommusim.smmuv3;

import org.iommusim.sim.memory.PhysicalMemory;

/**
 * Builds VMSAv8-64 tables with 4 KiB granule and four levels, by hand: for tests and benchmarks. Tables may lie behind
 * another translation: they name each other by their own addresses, and are written at a fixed distance from those.
 */
public final class Vmsav8Tables {
    /** Stage-1 leaf: valid, access flag, inner shareable, readable and writable by everybody, not global. */
    public static final long S1_PAGE = 0x1 | 1 << 6 | 3 << 8 | 1 << 10 | 1 << 11;
    /** Stage-1 leaf that may not be written. */
    public static final long S1_READ_ONLY = S1_PAGE | 1 << 7;
    /** Stage-2 leaf: valid, access flag, inner shareable, write-back, readable and writable. */
    public static final long S2_PAGE = 0x1 | 0xf << 2 | 3 << 6 | 3 << 8 | 1 << 10;

    private final PhysicalMemory memory;
    private final long distance;
    private long next;
    private final long root;

    /**
     * Makes an empty root table.
     *
     * @param firstTable address of the root table, in the space in which the tables name each other; more tables follow
     *     behind it as they are needed
     * @param distance what to add to such an address to get a physical one
     */
    public Vmsav8Tables(PhysicalMemory memory, long firstTable, long distance) {
        this.memory = memory;
        this.distance = distance;
        root = firstTable;
        next = firstTable + 4096;
    }

    /** Address of the root table, in the tables' own space. */
    public long root() {
        return root;
    }

    /** First address behind all tables made so far, in the tables' own space. */
    public long end() {
        return next;
    }

    /** Maps a page of 4 KiB. */
    public void map(long input, long output, long leafBits) {
        memory.write64(entry(input, 3), output | leafBits | 2);
    }

    /** Maps a block of 2 MiB. */
    public void mapBlock(long input, long output, long leafBits) {
        memory.write64(entry(input, 2), output | leafBits);
    }

    /** Writes the descriptor that maps a page, whatever it is. */
    public void put(long input, int level, long descriptor) {
        memory.write64(entry(input, level), descriptor);
    }

    /** Physical address of the descriptor of this level for an input address; tables above it are made. */
    public long entry(long input, int level) {
        long table = root;
        for (int l = 0; l < level; l++) {
            long at = table + distance + index(input, l) * 8;
            long descriptor = memory.read64(at);
            if (descriptor == 0) {
                descriptor = next | 3;
                next += 4096;
                memory.write64(at, descriptor);
            }
            table = descriptor & 0x0000_ffff_ffff_f000L;
        }
        return table + distance + index(input, level) * 8;
    }

    private static long index(long input, int level) {
        return input >>> 12 + 9 * (3 - level) & 0x1ff;
    }
}

package org.iommusim.hw.x86;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * Builds tables of 512 entries of 8 bytes whose pages are level 1: x86-64 tables and the second stage of VT-d. It writes what it
 * is told, right or wrong, and shares no code with the formats.
 */
public final class LongModeTables {
    private final PhysicalMemory memory;
    private final StageParameters parameters;
    private final long tableBits;
    private final long distance;
    private long next;

    /**
     * Starts with an empty first table.
     *
     * @param parameters geometry; its root is set
     * @param tableBits what an entry that points to a table has besides its address
     * @param firstTable where tables may be made, in their own space
     * @param distance how far from there they are in memory
     */
    public LongModeTables(
            PhysicalMemory memory, StageParameters parameters, long tableBits, long firstTable, long distance) {
        this.memory = memory;
        this.parameters = parameters;
        this.tableBits = tableBits;
        this.distance = distance;
        parameters.root = firstTable;
        next = firstTable + 4096;
    }

    /** Behind the last table, in the tables' own space. */
    public long end() {
        return next;
    }

    /** Physical address of the entry of a level for an input; tables above it are made, the new ones with these bits flipped. */
    public long entry(long input, int level, long flipped) {
        long table = parameters.root;
        for (int l = parameters.startLevel; ; l--) {
            long at = table + distance + 8 * ((input >> 3 + 9 * l) & 511);
            if (l == level) {
                return at;
            }
            long entry = memory.read64(at);
            if (entry == 0) {
                entry = (next | tableBits) ^ flipped;
                next += 4096;
                memory.write64(at, entry);
            }
            table = entry & 0xffff_f000L; // all tables are below 4 GiB, whatever was flipped
        }
    }

    /** Maps one page; {@code bits} are all but the address. */
    public void map(long input, int level, long output, long bits) {
        memory.write64(entry(input, level, 0), output | bits);
    }
}

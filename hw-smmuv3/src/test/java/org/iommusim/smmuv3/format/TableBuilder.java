package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * Builds VMSAv8-64 tables of either stage, with any granule and start level, concatenated or not, in physical memory. It
 * writes what it is told, right or wrong, and shares no code with the formats.
 */
public final class TableBuilder {
    private final PhysicalMemory memory;
    private final StageParameters parameters;
    private final long distance;
    private long next;

    /**
     * Starts with empty start tables.
     *
     * @param parameters geometry; its root is set
     * @param firstTable where tables may be made; aligned to 1 MiB
     */
    public TableBuilder(PhysicalMemory memory, StageParameters parameters, long firstTable) {
        this(memory, parameters, firstTable, 0);
    }

    /** The same for tables that lie in memory at a distance from where they are in their own space. */
    public TableBuilder(PhysicalMemory memory, StageParameters parameters, long firstTable, long distance) {
        this.distance = distance;
        this.memory = memory;
        this.parameters = parameters;
        parameters.root = firstTable;
        next = firstTable + (16L << parameters.granuleShift); // room for 16 concatenated tables
    }

    /** Behind the last table, in the tables' own space. */
    public long end() {
        return next;
    }

    private int shift(int level) {
        return parameters.granuleShift + (3 - level) * (parameters.granuleShift - 3);
    }

    /** Physical address of the entry of a level for an input; tables above it are made, with these bits added. */
    public long entry(long input, int level, long tableBits) {
        long in = input << 64 - parameters.inputBits >>> 64 - parameters.inputBits;
        long table = parameters.root;
        for (int l = parameters.startLevel; ; l++) {
            long index = in >>> shift(l);
            if (l != parameters.startLevel) {
                index &= (1L << parameters.granuleShift - 3) - 1;
            }
            long at = table + distance + 8 * index;
            if (l == level) {
                return at;
            }
            long descriptor = memory.read64(at);
            if ((descriptor & 3) != 3) {
                descriptor = next | 3;
                next += 1L << parameters.granuleShift;
            }
            memory.write64(at, descriptor | tableBits);
            table = descriptor & 0x0000_ffff_ffff_ffffL & -1L << parameters.granuleShift;
        }
    }

    /** Maps one page or block: {@code bits} are attributes without type and address. */
    public void map(long input, int level, long output, long bits) {
        memory.write64(entry(input, level, 0), output | bits | (level == 3 ? 3 : 1));
    }
}

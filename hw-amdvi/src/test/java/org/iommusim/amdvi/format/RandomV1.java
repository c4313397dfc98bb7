package org.iommusim.amdvi.format;

import java.util.List;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;

/** Random geometries and host tables; most places are mapped legally. It shares no code with the format. */
final class RandomV1 {
    private static final long PERMISSIONS = 3L << 61;
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

    private final PhysicalMemory memory;
    private final StageParameters p;
    private final long first;
    private long next;

    /** Starts with an empty first table; its address becomes the root. */
    RandomV1(PhysicalMemory memory, StageParameters p, long firstTable) {
        this.memory = memory;
        this.p = p;
        first = firstTable;
        next = firstTable + 4096;
        p.root = firstTable;
    }

    static void geometry(Gen gen, StageParameters p, int fewestLevels) {
        p.format = V1Table.INSTANCE;
        p.startLevel = fewestLevels + gen.below(7 - fewestLevels);
        p.inputBits = Math.min(64, 12 + 9 * p.startLevel);
        p.granuleShift = 12;
        p.outputBits = 52;
        p.flags = gen.pick(List.of(0, 1, 3));
    }

    /** Behind the last table. */
    long end() {
        return next;
    }

    /** Whatever the tables can map: now and then with whole levels of zeros. */
    static long input(Gen gen, StageParameters p) {
        long input = gen.bits() >>> 64 - p.inputBits;
        int level = 1 + gen.below(6);
        return gen.oneIn(2) ? input & ~(0x1ffL << 3 + 9 * level) : input;
    }

    /** Maps an input unless something else is in the way. Half of the mappings forbid nothing. */
    void map(Gen gen, long input, long output) {
        boolean open = gen.oneIn(2);
        int level = gen.oneIn(3) ? Math.min(p.startLevel, 1 + gen.below(4)) : 1;
        int low = 3 + 9 * level;
        int size = gen.oneIn(3) ? low + 1 + gen.below(8) : low;
        long flipped = open || gen.oneIn(2) ? 0 : 1L << gen.pick(List.of(0, 9, 10, 11, 61, 62));
        long at = entry(gen, input, level, flipped);
        if (at == 0) {
            return;
        }
        long bits = gen.bits() & 0x9ff0_0000_0000_01feL | PERMISSIONS | 1;
        bits ^= open || gen.oneIn(2) ? 0 : 1L << gen.pick(List.of(0, 61, 62));
        long slots = size == low || size > 50 ? 1 : 1L << size - low;
        long start = at & -8 * slots;
        for (long slot = start; slot < start + 8 * slots; slot += 8) {
            if (memory.read64(slot) != 0) {
                slots = 1;
            }
        }
        if (slots == 1) {
            memory.write64(at, output & ADDRESS | bits);
            return;
        }
        // Which replicas are marked depends on what is cached; these are all marked already.
        bits |= 0x60;
        long sized = output & ADDRESS & -1L << size | (1L << size - 1) - 4096 | 7 << 9 | bits;
        for (long slot = start; slot < start + 8 * slots; slot += 8) {
            memory.write64(slot, sized);
        }
    }

    /** Maps 2 MiB at a time. */
    void map2M(Gen gen, long input, long output, long bits) {
        memory.write64(entry(gen, input, 2, 0), output | bits | 1);
    }

    /** Address of an empty entry for an input, or 0; tables above it are made, some of them levels further down. */
    private long entry(Gen gen, long input, int level, long flipped) {
        long table = p.root;
        int current = p.startLevel;
        while (true) {
            long at = table + 8 * (input >>> 3 + 9 * current & 511);
            long entry = memory.read64(at);
            if (current == level) {
                return entry == 0 ? at : 0;
            }
            if (entry == 0) {
                int below = current - 1;
                while (below > level && gen.oneIn(3) && (input >>> 3 + 9 * below & 511) == 0) {
                    below--;
                }
                entry = (next | PERMISSIONS | 1 | (long) below << 9) ^ flipped;
                next += 4096;
                memory.write64(at, entry);
                table = next - 4096;
                current = below;
            } else {
                int below = (int) (entry >>> 9) & 7;
                table = entry & ADDRESS;
                if (below < level || below >= current || table < first || table >= next) {
                    return 0;
                }
                current = below;
            }
        }
    }

    static long address(Gen gen, long[] inputs) {
        long address = inputs[gen.below(inputs.length)];
        address ^= gen.oneIn(2) ? gen.magnitude(24) : gen.below(4096);
        return gen.oneIn(12) ? address ^ 1L << gen.below(64) : address;
    }
}

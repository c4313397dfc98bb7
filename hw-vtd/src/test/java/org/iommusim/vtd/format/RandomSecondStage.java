package org.iommusim.vtd.format;

import java.util.List;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.vtd.spec.SsPte;

/** Random geometries and second-stage tables; most places are mapped legally. */
final class RandomSecondStage {
    private RandomSecondStage() {}

    static void geometry(Gen gen, StageParameters p, boolean nested) {
        p.format = SecondStage.INSTANCE;
        p.startLevel = 3 + gen.below(3);
        p.inputBits = Math.min(12 + 9 * p.startLevel, gen.pick(List.of(39, 48, 57)));
        p.granuleShift = 12;
        p.outputBits = gen.pick(List.of(39, 46, 48));
        p.flags = (int) gen.bits() & 0x3f | (nested ? SecondStage.PAGES_2M : 0);
    }

    /** Maps inputs. Half of the leaves forbid nothing. */
    static void map(Gen gen, LongModeTables builder, PhysicalMemory memory, StageParameters p, long[] inputs) {
        for (long input : inputs) {
            boolean open = gen.oneIn(2);
            int level = gen.oneIn(3) ? 1 + gen.below(3) : 1;
            long bits = gen.bits() & 0xbff0_0000_0000_0778L | SsPte.R | SsPte.W | SsPte.X;
            bits |= level > 1 ? SsPte.PS : 0;
            long flipped = 0;
            if (!open) {
                bits ^= gen.oneIn(2) ? 1L << gen.pick(List.of(0, 1, 2, 7, 11, 62)) : 0;
                flipped = gen.oneIn(3) ? 1L << gen.pick(List.of(0, 1, 2, 7, 8, 11, 50, 62)) : 0;
            }
            long page = level == 1 || gen.oneIn(8) ? -1L << 12 : -1L << 3 + 9 * level;
            long output = gen.bits() >>> 64 - 38 & page;
            memory.write64(builder.entry(input & (1L << p.inputBits) - 1, level, flipped), output | bits);
        }
    }

    /** Moves the area of the first stage's tables by a distance; now and then a part may not be read or written. */
    static void area(Gen gen, LongModeTables builder, long from, int areaShift, long distance) {
        for (long at = from; at < from + (1L << areaShift); at += 1L << 21) {
            long bits = SsPte.R | SsPte.W | SsPte.X | SsPte.PS;
            bits ^= gen.oneIn(8) ? gen.pick(List.of(SsPte.R, SsPte.W)) : 0;
            builder.map(at, 2, at + distance, bits);
        }
    }

    static long address(Gen gen, long[] inputs) {
        long address = inputs[gen.below(inputs.length)];
        address ^= gen.oneIn(2) ? gen.magnitude(24) : gen.below(4096);
        return gen.oneIn(12) ? address ^ 1L << gen.below(64) : address;
    }
}

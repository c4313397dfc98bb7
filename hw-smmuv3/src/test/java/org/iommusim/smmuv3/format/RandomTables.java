package org.iommusim.smmuv3.format;

import java.util.List;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;

/** Random geometries and tables for walks; most places are mapped legally. */
final class RandomTables {
    private RandomTables() {}

    static void stage1(Gen gen, int granule, StageParameters p, boolean nested) {
        common(gen, granule, p, nested);
        p.format = Vmsav8Stage1.INSTANCE;
        p.inputBits = (int) gen.between(25, p.outputBits == 52 ? 52 : 48);
        p.startLevel = 4 - (p.inputBits - 4) / (granule - 3);
        p.flags |= (int) gen.bits() & (Vmsav8.HIGH | Vmsav8.TBI | Vmsav8.HAD | Vmsav8.WXN);
        if (gen.oneIn(6)) {
            p.flags |= Vmsav8.EL2;
        } else if (gen.oneIn(4)) {
            p.flags |= Vmsav8.PAN;
        }
        p.extra = 0x04_ff_44L;
        if (nested) {
            p.outputBits = Math.max(p.outputBits, 36);
        }
    }

    static void stage2(Gen gen, int granule, StageParameters p, boolean nested) {
        common(gen, granule, p, nested);
        p.format = Vmsav8Stage2.INSTANCE;
        p.flags |= gen.oneIn(2) ? Vmsav8.XNX : 0;
        // Any start level that resolves at least one bit with at most 16 concatenated tables; under a stage 1 with
        // blocks.
        int bits;
        do {
            p.inputBits = (int) gen.between(nested ? 34 : 25, p.outputBits == 52 ? 52 : 48);
            p.startLevel = gen.below(nested ? 4 : 5) - 1;
            bits = p.inputBits - granule - (3 - p.startLevel) * (granule - 3);
        } while (bits < 1 || bits > granule - 3 + 4 || p.startLevel < 0 && (p.flags & Vmsav8.DS) == 0);
    }

    private static void common(Gen gen, int granule, StageParameters p, boolean nested) {
        p.granuleShift = granule;
        p.outputBits = gen.pick(List.of(36, 40, 42, 48));
        p.flags = gen.oneIn(2) ? Vmsav8.AFFD : 0;
        if (gen.oneIn(2)) {
            p.flags |= Vmsav8.HA | (gen.oneIn(2) ? Vmsav8.HD : 0);
        }
        if (gen.oneIn(3)) {
            p.flags |= granule == 16 ? Vmsav8.LPA_64K : Vmsav8.DS;
            p.outputBits = 52;
        }
    }

    /**
     * An input that lies in every block as an output does, so that stage 1 leads to it at any level.
     *
     * @param p1 geometry of the input
     */
    static long alike(StageParameters p1, long input, long output) {
        long within = (1L << Math.min(p1.inputBits, 30)) - 1;
        return input & ~within | output & within;
    }

    /** Maps inputs; most of them to the output of the same number, if outputs are given. Half of the leaves forbid nothing. */
    static void map(
            Gen gen, TableBuilder builder, PhysicalMemory memory, StageParameters p, long[] inputs, long[] outputs) {
        boolean first = p.format == Vmsav8Stage1.INSTANCE;
        for (int i = 0; i < inputs.length; i++) {
            long input = inputs[i];
            boolean open = gen.oneIn(2);
            int level = (int) gen.between(Math.max(p.startLevel, gen.oneIn(3) ? -1 : 2), 3);
            long bits = gen.bits() & 0x007f_0000_0000_0ffcL & ~Vmsav8.CONTIGUOUS;
            bits |= gen.oneIn(8) ? 0 : Vmsav8.AF;
            if (open) {
                bits = bits & ~(3L << 53 | 3L << 6) | Vmsav8.AF | (first ? 1L << 6 : 3L << 6);
            }
            long output = gen.bits() >>> 64 - Math.min(48, p.outputBits + (!open && gen.oneIn(4) ? 4 : 0));
            boolean known = outputs != null && (open || gen.oneIn(2));
            if (known) {
                output = outputs[i];
            }
            output &= 0x0000_ffff_ffff_ffffL & -1L << p.granuleShift;
            if ((p.flags & Vmsav8.DS) != 0) {
                bits &= ~(3L << 8);
                bits |= known ? 0 : (long) gen.below(4) << 8 | (long) gen.below(4) << 48;
            }
            if ((p.flags & Vmsav8.LPA_64K) != 0 && !known) {
                output |= gen.below(16) << 12;
            }
            long type = level == 3 ? gen.oneIn(10) ? gen.below(4) : 3 : gen.oneIn(10) ? 0 : 1;
            long above = first && !open && gen.oneIn(2) ? (long) gen.below(16) << 59 : 0;
            memory.write64(builder.entry(input, level, above), output | bits | type);
        }
    }

    /**
     * Stage 2 moves the area of stage 1's tables by a distance; now and then a part may not be read or written, or hardware
     * has to note the access.
     */
    static void area(Gen gen, TableBuilder builder, StageParameters p, long from, int areaShift, long distance) {
        int blockShift = p.granuleShift + p.granuleShift - 3;
        for (long at = from; at < from + (1L << areaShift); at += 1L << blockShift) {
            long bits = Vmsav8.AF | 3L << 6;
            if (gen.oneIn(8)) {
                bits = gen.pick(List.of(Vmsav8.AF, 3L << 6, 1L << 6 | Vmsav8.AF, 1L << 6 | Vmsav8.DBM));
            }
            builder.map(at, 2, at + distance, bits);
        }
    }

    static long address(Gen gen, StageParameters p, long[] inputs) {
        long address = inputs[gen.below(inputs.length)];
        address ^= gen.oneIn(2) ? gen.magnitude(Math.min(p.inputBits - 8, 24)) : gen.below(4096);
        if ((p.flags & Vmsav8.HIGH) != 0) {
            address |= -1L << p.inputBits;
        }
        address ^= gen.oneIn(12) ? 1L << gen.below(64) : 0;
        return gen.oneIn(6) ? address ^ gen.bits() << 56 : address;
    }
}

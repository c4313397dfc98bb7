package org.iommusim.hw.x86;

import java.util.List;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;
import org.jspecify.annotations.Nullable;

/** Random geometries and x86-64 tables; most places are mapped legally. */
public final class RandomX86Tables {
    private RandomX86Tables() {}

    /** 4 or 5 levels, random flags. */
    public static void geometry(Gen gen, StageParameters p) {
        p.format = X86Table.INSTANCE;
        p.startLevel = gen.oneIn(3) ? 5 : 4;
        p.inputBits = 12 + 9 * p.startLevel;
        p.granuleShift = 12;
        p.outputBits = gen.pick(List.of(39, 46, 48));
        p.flags = (int) gen.bits() & 0x7f;
    }

    /** An input in either half of the address space. */
    public static long input(Gen gen, StageParameters p) {
        return gen.bits() >> 64 - p.inputBits;
    }

    /** Maps inputs; most of them to the output of the same number, if outputs are given. Half of the leaves forbid nothing. */
    public static void map(
            Gen gen, LongModeTables builder, PhysicalMemory memory, long[] inputs, long @Nullable [] outputs) {
        for (int i = 0; i < inputs.length; i++) {
            boolean open = gen.oneIn(2);
            int level = gen.oneIn(3) ? 1 + gen.below(3) : 1;
            long bits = gen.bits() & 0xfff0_0000_0000_0f78L;
            bits |= X86Pte.P | X86Pte.US | X86Pte.RW | (level > 1 ? X86Pte.PS : 0);
            long flipped = 0;
            if (open) {
                bits &= ~X86Pte.XD;
            } else {
                bits ^= gen.oneIn(2) ? 1L << gen.pick(List.of(0, 1, 2, 7)) : 0;
                flipped = gen.oneIn(3) ? 1L << gen.pick(List.of(0, 1, 2, 5, 7, 10, 50, 63)) : 0;
            }
            long output = outputs != null && (open || gen.oneIn(2)) ? outputs[i] : gen.bits() >>> 64 - 38;
            long page = level == 1 || gen.oneIn(8) ? -1L << 12 : -1L << 3 + 9 * level;
            memory.write64(builder.entry(inputs[i], level, flipped), output & page & X86Pte.ADDRESS | bits);
        }
    }

    /** An address near one of the inputs; sometimes not canonical. */
    public static long address(Gen gen, long[] inputs) {
        long address = inputs[gen.below(inputs.length)];
        address ^= gen.oneIn(2) ? gen.magnitude(24) : gen.below(4096);
        return gen.oneIn(12) ? address ^ 1L << gen.below(64) : address;
    }
}

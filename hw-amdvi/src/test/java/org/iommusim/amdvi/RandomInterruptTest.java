package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random interrupt fields of a device table entry, random interrupt entries and messages, held against a naive reading of the
 * rules with literal bits. Every message is sent twice: what is cached must say the same.
 */
class RandomInterruptTest {
    private static final int ROUNDS = 1500;
    private static final long RESERVED = 3L << 52;

    private final InterruptBed bed = InterruptBed.plain();
    private final TreeMap<String, Integer> seen = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldDoWhatEntriesSay(int seed) {
        Gen gen = new Gen(seed);
        for (int round = 0; round < ROUNDS; round++) {
            boolean ga = gen.oneIn(2);
            boolean xt = gen.oneIn(2);
            boolean all = gen.oneIn(4);
            bed.control((ga ? Control.GA_EN.mask() : 0)
                    | (xt ? Control.XT_EN.mask() : 0)
                    | Control.NUM_INT_REMAP_MODE.with(0, all ? 1 : 0)
                    | (gen.oneIn(4) ? Control.IRT_CACHE_DIS.mask() : 0));
            long fields = fields(gen);
            bed.interrupts(InterruptBed.SID, fields);
            int data = gen.below(1 << 16) & ~(gen.oneIn(2) ? 0x600 : 0);
            int index = data & 0x7ff;
            long low = gen.bits() & ~(gen.oneIn(8) ? 0 : 0x98) | (gen.oneIn(8) ? 0 : 1);
            long high = gen.bits();
            if (ga) {
                bed.ga(index, low, high);
            } else {
                bed.basic(index, (int) low);
            }
            bed.invalidate(Cmd.invalidateIommuAll0());
            String wanted = wanted(fields, data, all, low, ga ? high : 0, ga, xt);
            String context = "round %d: DTE 0x%x data 0x%x".formatted(round, fields, data);
            assertThat(bed.msi(data)).as(context).isEqualTo(wanted);
            assertThat(bed.msi(data)).as(context + " again").isEqualTo(wanted);
            seen.merge(wanted.replaceFirst("addr.*", "").replaceFirst("^0x.*", "leaves"), 1, Integer::sum);
        }
        assertThat(seen)
                .as("passed, silent, illegal, blocked, not remapped, reserved")
                .hasSize(6);
    }

    private static long fields(Gen gen) {
        long fields = gen.bits() & ~(RESERVED | Dte.INT_TAB_ROOT.mask() | Dte.INT_TAB_LEN.mask() | Dte.INT_CTL.mask());
        fields = Dte.INT_CTL.with(fields, gen.oneIn(3) ? gen.below(4) : Dte.INTCTL_REMAP);
        fields = Dte.INT_TAB_LEN.with(fields, gen.oneIn(3) ? gen.below(16) : 11);
        fields = Dte.IV.with(fields, gen.oneIn(8) ? 0 : 1);
        return Dte.IG.with(fields, gen.oneIn(4) ? 1 : 0) | Dte.INT_TAB_ROOT.inPlace(InterruptBed.TABLE);
    }

    private static boolean bit(long word, int bit) {
        return (word >>> bit & 1) != 0;
    }

    private static String wanted(long w2, int data, boolean all, long low, long high, boolean ga, boolean xt) {
        int control = (int) (w2 >>> 60 & 3);
        if (!bit(w2, 0) && control > 1 || control == 3) {
            return "FAULT ILLEGAL_DEV_TABLE_ENTRY device=0x130 domain=0 flags=0x8 addr=0xfee00000";
        }
        String same = "0xfee00000 0x" + Integer.toHexString(data);
        int kind = data >>> 8 & 7;
        if (!bit(w2, 0)) {
            return same;
        }
        boolean silent = bit(w2, 5);
        if (kind > 1 && !all) {
            boolean passes =
                    kind == 2 || kind == 4 && bit(w2, 58) || kind == 5 && bit(w2, 56) || kind == 7 && bit(w2, 57);
            return passes ? same : blocked(silent, 0x48);
        }
        if (control != 2) {
            return control == 1 ? same : blocked(silent, 0x48);
        }
        if ((data & 0x7ff) >= 1 << (w2 >>> 1 & 15)) {
            return blocked(silent, 8);
        }
        if (!bit(low, 0)) {
            return blocked(silent || bit(low, 1), 8);
        }
        int type = (int) (low >>> 2 & 7);
        if (type > 1 || bit(low, 7)) {
            return blocked(silent || bit(low, 1), 0x98);
        }
        long destination = ga ? low >>> 8 & 0xff_ffff | (high >>> 56) << 24 : low >>> 8 & 0xff;
        long vector = ga ? high & 0xff : low >>> 16 & 0xff;
        long upper = ga && xt ? destination >>> 8 << 40 : 0;
        long address = 0xfee0_0000L | (destination & 0xff) << 12 | (bit(low, 6) ? 4 : 0) | upper;
        long out = vector | (long) type << 8 | 1 << 14 | (bit(low, 5) ? 1 << 15 : 0);
        return "0x" + Long.toHexString(address) + " 0x" + Long.toHexString(out);
    }

    private static String blocked(boolean silent, int flags) {
        return silent
                ? "FAULT"
                : "FAULT IO_PAGE_FAULT device=0x130 domain=7 flags=0x%x addr=0xfee00000".formatted(flags);
    }
}

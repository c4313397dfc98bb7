package org.iommusim.vtd.format;

import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.PasidEntry;

/**
 * Memory type and snooping of a translated access: what the PASID entry and the leaves of both stages say of it.
 *
 * <p>The result is a memory type in the encoding of the page attribute table (bits 2:0) and {@link #SNOOP}. The rules, in the
 * order in which they are applied (the specification's text was not at hand; where it is not known they are a choice of this
 * model):
 *
 * <table>
 * <caption>Memory type</caption>
 * <tr><th>Configuration</th><th>Result</th></tr>
 * <tr><td>legacy, or a unit without memory types (ECAP.MTS=0)</td><td>write-back: what PCIe asks for</td></tr>
 * <tr><td>CD</td><td>uncached</td></tr>
 * <tr><td>first stage only</td><td>PAT at the leaf's index</td></tr>
 * <tr><td>second stage only</td><td>write-back; the leaf's EMT with EMTE</td></tr>
 * <tr><td>nested, EMTE=0 or the second leaf has no IPAT</td><td>PAT at the first leaf's index with EMT (write-back without
 * EMTE), as a processor combines PAT and MTRR</td></tr>
 * <tr><td>nested, EMTE=1 and IPAT</td><td>EMT of the second leaf</td></tr>
 * <tr><td>pass-through</td><td>write-back; the PASID entry's EMT with EMTE</td></tr>
 * <tr><td>snooping</td><td>write-back always; otherwise PGSNP of the PASID entry or SNP of the second leaf</td></tr>
 * </table>
 */
public final class MemoryType {
    /** Uncached. */
    public static final int UC = 0;
    /** Write-combining. */
    public static final int WC = 1;
    /** Write-through. */
    public static final int WT = 4;
    /** Write-protected. */
    public static final int WP = 5;
    /** Write-back. */
    public static final int WB = 6;
    /** Uncached, unless another type overrides it. */
    public static final int UC_MINUS = 7;
    /** The access is snooped. */
    public static final int SNOOP = 1 << 3;

    // A configuration is packed as PasidEntry's word 1 has it, so that one long carries it through the caches; 0 is
    // that of
    // legacy mode. Bit 0 says that the unit has no memory types.
    private static final long NO_TYPES = 1;

    private MemoryType() {}

    /** Configuration that a PASID entry's second word says; memory types count only if the unit has them. */
    static long scalable(long word1, Cap cap) {
        long snoop = word1 & (PasidEntry.PGSNP.mask() | PasidEntry.PWSNP.mask());
        long types = PasidEntry.CD.mask() | PasidEntry.EMTE.mask() | PasidEntry.EMT.mask() | PasidEntry.PAT.mask();
        return snoop | (cap.mts() ? word1 & types : NO_TYPES);
    }

    /** True if page walks are snooped. */
    public static boolean walksSnooped(TranslationConfig config) {
        return PasidEntry.PWSNP.isSet(config.memory);
    }

    /**
     * What a translated access has.
     *
     * @param stage1 attributes of the first stage's leaf; 0 without
     * @param stage2 attributes of the second stage's leaf; 0 without
     */
    public static int of(TranslationConfig config, long stage1, long stage2) {
        int type = type(config, (int) stage1, stage2);
        boolean snoop =
                type == WB || PasidEntry.PGSNP.isSet(config.memory) || (stage2 & SecondStage.ATTRIBUTE_SNP) != 0;
        return type | (snoop ? SNOOP : 0);
    }

    private static int type(TranslationConfig config, int index, long stage2) {
        long memory = config.memory;
        if ((memory & NO_TYPES) != 0) {
            return WB;
        }
        if (PasidEntry.CD.isSet(memory)) {
            return UC;
        }
        int second = PasidEntry.EMTE.isSet(memory) ? emt(config, stage2) : WB;
        if (!config.first()) {
            return second;
        }
        boolean ignored = PasidEntry.EMTE.isSet(memory) && (stage2 & SecondStage.ATTRIBUTE_IPAT) != 0;
        return ignored ? second : combined(pat(memory, index), second);
    }

    private static int emt(TranslationConfig config, long stage2) {
        return config.second() ? (int) stage2 & 7 : config.first() ? WB : PasidEntry.EMT.getInt(config.memory);
    }

    private static int pat(long memory, int index) {
        return (int) (PasidEntry.PAT.get(memory) >>> 4 * index) & 7;
    }

    /** PAT over MTRR: the first stage's type decides, but for write-back, and for what must stay weaker than it asks. */
    private static int combined(int first, int second) {
        boolean uncached = second == UC || second == WC || second == UC_MINUS;
        return switch (first) {
            case WB -> second;
            case WT, WP -> uncached ? UC : first;
            case UC_MINUS -> second == WC ? WC : UC;
            default -> first;
        };
    }
}

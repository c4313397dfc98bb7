package org.iommusim.vtd.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;

/** Checks a context entry of legacy mode and decodes it. */
public final class ContextDecoder {
    private ContextDecoder() {}

    /**
     * Decodes an entry. On a fault {@code out} blocks, but its FPD is the entry's.
     *
     * @param words the entry as it was read
     * @param cap what the unit can do: decides what is illegal
     * @param hostAddressBits width of a physical address
     * @return 0 or a fault reason
     */
    public static int decode(long[] words, Cap cap, int hostAddressBits, TranslationConfig out) {
        out.clear();
        out.fpd = ContextEntry.FPD.isSet(words[0]);
        if (!ContextEntry.P.isSet(words[0])) {
            return FaultReason.CONTEXT_NOT_PRESENT;
        }
        long reserved0 = words[0] & (ContextEntry.RESERVED0 | -1L << hostAddressBits);
        if ((reserved0 | words[1] & ContextEntry.RESERVED1) != 0) {
            return FaultReason.CONTEXT_RESERVED;
        }
        int tt = ContextEntry.TT.intIn(words);
        int levels = ContextEntry.AW.intIn(words) + 2;
        // Pass-through has no tables, and yet its width must be one that the unit has.
        if (!cap.levels(levels) || !exists(tt, cap)) {
            return FaultReason.CONTEXT_INVALID;
        }
        out.did = ContextEntry.DID.intIn(words);
        out.ats = tt == ContextEntry.TT_ALL;
        out.addressBits = cap.mgawBits();
        if (tt == ContextEntry.TT_PASS_THROUGH) {
            out.kind = TranslationConfig.PASS_THROUGH;
            return FaultReason.NONE;
        }
        out.kind = TranslationConfig.SECOND;
        secondStage(out.stage2, ContextEntry.SSPTPTR.inPlace(words[0]), levels, cap, hostAddressBits, out.did);
        out.addressBits = out.stage2.inputBits;
        return FaultReason.NONE;
    }

    private static boolean exists(int tt, Cap cap) {
        return switch (tt) {
            case ContextEntry.TT_UNTRANSLATED -> true;
            case ContextEntry.TT_ALL -> cap.dt();
            case ContextEntry.TT_PASS_THROUGH -> cap.pt();
            default -> false;
        };
    }

    /** What context entries and PASID entries say alike of their second stage. */
    static void secondStage(StageParameters p, long table, int levels, Cap cap, int hostAddressBits, int did) {
        p.format = SecondStage.INSTANCE;
        p.root = table;
        p.inputBits = Math.min(12 + 9 * levels, cap.mgawBits());
        p.granuleShift = 12;
        p.startLevel = levels;
        p.outputBits = hostAddressBits;
        p.tag = did;
        p.flags = (cap.ss2m() ? SecondStage.PAGES_2M : 0)
                | (cap.ss1g() ? SecondStage.PAGES_1G : 0)
                | (cap.sc() ? SecondStage.SNOOP_CONTROL : 0)
                | (cap.dt() ? SecondStage.DEVICE_TLBS : 0);
    }
}

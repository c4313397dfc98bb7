package org.iommusim.vtd.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.X86Table;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;

/** Checks PASID directory entries and PASID entries, and decodes the latter. */
public final class PasidDecoder {
    private static final int GUEST_ADDRESS_BITS = 52;

    private PasidDecoder() {}

    /**
     * Checks a directory entry. The address of the PASID table is its {@link PasidDirEntry#SMPTBLPTR}.
     *
     * @param hostAddressBits width of a physical address
     * @return 0 or a fault reason
     */
    public static int directory(long word, int hostAddressBits) {
        if (!PasidDirEntry.P.isSet(word)) {
            return FaultReason.PASID_DIR_NOT_PRESENT;
        }
        boolean legal = (word & (PasidDirEntry.RESERVED | -1L << hostAddressBits)) == 0;
        return legal ? FaultReason.NONE : FaultReason.PASID_DIR_RESERVED;
    }

    /**
     * Decodes an entry. On a fault {@code out} blocks, but its FPD is the entry's. Of each stage's fields only those of a
     * stage that the type of translation has are looked at, except for reserved bits. Flags that the unit does not have are
     * ignored.
     *
     * @param words the entry as it was read
     * @param cap what the unit can do: decides what is illegal
     * @param hostAddressBits width of a physical address
     * @return 0 or a fault reason
     */
    public static int decode(long[] words, Cap cap, int hostAddressBits, TranslationConfig out) {
        out.clear();
        out.scalable = true;
        out.fpd = PasidEntry.FPD.isSet(words[0]);
        if (!PasidEntry.P.isSet(words[0])) {
            return FaultReason.PASID_NOT_PRESENT;
        }
        int kind = PasidEntry.PGTT.intIn(words);
        if (reserved(words, kind, hostAddressBits)) {
            return FaultReason.PASID_RESERVED;
        }
        if (!exists(words, kind, cap)) {
            return FaultReason.PASID_INVALID;
        }
        out.kind = kind;
        out.did = PasidEntry.DID.intIn(words);
        out.addressBits = cap.mgawBits();
        out.memory = MemoryType.scalable(words[1], cap);
        if (out.first()) {
            first(words, cap, hostAddressBits, out);
        }
        if (out.second()) {
            second(words, cap, hostAddressBits, out);
        }
        return FaultReason.NONE;
    }

    /** A pointer that the type of translation does not use may hold anything. */
    private static boolean reserved(long[] words, int kind, int hostAddressBits) {
        long beyond = -1L << hostAddressBits;
        long rest = words[3] | words[4] | words[5] | words[6] | words[7];
        long first = (kind & PasidEntry.PGTT_FS) != 0 ? words[2] & beyond : 0;
        long second = (kind & PasidEntry.PGTT_SS) != 0 ? words[0] & beyond : 0;
        return (words[0] & PasidEntry.RESERVED0
                        | words[1] & PasidEntry.RESERVED1
                        | words[2] & PasidEntry.RESERVED2
                        | rest
                        | first
                        | second)
                != 0;
    }

    private static boolean exists(long[] words, int kind, Cap cap) {
        return switch (kind) {
            case PasidEntry.PGTT_FS -> firstExists(words, cap);
            case PasidEntry.PGTT_SS -> secondExists(words, cap);
            case PasidEntry.PGTT_NESTED -> cap.nest() && firstExists(words, cap) && secondExists(words, cap);
            case PasidEntry.PGTT_PT -> cap.pt();
            default -> false;
        };
    }

    private static boolean firstExists(long[] words, Cap cap) {
        int mode = PasidEntry.FSPM.intIn(words);
        return cap.fsts() && (mode == PasidEntry.FSPM_4 || mode == PasidEntry.FSPM_5 && cap.fs5lp());
    }

    private static boolean secondExists(long[] words, Cap cap) {
        return cap.ssts() && cap.levels(PasidEntry.AW.intIn(words) + 2);
    }

    private static void first(long[] words, Cap cap, int hostAddressBits, TranslationConfig out) {
        long w2 = words[2];
        out.sre = cap.srs() && PasidEntry.SRE.isSet(w2);
        out.ere = cap.ers() && PasidEntry.ERE.isSet(w2);
        StageParameters p = out.stage1;
        p.format = X86Table.INSTANCE;
        p.root = PasidEntry.FSPTPTR.inPlace(w2);
        p.startLevel = PasidEntry.FSPM.getInt(w2) == PasidEntry.FSPM_5 ? 5 : 4;
        p.inputBits = 12 + 9 * p.startLevel;
        p.granuleShift = 12;
        // Nested, the tables hold guest physical addresses; what is too wide is the second stage's to refuse.
        p.outputBits = out.kind == PasidEntry.PGTT_NESTED ? GUEST_ADDRESS_BITS : hostAddressBits;
        p.tag = out.did;
        p.flags = (PasidEntry.WPE.isSet(w2) ? X86Table.WP : 0)
                | (PasidEntry.NXE.isSet(w2) ? X86Table.NXE : 0)
                | (PasidEntry.SMEP.isSet(w2) ? X86Table.SMEP : 0)
                | (PasidEntry.EAFE.isSet(w2) && cap.eafs() ? X86Table.EXTENDED_ACCESSED : 0)
                | (cap.fs1gp() ? X86Table.GIGABYTE_PAGES : 0);
    }

    private static void second(long[] words, Cap cap, int hostAddressBits, TranslationConfig out) {
        long w0 = words[0];
        StageParameters p = out.stage2;
        int levels = PasidEntry.AW.getInt(w0) + 2;
        ContextDecoder.secondStage(p, PasidEntry.SSPTPTR.inPlace(w0), levels, cap, hostAddressBits, out.did);
        p.flags |= (PasidEntry.SSADE.isSet(w0) && cap.ssads() ? SecondStage.ACCESSED_DIRTY : 0)
                | (PasidEntry.SSEE.isSet(w0) && cap.ers() ? SecondStage.EXECUTE : 0);
        if (out.kind == PasidEntry.PGTT_SS) {
            out.addressBits = p.inputBits;
        }
    }

    /**
     * Checks a request with PASID against its entry.
     *
     * @param execute it wants to execute
     * @param privileged it is privileged
     * @return 0 or a fault reason
     */
    public static int admit(TranslationConfig config, boolean execute, boolean privileged) {
        if (!config.first()) {
            return FaultReason.NONE;
        }
        if (execute && !config.ere) {
            return FaultReason.SM_ERE;
        }
        return privileged && !config.sre ? FaultReason.SM_SRE : FaultReason.NONE;
    }
}

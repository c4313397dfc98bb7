package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/** PASID table entry: 64 bytes, 8 words; a table has 64 of them. */
public final class PasidEntry {
    /** Words in an entry. */
    public static final int WORDS = 8;
    /** Bytes in an entry. */
    public static final int BYTES = 64;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 6;
    /** Entries in a table. */
    public static final int ENTRIES = 64;

    // ---- word 0
    /** The entry is present. */
    public static final BitField P = BitField.bit("P", 0, 0);
    /** Qualified faults of the PASID are not recorded; counts in an entry that is not present, too. */
    public static final BitField FPD = BitField.bit("FPD", 0, 1);
    /** Levels of the second stage, less 2. */
    public static final BitField AW = BitField.of("AW", 0, 4, 2);
    /** Second stage: execute permission counts. */
    public static final BitField SSEE = BitField.bit("SSEE", 0, 5);
    /** Translation type: {@link #PGTT_FS} ... */
    public static final BitField PGTT = BitField.of("PGTT", 0, 8, 6);
    /** Second stage: hardware keeps accessed and dirty flags. */
    public static final BitField SSADE = BitField.bit("SSADE", 0, 9);
    /** The first table of the second stage. */
    public static final BitField SSPTPTR = BitField.of("SSPTPTR", 0, 63, 12);

    // ---- word 1
    /** Domain id: the tag of what is cached. */
    public static final BitField DID = BitField.of("DID", 1, 15, 0);
    /** Page walks are snooped. */
    public static final BitField PWSNP = BitField.bit("PWSNP", 1, 23);
    /** Requests are snooped whatever they ask for. */
    public static final BitField PGSNP = BitField.bit("PGSNP", 1, 24);
    /** Cache disable. */
    public static final BitField CD = BitField.bit("CD", 1, 25);
    /** The extended memory type counts. */
    public static final BitField EMTE = BitField.bit("EMTE", 1, 26);
    /** Extended memory type. */
    public static final BitField EMT = BitField.of("EMT", 1, 29, 27);
    /** Write-through for the first table. */
    public static final BitField PWT = BitField.bit("PWT", 1, 30);
    /** Cache disable for the first table. */
    public static final BitField PCD = BitField.bit("PCD", 1, 31);
    /** Page attribute table: 8 fields of 4 bits, the memory types that a first-stage leaf chooses from. */
    public static final BitField PAT = BitField.of("PAT", 1, 63, 32);

    // ---- word 2
    /** Supervisor requests are allowed. */
    public static final BitField SRE = BitField.bit("SRE", 2, 0);
    /** Execute requests are allowed. */
    public static final BitField ERE = BitField.bit("ERE", 2, 1);
    /** Levels of the first stage: {@link #FSPM_4} or {@link #FSPM_5}. */
    public static final BitField FSPM = BitField.of("FSPM", 2, 3, 2);
    /** Write protection holds for supervisor requests too. */
    public static final BitField WPE = BitField.bit("WPE", 2, 4);
    /** The no-execute bit of the first stage counts; otherwise it is ignored. */
    public static final BitField NXE = BitField.bit("NXE", 2, 5);
    /** Supervisor requests may not execute user pages. */
    public static final BitField SMEP = BitField.bit("SMEP", 2, 6);
    /** Hardware sets the extended accessed flag. */
    public static final BitField EAFE = BitField.bit("EAFE", 2, 7);
    /** The first table of the first stage: physical, or guest physical if nested. */
    public static final BitField FSPTPTR = BitField.of("FSPTPTR", 2, 63, 12);

    /** Reserved bits of word 0. */
    public static final long RESERVED0 = 0xc00;
    /** Reserved bits of word 1. */
    public static final long RESERVED1 = 0x7f_0000;
    /** Reserved bits of word 2. */
    public static final long RESERVED2 = 0xf00;

    /** PGTT: first stage only. */
    public static final int PGTT_FS = 1;
    /** PGTT: second stage only. */
    public static final int PGTT_SS = 2;
    /** PGTT: first stage over second stage. */
    public static final int PGTT_NESTED = 3;
    /** PGTT: pass-through. */
    public static final int PGTT_PT = 4;
    /** FSPM: 4 levels. */
    public static final int FSPM_4 = 0;
    /** FSPM: 5 levels. */
    public static final int FSPM_5 = 1;

    private PasidEntry() {}

    /** Address of a PASID's entry in its table. */
    public static long address(long table, int pasid) {
        return table + ((long) (pasid & ENTRIES - 1) << SHIFT);
    }

    /** A present pass-through entry. */
    public static long[] passThrough(int did) {
        long[] words = new long[WORDS];
        P.put(words, 1);
        PGTT.put(words, PGTT_PT);
        DID.put(words, did);
        return words;
    }

    /** A present entry with a second stage only. */
    public static long[] secondStage(long table, int levels, int did) {
        long[] words = passThrough(did);
        PGTT.put(words, PGTT_SS);
        AW.put(words, levels - 2);
        SSPTPTR.putInPlace(words, table);
        return words;
    }

    /** A present entry with a first stage only. */
    public static long[] firstStage(long table, int levels, int did) {
        long[] words = passThrough(did);
        PGTT.put(words, PGTT_FS);
        FSPM.put(words, levels == 5 ? FSPM_5 : FSPM_4);
        FSPTPTR.putInPlace(words, table);
        return words;
    }

    /** A present entry with a first stage over the second stage of another entry. */
    public static long[] nested(long[] secondStage, long table, int levels, int did) {
        long[] words = secondStage.clone();
        PGTT.put(words, PGTT_NESTED);
        DID.put(words, did);
        FSPM.put(words, levels == 5 ? FSPM_5 : FSPM_4);
        FSPTPTR.putInPlace(words, table);
        return words;
    }

    /** An entry in one line for humans. */
    public static String text(long[] words) {
        long w0 = words[0];
        StringBuilder text = new StringBuilder("PASID entry");
        if (!P.isSet(w0)) {
            return text.append(" not present")
                    .append(FPD.isSet(w0) ? " FPD" : "")
                    .toString();
        }
        int pgtt = PGTT.getInt(w0);
        text.append(FPD.isSet(w0) ? " FPD" : "").append(' ').append(pgttName(pgtt));
        text.append(" DID=").append(DID.in(words));
        if ((pgtt & PGTT_FS) != 0) {
            text.append(" FSPTPTR=0x").append(Long.toHexString(FSPTPTR.inPlace(words[2])));
            text.append(" FSPM=").append(FSPM.in(words));
            text.append(SRE.isSet(words[2]) ? " SRE" : "").append(WPE.isSet(words[2]) ? " WPE" : "");
        }
        if ((pgtt & PGTT_SS) != 0) {
            text.append(" SSPTPTR=0x").append(Long.toHexString(SSPTPTR.inPlace(w0)));
            text.append(" AW=").append(AW.get(w0)).append(SSADE.isSet(w0) ? " SSADE" : "");
        }
        return text.toString();
    }

    private static String pgttName(int pgtt) {
        return switch (pgtt) {
            case PGTT_FS -> "first-stage";
            case PGTT_SS -> "second-stage";
            case PGTT_NESTED -> "nested";
            case PGTT_PT -> "pass-through";
            default -> "PGTT=" + pgtt;
        };
    }
}

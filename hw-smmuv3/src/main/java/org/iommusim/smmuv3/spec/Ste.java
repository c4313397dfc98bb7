package org.iommusim.smmuv3.spec;

import org.iommusim.hw.spec.BitField;

/** Stream table entry: 64 bytes, 8 words. Also the level-1 descriptor of a two-level stream table: 8 bytes. */
public final class Ste {
    /** Words in an entry. */
    public static final int WORDS = 8;
    /** Bytes in an entry. */
    public static final int BYTES = 64;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 6;

    // ---- word 0
    /** The entry is valid; otherwise nothing else is looked at. */
    public static final BitField V = BitField.bit("V", 0, 0);
    /** What to do with the stream: {@link #ABORT} ... {@link #NESTED}. */
    public static final BitField CONFIG = BitField.of("Config", 0, 3, 1);
    /** Format of the CD table: {@link #S1FMT_LINEAR} ... */
    public static final BitField S1FMT = BitField.of("S1Fmt", 0, 5, 4);
    /** Address of the CD (or of its table): physical, or an IPA if stage 2 is on. */
    public static final BitField S1CONTEXTPTR = BitField.of("S1ContextPtr", 0, 51, 6);
    /** log2 of the number of CDs; 0: one CD and no SubstreamIDs. */
    public static final BitField S1CDMAX = BitField.of("S1CDMax", 0, 63, 59);

    // ---- word 1
    /** What happens to a transaction without SubstreamID if there are several CDs. */
    public static final BitField S1DSS = BitField.of("S1DSS", 1, 1, 0);
    /** Inner cacheability of CD fetches. */
    public static final BitField S1CIR = BitField.of("S1CIR", 1, 3, 2);
    /** Outer cacheability of CD fetches. */
    public static final BitField S1COR = BitField.of("S1COR", 1, 5, 4);
    /** Shareability of CD fetches. */
    public static final BitField S1CSH = BitField.of("S1CSH", 1, 7, 6);
    /** Events of this stream may be merged. */
    public static final BitField MEV = BitField.bit("MEV", 1, 19);
    /** Stage 2 forces write-back: other encoding of stage 2 memory attributes. */
    public static final BitField S2FWB = BitField.bit("S2FWB", 1, 25);
    /** Stage 1 may not stall. */
    public static final BitField S1STALLD = BitField.bit("S1STALLD", 1, 27);
    /** ATS: {@link #EATS_ABORT} ... */
    public static final BitField EATS = BitField.of("EATS", 1, 29, 28);
    /** StreamWorld: {@link #STRW_NSEL1} or {@link #STRW_EL2}. */
    public static final BitField STRW = BitField.of("STRW", 1, 31, 30);
    /** Overriding memory type. */
    public static final BitField MEMATTR = BitField.of("MemAttr", 1, 35, 32);
    /** The memory type is overridden. */
    public static final BitField MTCFG = BitField.bit("MTCFG", 1, 36);
    /** Allocation hints. */
    public static final BitField ALLOCCFG = BitField.of("ALLOCCFG", 1, 40, 37);
    /** Shareability where stage 1 does not say it; 1: as incoming. */
    public static final BitField SHCFG = BitField.of("SHCFG", 1, 45, 44);
    /** Override of the non-secure bit. */
    public static final BitField NSCFG = BitField.of("NSCFG", 1, 47, 46);
    /** Override of privilege: 0 incoming, 2 unprivileged, 3 privileged. */
    public static final BitField PRIVCFG = BitField.of("PRIVCFG", 1, 49, 48);
    /** Override of instruction or data: 0 incoming, 2 data, 3 instruction. */
    public static final BitField INSTCFG = BitField.of("INSTCFG", 1, 51, 50);

    // ---- word 2
    /** Tag of the virtual machine. */
    public static final BitField S2VMID = BitField.of("S2VMID", 2, 15, 0);
    /** 64 minus the width of an IPA. */
    public static final BitField S2T0SZ = BitField.of("S2T0SZ", 2, 37, 32);
    /** Start level of stage 2, encoded by granule. */
    public static final BitField S2SL0 = BitField.of("S2SL0", 2, 39, 38);
    /** Inner cacheability of stage 2 walks. */
    public static final BitField S2IR0 = BitField.of("S2IR0", 2, 41, 40);
    /** Outer cacheability of stage 2 walks. */
    public static final BitField S2OR0 = BitField.of("S2OR0", 2, 43, 42);
    /** Shareability of stage 2 walks. */
    public static final BitField S2SH0 = BitField.of("S2SH0", 2, 45, 44);
    /** Granule of stage 2: 0 4K, 1 64K, 2 16K. */
    public static final BitField S2TG = BitField.of("S2TG", 2, 47, 46);
    /** Physical address size, encoded as {@code IDR5.OAS}. */
    public static final BitField S2PS = BitField.of("S2PS", 2, 50, 48);
    /** Stage 2 tables are VMSAv8-64. */
    public static final BitField S2AA64 = BitField.bit("S2AA64", 2, 51);
    /** Stage 2 tables are big-endian. */
    public static final BitField S2ENDI = BitField.bit("S2ENDI", 2, 52);
    /** A clear access flag is no fault. */
    public static final BitField S2AFFD = BitField.bit("S2AFFD", 2, 53);
    /** A stage 1 walk that stage 2 maps to Device memory faults. */
    public static final BitField S2PTW = BitField.bit("S2PTW", 2, 54);
    /** Hardware keeps dirty state. */
    public static final BitField S2HD = BitField.bit("S2HD", 2, 55);
    /** Hardware sets access flags. */
    public static final BitField S2HA = BitField.bit("S2HA", 2, 56);
    /** Stage 2 faults stall. */
    public static final BitField S2S = BitField.bit("S2S", 2, 57);
    /** Stage 2 faults are recorded. */
    public static final BitField S2R = BitField.bit("S2R", 2, 58);

    // ---- word 3
    /** High bit of S2SL0, with {@link #S2DS}. */
    public static final BitField S2SL0_2 = BitField.bit("S2SL0_2", 3, 2);
    /** Stage 2 descriptors of 4K and 16K have 52-bit addresses. */
    public static final BitField S2DS = BitField.bit("S2DS", 3, 3);
    /** Address of the stage 2 start table (or of the first of several). */
    public static final BitField S2TTB = BitField.of("S2TTB", 3, 51, 4);

    // ---- values of Config
    /** Abort, and record nothing. Every value below 4 does the same. */
    public static final int ABORT = 0;
    /** Pass. */
    public static final int BYPASS = 4;
    /** Stage 1 only. */
    public static final int S1 = 5;
    /** Stage 2 only. */
    public static final int S2 = 6;
    /** Stage 1 over stage 2. */
    public static final int NESTED = 7;
    /** Bit of Config: stage 1 translates (with {@link #BYPASS}). */
    public static final int CONFIG_S1 = 1;
    /** Bit of Config: stage 2 translates (with {@link #BYPASS}). */
    public static final int CONFIG_S2 = 2;

    // ---- values of other fields
    /** S1Fmt: one array of CDs. */
    public static final int S1FMT_LINEAR = 0;
    /** S1Fmt: two levels, leaf tables of 4 KiB (64 CDs). */
    public static final int S1FMT_4K_L2 = 1;
    /** S1Fmt: two levels, leaf tables of 64 KiB (1024 CDs). */
    public static final int S1FMT_64K_L2 = 2;
    /** S1DSS: terminate. */
    public static final int S1DSS_TERMINATE = 0;
    /** S1DSS: bypass stage 1. */
    public static final int S1DSS_BYPASS = 1;
    /** S1DSS: use CD 0. */
    public static final int S1DSS_SSID0 = 2;
    /** EATS: translation requests and translated traffic are denied. */
    public static final int EATS_ABORT = 0;
    /** EATS: full ATS. */
    public static final int EATS_TRANS = 1;
    /** EATS: split stage, the device caches IPAs. */
    public static final int EATS_S1CHK = 2;
    /** STRW: non-secure EL1. */
    public static final int STRW_NSEL1 = 0;
    /** STRW: EL2. */
    public static final int STRW_EL2 = 2;
    /** SHCFG: as incoming. */
    public static final int SHCFG_INCOMING = 1;

    // ---- level-1 descriptor
    /** Bytes in a level-1 descriptor. */
    public static final int L1_BYTES = 8;
    /** log2 of {@link #L1_BYTES}. */
    public static final int L1_SHIFT = 3;
    /** 2^(Span-1) entries behind it; 0: none. */
    public static final BitField L1_SPAN = BitField.of("Span", 0, 4, 0);
    /** Address of the level-2 table. */
    public static final BitField L1_L2PTR = BitField.of("L2Ptr", 0, 51, 6);

    private Ste() {}

    /** A valid entry of 8 words with this Config and nothing else. */
    public static long[] valid(int config) {
        long[] words = new long[WORDS];
        V.put(words, 1);
        CONFIG.put(words, config);
        return words;
    }

    /** An entry that aborts everything silently. */
    public static long[] abort() {
        return valid(ABORT);
    }

    /** An entry that lets everything pass with its own attributes. */
    public static long[] bypass() {
        long[] words = valid(BYPASS);
        SHCFG.put(words, SHCFG_INCOMING);
        return words;
    }

    /** A level-1 descriptor of a table of {@code 2^log2Entries} entries. */
    public static long l1Descriptor(long table, int log2Entries) {
        return L1_L2PTR.inPlace(table) | log2Entries + 1L;
    }

    /** What an entry says, in one line for humans. */
    public static String text(long[] words) {
        if (!V.isSet(words[0])) {
            return "STE V=0";
        }
        int config = CONFIG.intIn(words);
        StringBuilder text = new StringBuilder("STE ").append(configName(config));
        if (config >= BYPASS && (config & CONFIG_S1) != 0) {
            text.append(" S1ContextPtr=0x").append(Long.toHexString(S1CONTEXTPTR.inPlace(words[0])));
            text.append(" S1CDMax=").append(S1CDMAX.in(words)).append(" EATS=").append(EATS.in(words));
        }
        if (config >= BYPASS && (config & CONFIG_S2) != 0) {
            text.append(" S2VMID=").append(S2VMID.in(words));
            text.append(" S2TTB=0x").append(Long.toHexString(S2TTB.inPlace(words[3])));
        }
        return text.toString();
    }

    /** Name of a value of Config. */
    public static String configName(int config) {
        return switch (config) {
            case BYPASS -> "bypass";
            case S1 -> "s1";
            case S2 -> "s2";
            case NESTED -> "nested";
            default -> "abort";
        };
    }
}

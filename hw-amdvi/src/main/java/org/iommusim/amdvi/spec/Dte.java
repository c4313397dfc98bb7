package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Device table entry: 32 bytes, 4 words. The unit fetches it at once; software stores at most two words at once. */
public final class Dte {
    /** Words in an entry. */
    public static final int WORDS = 4;
    /** Bytes in an entry. */
    public static final int BYTES = 32;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 5;

    // ---- word 0
    /** The entry is valid; otherwise addresses and interrupts pass. */
    public static final BitField V = BitField.bit("V", 0, 0);
    /** What is said of translation is valid; otherwise every access is aborted. */
    public static final BitField TV = BitField.bit("TV", 0, 1);
    /** Attributes of memory, where a unit has them. */
    public static final BitField MEMORY_ATTRIBUTES = BitField.of("MA", 0, 6, 4);
    /** Updates of host tables: bit 0 accessed flags, with bit 1 dirty flags too. */
    public static final BitField HAD = BitField.of("HAD", 0, 8, 7);
    /** Levels of host tables; 0 for none, {@link #MODE_RESERVED}. */
    public static final BitField MODE = BitField.of("Mode", 0, 11, 9);
    /** The first host table. */
    public static final BitField HOST_PT_ROOT = BitField.of("HostPTRoot", 0, 51, 12);
    /** Page requests are allowed. */
    public static final BitField PPR = BitField.bit("PPR", 0, 52);
    /** Answers to page requests have the PASID. */
    public static final BitField GPRP = BitField.bit("GPRP", 0, 53);
    /** Requests without a PASID are translated by the guest tables of PASID 0. */
    public static final BitField GIOV = BitField.bit("GIOV", 0, 54);
    /** There are guest tables. */
    public static final BitField GV = BitField.bit("GV", 0, 55);
    /** Levels of the GCR3 table, less 1; {@link #GLX_RESERVED}. */
    public static final BitField GLX = BitField.of("GLX", 0, 57, 56);
    /** Bits 14:12 of the GCR3 table's address. */
    public static final BitField GCR3_14_12 = BitField.of("GCR3", 0, 60, 58);
    /** Reads are allowed. */
    public static final BitField IR = BitField.bit("IR", 0, 61);
    /** Writes are allowed. */
    public static final BitField IW = BitField.bit("IW", 0, 62);

    // ---- word 1
    /** Domain id: the tag of what is cached. */
    public static final BitField DOMAIN_ID = BitField.of("DomainID", 1, 15, 0);
    /** Bits 30:15 of the GCR3 table's address. */
    public static final BitField GCR3_30_15 = BitField.of("GCR3", 1, 31, 16);
    /** The function may have a TLB of its own (ATS). */
    public static final BitField I = BitField.bit("I", 1, 32);
    /** Only the first page fault of the function makes an event. */
    public static final BitField SE = BitField.bit("SE", 1, 33);
    /** No page fault of the function makes an event. */
    public static final BitField SA = BitField.bit("SA", 1, 34);
    /** Port I/O: 0 aborted, 1 forwarded, 2 translated. */
    public static final BitField IO_CTL = BitField.of("IoCtl", 1, 36, 35);
    /** Hint that translations need not be cached. */
    public static final BitField CACHE = BitField.bit("Cache", 1, 37);
    /** Table reads need not be snooped. */
    public static final BitField SD = BitField.bit("SD", 1, 38);
    /** The exclusion range holds for the function. */
    public static final BitField EX = BitField.bit("EX", 1, 39);
    /** System management messages: {@link #SYSMGT_ABORT} ... */
    public static final BitField SYS_MGT = BitField.of("SysMgt", 1, 41, 40);
    /** Secure ATS. */
    public static final BitField SATS = BitField.bit("SATS", 1, 42);
    /** Bits 51:31 of the GCR3 table's address. */
    public static final BitField GCR3_51_31 = BitField.of("GCR3", 1, 63, 43);

    // ---- word 2
    /** What is said of interrupts is valid; otherwise they pass. */
    public static final BitField IV = BitField.bit("IV", 2, 0);
    /** log2 of the entries of the interrupt table. */
    public static final BitField INT_TAB_LEN = BitField.of("IntTabLen", 2, 4, 1);
    /** Interrupts that are not remapped make no event. */
    public static final BitField IG = BitField.bit("IG", 2, 5);
    /** The interrupt table. */
    public static final BitField INT_TAB_ROOT = BitField.of("IntTabRoot", 2, 51, 6);
    /** Levels of guest tables: {@link #GUEST_4_LEVEL} or {@link #GUEST_5_LEVEL}. */
    public static final BitField GUEST_PAGING_MODE = BitField.of("GuestPagingMode", 2, 55, 54);
    /** INIT passes. */
    public static final BitField INIT_PASS = BitField.bit("InitPass", 2, 56);
    /** ExtInt passes. */
    public static final BitField EINT_PASS = BitField.bit("EIntPass", 2, 57);
    /** NMI passes. */
    public static final BitField NMI_PASS = BitField.bit("NMIPass", 2, 58);
    /** Mode of host tables for virtual IOMMUs in hardware. */
    public static final BitField HPT_MODE = BitField.bit("HPTMode", 2, 59);
    /** Fixed and arbitrated interrupts: {@link #INTCTL_ABORT} ... */
    public static final BitField INT_CTL = BitField.of("IntCtl", 2, 61, 60);
    /** LINT0 passes. */
    public static final BitField LINT0_PASS = BitField.bit("Lint0Pass", 2, 62);
    /** LINT1 passes. */
    public static final BitField LINT1_PASS = BitField.bit("Lint1Pass", 2, 63);

    // ---- word 3
    /** The function belongs to a virtual IOMMU in hardware. */
    public static final BitField V_IMU_EN = BitField.bit("vImuEn", 3, 15);
    /** The function's id in its guest. */
    public static final BitField G_DEVICE_ID = BitField.of("GDeviceID", 3, 31, 16);
    /** The guest. */
    public static final BitField GUEST_ID = BitField.of("GuestID", 3, 47, 32);
    /** {@link #SNOOP_ATTRIBUTE} is valid. */
    public static final BitField ATTR_V = BitField.bit("AttrV", 3, 54);
    /** FC of requests that no host table translates. */
    public static final BitField MODE0_FC = BitField.bit("Mode0FC", 3, 55);
    /** Snoop attribute. */
    public static final BitField SNOOP_ATTRIBUTE = BitField.of("SnoopAttribute", 3, 63, 56);

    /** Reserved bits of word 0. */
    public static final long RESERVED0 = 1L << 63 | 0xc;
    /** Reserved bits of word 2. */
    public static final long RESERVED2 = 3L << 52;
    /** Reserved bits of word 3. */
    public static final long RESERVED3 = 0x3fL << 48 | 0x7fff;

    /** Mode: reserved. */
    public static final int MODE_RESERVED = 7;
    /** GLX: reserved. */
    public static final int GLX_RESERVED = 3;
    /** HAD: accessed flags are set. */
    public static final int HAD_ACCESSED = 1;
    /** HAD: accessed and dirty flags are set. */
    public static final int HAD_DIRTY = 3;
    /** GuestPagingMode: 4 levels. */
    public static final int GUEST_4_LEVEL = 0;
    /** GuestPagingMode: 5 levels. */
    public static final int GUEST_5_LEVEL = 1;
    /** SysMgt: aborted. */
    public static final int SYSMGT_ABORT = 0;
    /** SysMgt: messages are forwarded. */
    public static final int SYSMGT_MESSAGES = 1;
    /** SysMgt: interrupts are forwarded. */
    public static final int SYSMGT_INTERRUPTS = 2;
    /** SysMgt: forwarded, translated like memory. */
    public static final int SYSMGT_DMA = 3;
    /** IntCtl: aborted. */
    public static final int INTCTL_ABORT = 0;
    /** IntCtl: forwarded as they are. */
    public static final int INTCTL_PASS = 1;
    /** IntCtl: remapped. */
    public static final int INTCTL_REMAP = 2;
    /** IntCtl: reserved. */
    public static final int INTCTL_RESERVED = 3;

    private Dte() {}

    /** Address of a function's entry in a table that begins with the entry of id 0. */
    public static long address(long table, int deviceId) {
        return table + ((long) deviceId << SHIFT);
    }

    /**
     * Reserved bits of a word, for a unit's abilities. What belongs to a virtual IOMMU in hardware, or to secure ATS, is ignored,
     * not reserved, where there is none (VirtualBox reserves it, QEMU does not).
     *
     * @param memoryAttributes the unit knows {@link #MEMORY_ATTRIBUTES}, for which there is no feature bit
     */
    public static long reserved(int word, Efr efr, boolean memoryAttributes) {
        return switch (word) {
            case 0 -> RESERVED0 | (memoryAttributes ? 0 : MEMORY_ATTRIBUTES.mask());
            case 1 -> 0;
            case 2 -> RESERVED2 | (efr.gt() ? 0 : GUEST_PAGING_MODE.mask());
            default -> RESERVED3;
        };
    }

    /** Address of the GCR3 table. */
    public static long gcr3(long w0, long w1) {
        return GCR3_14_12.get(w0) << 12 | GCR3_30_15.get(w1) << 15 | GCR3_51_31.get(w1) << 31;
    }

    /** Sets the address of the GCR3 table. */
    public static void putGcr3(long[] words, long address) {
        GCR3_14_12.put(words, address >>> 12);
        GCR3_30_15.put(words, address >>> 15);
        GCR3_51_31.put(words, address >>> 31);
    }

    /** An entry whose function may do everything with addresses that are not translated by host tables. */
    public static long[] passThrough(int domainId) {
        long[] words = new long[WORDS];
        V.put(words, 1);
        TV.put(words, 1);
        IR.put(words, 1);
        IW.put(words, 1);
        DOMAIN_ID.put(words, domainId);
        return words;
    }

    /** An entry with host tables. */
    public static long[] host(long root, int levels, int domainId) {
        long[] words = passThrough(domainId);
        MODE.put(words, levels);
        HOST_PT_ROOT.putInPlace(words, root);
        return words;
    }

    /** Adds guest tables behind a GCR3 table of 1 to 3 levels to an entry. */
    public static void putGuest(long[] words, long gcr3, int gcr3Levels, int guestLevels) {
        GV.put(words, 1);
        GLX.put(words, gcr3Levels - 1);
        putGcr3(words, gcr3);
        GUEST_PAGING_MODE.put(words, guestLevels == 5 ? GUEST_5_LEVEL : GUEST_4_LEVEL);
    }

    /** What an entry says of translation, in one line for humans. */
    public static String text(long[] words) {
        long w0 = words[0];
        if (!V.isSet(w0)) {
            return "DTE not valid";
        }
        StringBuilder text = new StringBuilder("DTE").append(TV.isSet(w0) ? "" : " TV=0");
        text.append(" Mode=").append(MODE.get(w0));
        text.append(" root=0x").append(Long.toHexString(HOST_PT_ROOT.inPlace(w0)));
        text.append(" DomainID=").append(DOMAIN_ID.in(words));
        text.append(IR.isSet(w0) ? " IR" : "").append(IW.isSet(w0) ? " IW" : "");
        if (GV.isSet(w0)) {
            text.append(GIOV.isSet(w0) ? " GIOV" : "").append(" GLX=").append(GLX.get(w0));
            text.append(" GCR3=0x").append(Long.toHexString(gcr3(w0, words[1])));
            text.append(" GuestPagingMode=").append(GUEST_PAGING_MODE.in(words));
        }
        return text.append(I.isSet(words[1]) ? " I" : "")
                .append(PPR.isSet(w0) ? " PPR" : "")
                .toString();
    }
}

package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/** Interrupt remapping table entry: 16 bytes, 2 words; and the message in remappable format that leads to it. */
public final class Irte {
    /** Words in an entry. */
    public static final int WORDS = 2;
    /** Bytes in an entry. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    // ---- word 0
    /** The entry is present. */
    public static final BitField P = BitField.bit("P", 0, 0);
    /** Faults are not recorded. */
    public static final BitField FPD = BitField.bit("FPD", 0, 1);
    /** Destination mode: logical, not physical. */
    public static final BitField DM = BitField.bit("DM", 0, 2);
    /** Redirection hint. */
    public static final BitField RH = BitField.bit("RH", 0, 3);
    /** Trigger mode: level, not edge. */
    public static final BitField TM = BitField.bit("TM", 0, 4);
    /** Delivery mode. */
    public static final BitField DLM = BitField.of("DLM", 0, 7, 5);
    /** For software. */
    public static final BitField AVAIL = BitField.of("AVAIL", 0, 11, 8);
    /** The entry has the format of posted interrupts. */
    public static final BitField IM = BitField.bit("IM", 0, 15);
    /** Vector. */
    public static final BitField V = BitField.of("V", 0, 23, 16);
    /** Destination: 32 bits in extended interrupt mode. */
    public static final BitField DST = BitField.of("DST", 0, 63, 32);
    /** Destination without extended interrupt mode. */
    public static final BitField DST_XAPIC = BitField.of("DST", 0, 47, 40);

    // ---- word 1
    /** Source id that is checked, or a range of buses. */
    public static final BitField SID = BitField.of("SID", 1, 15, 0);
    /** Which low bits of the function are not compared: {@link #ignoredFunctionBits}. */
    public static final BitField SQ = BitField.of("SQ", 1, 17, 16);
    /** How the source is checked: {@link #SVT_NONE} ... */
    public static final BitField SVT = BitField.of("SVT", 1, 19, 18);

    /** Reserved bits of word 0 in remapped format. */
    public static final long RESERVED0 = 0xff00_7000L;
    /** Reserved bits of word 0 that the destination has without extended interrupt mode. */
    public static final long RESERVED0_XAPIC = 0xffff_00ff_0000_0000L;
    /** Reserved bits of word 1. */
    public static final long RESERVED1 = 0xffff_ffff_fff0_0000L;

    /** SVT: the source is not checked. */
    public static final int SVT_NONE = 0;
    /** SVT: the source is SID, but for the bits that SQ takes out. */
    public static final int SVT_SID = 1;
    /** SVT: the source's bus is in the range from SID's upper to its lower byte. */
    public static final int SVT_BUS = 2;
    /** SVT: reserved. */
    public static final int SVT_RESERVED = 3;

    // ---- the message
    /** First address of interrupt messages. */
    public static final long MESSAGE_FIRST = 0xfee0_0000L;
    /** Last address of interrupt messages. */
    public static final long MESSAGE_LAST = 0xfeef_ffffL;
    /** Message address: remappable format. */
    public static final int MESSAGE_REMAPPABLE = 1 << 4;
    /** Message address: the data has a number that is added to the handle. */
    public static final int MESSAGE_SHV = 1 << 3;
    /** Message data: reserved bits with SHV. */
    public static final int MESSAGE_DATA_RESERVED = 0xffff_0000;

    private Irte() {}

    /** True for a write to the range of interrupt messages. */
    public static boolean isMessage(long address) {
        return address >= MESSAGE_FIRST && address <= MESSAGE_LAST;
    }

    /** The 16-bit handle of a message address. */
    public static int handle(long address) {
        return (int) (address >>> 5 & 0x7fff | (address & 4) << 13);
    }

    /** Index into the table: the handle, and with SHV the data's lower half added. */
    public static int index(long address, int data) {
        return handle(address) + ((address & MESSAGE_SHV) != 0 ? data & 0xffff : 0);
    }

    /** Message address that leads to an entry. */
    public static long messageAddress(int handle, boolean subHandle) {
        return MESSAGE_FIRST
                | (long) (handle & 0x7fff) << 5
                | MESSAGE_REMAPPABLE
                | (subHandle ? MESSAGE_SHV : 0)
                | handle >>> 13 & 4;
    }

    /** The bits of a source id that SQ takes out of the comparison: 0 none, 1 bit 2, 2 bits 2:1, 3 bits 2:0. */
    public static int ignoredFunctionBits(int sq) {
        return switch (sq) {
            case 0 -> 0;
            case 1 -> 4;
            case 2 -> 6;
            default -> 7;
        };
    }

    /** A present entry in remapped format that does not check its source. */
    public static long[] remapped(int vector, int destination, int deliveryMode) {
        long[] words = new long[WORDS];
        P.put(words, 1);
        V.put(words, vector);
        DST.put(words, destination);
        DLM.put(words, deliveryMode);
        return words;
    }

    /** An entry in one line for humans. */
    public static String text(long[] words) {
        if (!P.isSet(words[0])) {
            return "IRTE not present" + (FPD.isSet(words[0]) ? " FPD" : "");
        }
        return "IRTE" + (FPD.isSet(words[0]) ? " FPD" : "")
                + (IM.isSet(words[0]) ? " posted" : "")
                + " vector=0x" + Long.toHexString(V.in(words))
                + " DST=0x" + Long.toHexString(DST.in(words))
                + " SVT=" + SVT.in(words)
                + " SQ=" + SQ.in(words)
                + " SID=0x" + Long.toHexString(SID.in(words));
    }
}

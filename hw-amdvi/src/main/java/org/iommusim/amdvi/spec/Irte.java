package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Interrupt remapping table entry, 4 bytes, or 16 where {@code Control.GAEn} is set; and which entry a message leads to. The
 * fields of their first byte are in the same bits in both.
 */
public final class Irte {
    /** Bytes in a basic entry. */
    public static final int BASIC_BYTES = 4;
    /** Words in an entry of 128 bits. */
    public static final int GA_WORDS = 2;
    /** Bytes in an entry of 128 bits. */
    public static final int GA_BYTES = 16;

    /** The interrupt is remapped; otherwise it is aborted. */
    public static final BitField REMAP_EN = BitField.bit("RemapEn", 0, 0);
    /** Faults make no event. */
    public static final BitField SUP_IO_PF = BitField.bit("SupIOPF", 0, 1);
    /** Interrupt type (delivery mode). */
    public static final BitField INT_TYPE = BitField.of("IntType", 0, 4, 2);
    /** An end-of-interrupt is asked for (level-triggered). */
    public static final BitField RQ_EOI = BitField.bit("RqEoi", 0, 5);
    /** Destination mode: logical, not physical. */
    public static final BitField DM = BitField.bit("DM", 0, 6);
    /** The entry has the format of a guest's interrupts: {@link GuestIrte}. */
    public static final BitField GUEST_MODE = BitField.bit("GuestMode", 0, 7);

    /** Basic: destination. */
    public static final BitField BASIC_DESTINATION = BitField.of("Destination", 0, 15, 8);
    /** Basic: vector. */
    public static final BitField BASIC_VECTOR = BitField.of("Vector", 0, 23, 16);

    /** 128 bits: bits 23:0 of the destination. */
    public static final BitField DESTINATION_LO = BitField.of("Destination", 0, 31, 8);
    /** 128 bits: vector. */
    public static final BitField VECTOR = BitField.of("Vector", 1, 7, 0);
    /** 128 bits: bits 31:24 of the destination. */
    public static final BitField DESTINATION_HI = BitField.of("Destination", 1, 63, 56);

    /** IntType: fixed. */
    public static final int TYPE_FIXED = 0;
    /** IntType: arbitrated (lowest priority). */
    public static final int TYPE_ARBITRATED = 1;

    /** First address of interrupt messages. */
    public static final long MESSAGE_FIRST = 0xfee0_0000L;
    /** Last address of interrupt messages. */
    public static final long MESSAGE_LAST = 0xfeef_ffffL;

    private static final int INDEX = 0x7ff;

    private Irte() {}

    /** True for an access to the range of interrupt messages. */
    public static boolean isMessage(long address) {
        return address >= MESSAGE_FIRST && address <= MESSAGE_LAST;
    }

    /** Index into the table: bits 10:0 of the message's data. */
    public static int index(int data) {
        return data & INDEX;
    }

    /** Address of an entry. */
    public static long address(long table, int index, boolean ga) {
        return table + (long) index * (ga ? GA_BYTES : BASIC_BYTES);
    }

    /** A basic entry that remaps to a fixed interrupt. */
    public static int basic(int vector, int destination) {
        return (int) (REMAP_EN.mask() | BASIC_DESTINATION.with(0, destination) | BASIC_VECTOR.with(0, vector));
    }

    /** An entry of 128 bits that remaps to a fixed interrupt. */
    public static long[] ga(int vector, int destination) {
        long[] words = new long[GA_WORDS];
        REMAP_EN.put(words, 1);
        DESTINATION_LO.put(words, destination);
        DESTINATION_HI.put(words, destination >>> 24);
        VECTOR.put(words, vector);
        return words;
    }

    /**
     * Where a message for a destination in physical mode goes.
     *
     * @param xt destinations have 32 bits, 31:8 of which are in the upper half of the address; otherwise 8
     */
    public static long messageAddress(int destination, boolean xt) {
        long high = xt ? destination & 0xffff_ff00L : 0;
        return high << 32 | MESSAGE_FIRST | (destination & 0xffL) << 12;
    }

    /** The destination of an entry of 128 bits. */
    public static int destination(long w0, long w1) {
        return DESTINATION_LO.getInt(w0) | DESTINATION_HI.getInt(w1) << 24;
    }
}

package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Interrupt remapping table entry of 128 bits for an interrupt of a guest ({@link Irte#GUEST_MODE}): which bit of which virtual
 * APIC it sets, and who is told. Layout as the Linux driver ({@code struct irte_ga}) and others have it.
 */
public final class GuestIrte {
    // ---- word 0
    /** The interrupt is posted; otherwise it is aborted. */
    public static final BitField REMAP_EN = BitField.bit("RemapEn", 0, 0);
    /** Faults make no event. */
    public static final BitField SUP_IO_PF = BitField.bit("SupIOPF", 0, 1);
    /** While the guest does not run, the guest virtual APIC log tells of the interrupt. Never cached. */
    public static final BitField GA_LOG_INTR = BitField.bit("GALogIntr", 0, 2);
    /** While the guest does not run, no processor is interrupted; reserved in units without GAPPIDisSup. Never cached. */
    public static final BitField GAPPI_DIS = BitField.bit("GAPPIDis", 0, 5);
    /** The guest runs, on the processor that is the destination. Never cached. */
    public static final BitField IS_RUN = BitField.bit("IsRun", 0, 6);
    /** The entry has this format. */
    public static final BitField GUEST_MODE = BitField.bit("GuestMode", 0, 7);
    /** Bits 23:0 of the destination. Never cached. */
    public static final BitField DESTINATION_LO = BitField.of("Destination", 0, 31, 8);
    /** What the guest virtual APIC log says of the interrupt; bits 7:0 are the vector of GAPPI. Never cached. */
    public static final BitField GA_TAG = BitField.of("GATag", 0, 63, 32);

    // ---- word 1
    /** Vector within the guest. */
    public static final BitField VECTOR = BitField.of("Vector", 1, 7, 0);
    /** The page of the guest's virtual APIC; a system physical address. */
    public static final BitField GA_ROOT = BitField.of("GARoot", 1, 51, 12);
    /** Bits 31:24 of the destination. Never cached. */
    public static final BitField DESTINATION_HI = BitField.of("Destination", 1, 63, 56);

    /** Reserved bits of the first word, in any unit. */
    public static final long RESERVED0 = 0x18;
    /** Reserved bits of the second word. */
    public static final long RESERVED1 = 0x00f0_0000_0000_0f00L;

    /** Where the interrupt request register (IRR) begins in the page of a virtual APIC: 32 bits in every 16 bytes. */
    private static final int IRR = 0x200;

    private GuestIrte() {}

    /** Reserved bits of the first word in a unit. */
    public static long reserved0(Efr efr) {
        return efr.gappiDis() ? RESERVED0 : RESERVED0 | GAPPI_DIS.mask();
    }

    /** An entry for a guest that does not run, and of whose interrupts nobody is told. */
    public static long[] of(int vector, long page, int tag) {
        long[] words = new long[Irte.GA_WORDS];
        REMAP_EN.put(words, 1);
        GUEST_MODE.put(words, 1);
        GA_TAG.put(words, tag);
        VECTOR.put(words, vector);
        GA_ROOT.putInPlace(words, page);
        return words;
    }

    /** Address of the 4 bytes of the IRR that have the bit of an entry's vector. */
    public static long irrAddress(long[] entry) {
        return GA_ROOT.inPlace(entry[GA_ROOT.word()]) + IRR + VECTOR.in(entry) / Integer.SIZE * 16;
    }

    /** The bit of an entry's vector there. */
    public static long irrBit(long[] entry) {
        return 1L << VECTOR.in(entry) % Integer.SIZE;
    }
}

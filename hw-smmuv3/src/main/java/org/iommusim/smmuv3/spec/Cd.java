package org.iommusim.smmuv3.spec;

import org.iommusim.hw.spec.BitField;

/** Context descriptor: 64 bytes, 8 words. Also the level-1 descriptor of a two-level CD table: 8 bytes. */
public final class Cd {
    /** Words in a descriptor. */
    public static final int WORDS = 8;
    /** Bytes in a descriptor. */
    public static final int BYTES = 64;
    /** log2 of the number of CDs in a leaf table of 4 KiB. */
    public static final int SPLIT_4K = 6;
    /** log2 of the number of CDs in a leaf table of 64 KiB. */
    public static final int SPLIT_64K = 10;

    // ---- word 0
    /** 64 minus the width of an address of the lower half. */
    public static final BitField T0SZ = BitField.of("T0SZ", 0, 5, 0);
    /** Granule of the lower half: 0 4K, 1 64K, 2 16K. */
    public static final BitField TG0 = BitField.of("TG0", 0, 7, 6);
    /** Inner cacheability of walks of the lower half. */
    public static final BitField IR0 = BitField.of("IR0", 0, 9, 8);
    /** Outer cacheability of walks of the lower half. */
    public static final BitField OR0 = BitField.of("OR0", 0, 11, 10);
    /** Shareability of walks of the lower half. */
    public static final BitField SH0 = BitField.of("SH0", 0, 13, 12);
    /** The lower half is not walked: it faults, and its other fields are ignored. */
    public static final BitField EPD0 = BitField.bit("EPD0", 0, 14);
    /** Tables are big-endian. */
    public static final BitField ENDI = BitField.bit("ENDI", 0, 15);
    /** As {@link #T0SZ} for the upper half. */
    public static final BitField T1SZ = BitField.of("T1SZ", 0, 21, 16);
    /** Granule of the upper half, in another code: 1 16K, 2 4K, 3 64K. */
    public static final BitField TG1 = BitField.of("TG1", 0, 23, 22);
    /** Shareability of walks of the upper half. */
    public static final BitField SH1 = BitField.of("SH1", 0, 29, 28);
    /** As {@link #EPD0} for the upper half. */
    public static final BitField EPD1 = BitField.bit("EPD1", 0, 30);
    /** The descriptor is valid. */
    public static final BitField V = BitField.bit("V", 0, 31);
    /** Size of output addresses, encoded as {@code IDR5.OAS}. */
    public static final BitField IPS = BitField.of("IPS", 0, 34, 32);
    /** A clear access flag is no fault. */
    public static final BitField AFFD = BitField.bit("AFFD", 0, 35);
    /** What may be written may not be executed. */
    public static final BitField WXN = BitField.bit("WXN", 0, 36);
    /** What unprivileged accesses may write, privileged ones may not execute (AArch32). */
    public static final BitField UWXN = BitField.bit("UWXN", 0, 37);
    /** The top byte of addresses of the lower half is ignored. */
    public static final BitField TBI0 = BitField.bit("TBI0", 0, 38);
    /** The top byte of addresses of the upper half is ignored. */
    public static final BitField TBI1 = BitField.bit("TBI1", 0, 39);
    /** Privileged data accesses may not touch what unprivileged ones may. */
    public static final BitField PAN = BitField.bit("PAN", 0, 40);
    /** Tables are VMSAv8-64. */
    public static final BitField AA64 = BitField.bit("AA64", 0, 41);
    /** Hardware keeps dirty state. */
    public static final BitField HD = BitField.bit("HD", 0, 42);
    /** Hardware sets access flags. */
    public static final BitField HA = BitField.bit("HA", 0, 43);
    /** Faults stall. */
    public static final BitField S = BitField.bit("S", 0, 44);
    /** Faults are recorded. */
    public static final BitField R = BitField.bit("R", 0, 45);
    /** A faulting access is aborted; otherwise it reads as zero and writes nothing. */
    public static final BitField A = BitField.bit("A", 0, 46);
    /** The ASID is not shared with the CPUs' set. */
    public static final BitField ASET = BitField.bit("ASET", 0, 47);
    /** Tag of the address space. */
    public static final BitField ASID = BitField.of("ASID", 0, 63, 48);

    // ---- words 1 to 3
    /** Descriptors of 4K and 16K have 52-bit addresses, in both halves. */
    public static final BitField DS = BitField.bit("DS", 2, 58);
    /** Hierarchical attributes of the lower half are ignored. */
    public static final BitField HAD0 = BitField.bit("HAD0", 1, 1);
    /** Start table of the lower half; an IPA if stage 2 is on. */
    public static final BitField TTB0 = BitField.of("TTB0", 1, 51, 4);
    /** Hierarchical attributes of the upper half are ignored. */
    public static final BitField HAD1 = BitField.bit("HAD1", 2, 1);
    /** Start table of the upper half; an IPA if stage 2 is on. */
    public static final BitField TTB1 = BitField.of("TTB1", 2, 51, 4);
    /** Eight memory types of 8 bits. */
    public static final BitField MAIR = BitField.of("MAIR", 3, 63, 0);

    // ---- values
    /** Granule code of TG0 and S2TG: 4 KiB. */
    public static final int TG0_4K = 0;
    /** Granule code of TG0 and S2TG: 64 KiB. */
    public static final int TG0_64K = 1;
    /** Granule code of TG0 and S2TG: 16 KiB. */
    public static final int TG0_16K = 2;
    /** Granule code of TG1: 16 KiB. */
    public static final int TG1_16K = 1;
    /** Granule code of TG1: 4 KiB. */
    public static final int TG1_4K = 2;
    /** Granule code of TG1: 64 KiB. */
    public static final int TG1_64K = 3;

    // ---- level-1 descriptor
    /** The level-1 descriptor is valid. */
    public static final BitField L1_V = BitField.bit("V", 0, 0);
    /** Address of the leaf table. */
    public static final BitField L1_L2PTR = BitField.of("L2Ptr", 0, 51, 12);

    private Cd() {}

    /** log2 of the granule for a code of TG0 or S2TG; 0 for the reserved code. */
    public static int granuleShiftTg0(int code) {
        return switch (code) {
            case TG0_4K -> 12;
            case TG0_64K -> 16;
            case TG0_16K -> 14;
            default -> 0;
        };
    }

    /** log2 of the granule for a code of TG1; 0 for the reserved code. */
    public static int granuleShiftTg1(int code) {
        return switch (code) {
            case TG1_4K -> 12;
            case TG1_64K -> 16;
            case TG1_16K -> 14;
            default -> 0;
        };
    }

    /** Code of TG0 and S2TG for a granule of 2^{@code shift} bytes. */
    public static int tg0(int shift) {
        return shift == 12 ? TG0_4K : shift == 14 ? TG0_16K : TG0_64K;
    }

    /** Code of TG1 for a granule of 2^{@code shift} bytes. */
    public static int tg1(int shift) {
        return shift == 12 ? TG1_4K : shift == 14 ? TG1_16K : TG1_64K;
    }

    /** A level-1 descriptor that points to a leaf table. */
    public static long l1Descriptor(long table) {
        return L1_L2PTR.inPlace(table) | 1;
    }
}

package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;

/**
 * What stage 1 and stage 2 of VMSAv8-64 share: geometry, the kinds of descriptors, and the switches in {@code
 * StageParameters.flags}. Levels are 0 to 3, with {@link #DS} from -1 on; an entry of level 3 is a page.
 */
public final class Vmsav8 {
    /** A clear access flag is no fault. */
    public static final int AFFD = 1;
    /** Hardware sets access flags. */
    public static final int HA = 1 << 1;
    /** Hardware keeps dirty state. */
    public static final int HD = 1 << 2;
    /** Descriptors are big-endian. */
    public static final int BIG_ENDIAN = 1 << 3;
    /** 64K: bits 15:12 of a descriptor hold address bits 51:48, and level 1 has blocks. */
    public static final int LPA_64K = 1 << 4;
    /** Stage 1: the upper half. */
    public static final int HIGH = 1 << 5;
    /** Stage 1: the top byte of the input address is ignored. */
    public static final int TBI = 1 << 6;
    /** Stage 1: this half is not walked, it faults. */
    public static final int EPD = 1 << 7;
    /** Stage 1: attributes in table descriptors are ignored. */
    public static final int HAD = 1 << 8;
    /** Stage 1: what may be written may not be executed. */
    public static final int WXN = 1 << 9;
    /** Stage 1: privileged data accesses may not touch what unprivileged ones may. */
    public static final int PAN = 1 << 10;
    /** Stage 1: a translation regime without privilege levels. */
    public static final int EL2 = 1 << 11;
    /** Stage 2: memory attributes are in the encoding that forces write-back. */
    public static final int FWB = 1 << 12;
    /** Stage 2: execute-never has two bits. */
    public static final int XNX = 1 << 13;

    /** Stage 2: tables of stage 1, and CDs, may not lie in Device memory. */
    public static final int PTW = 1 << 14;

    /**
     * 4K and 16K: bits 9:8 of a descriptor hold address bits 51:50, bits 49:48 are themselves, and there is one more size of
     * blocks. The shareability comes from the configuration ({@link #SH_SHIFT}).
     */
    public static final int DS = 1 << 15;
    /** With {@link #DS}: the shareability of all leaves is in these two bits of the flags. */
    public static final int SH_SHIFT = 16;

    /** Runs of contiguous entries count as one page where gem5 knows them: at level 3, and with 16K at level 2. */
    public static final int SHORT_RUNS = 1 << 18;
    /** A run's address is that of the entry that was read, which is a mistake of gem5's. */
    public static final int FAULTY_RUNS = 1 << 19;

    /** Bit of a descriptor: valid. */
    public static final long VALID = 1;
    /** Bit of a descriptor: a table (above level 3) or a page (at level 3), not a block. */
    public static final long TABLE = 2;
    /** Stage 1: unprivileged accesses are allowed. */
    public static final long AP_UNPRIVILEGED = 1L << 6;
    /** Stage 1: writes are not allowed. */
    public static final long AP_READ_ONLY = 1L << 7;
    /** Stage 2: reads are allowed. */
    public static final long S2AP_READ = 1L << 6;
    /** Stage 2: writes are allowed. */
    public static final long S2AP_WRITE = 1L << 7;
    /** Access flag. */
    public static final long AF = 1L << 10;
    /** Stage 1: not global. */
    public static final long NG = 1L << 11;
    /** Dirty bit modifier: hardware may make the entry writable. */
    public static final long DBM = 1L << 51;
    /** One of a run of entries that may be cached as one. */
    public static final long CONTIGUOUS = 1L << 52;
    /** Stage 1: no execution by privileged accesses; stage 2: low bit of XN. */
    public static final long PXN = 1L << 53;
    /** Stage 1: no execution by unprivileged accesses; stage 2: high bit of XN. */
    public static final long UXN = 1L << 54;
    /** Table descriptor: no execution by privileged accesses below. */
    public static final long PXN_TABLE = 1L << 59;
    /** Table descriptor: no execution by unprivileged accesses below. */
    public static final long XN_TABLE = 1L << 60;
    /** Table descriptor: no unprivileged accesses below. */
    public static final long AP_TABLE_PRIVILEGED = 1L << 61;
    /** Table descriptor: no writes below. */
    public static final long AP_TABLE_READ_ONLY = 1L << 62;

    private static final long ADDRESS = 0x0000_ffff_ffff_f000L;
    private static final long ADDRESS_DS = 0x0003_ffff_ffff_f000L;

    private Vmsav8() {}

    /** log2 of how much an entry of a level covers. */
    public static int levelShift(int granuleShift, int level) {
        return granuleShift + (3 - level) * (granuleShift - 3);
    }

    /** Size of the start table: all concatenated ones together, as small as the input size allows; at least 16, or 64 with 52-bit descriptors. */
    public static long startTableBytes(StageParameters p) {
        int bits = p.inputBits - levelShift(p.granuleShift, p.startLevel);
        int least = (p.flags & (LPA_64K | DS)) == 0 ? 16 : 64;
        return Math.max(least, 8L << Math.max(bits, 0));
    }

    /** True if an entry of this level may be a block. */
    static boolean blockLevel(int granuleShift, int level, int flags) {
        boolean ds = (flags & DS) != 0;
        return switch (granuleShift) {
            case 12 -> level == 1 || level == 2 || ds && level == 0;
            case 14 -> level == 2 || ds && level == 1;
            default -> level == 2 || (flags & LPA_64K) != 0 && level == 1;
        };
    }

    /** log2 of the number of entries in a contiguous run of this level; 0 if there are none. */
    static int contiguousShift(int granuleShift, int level) {
        return switch (granuleShift) {
            case 12 -> level >= 1 ? 4 : 0;
            case 14 -> level == 3 ? 7 : level == 2 ? 5 : 0;
            default -> level >= 2 ? 5 : 0;
        };
    }

    private static int contiguousShift(WalkState state) {
        StageParameters p = state.parameters;
        boolean unknown = (p.flags & SHORT_RUNS) != 0 && state.level != 3 && p.granuleShift != 14;
        return unknown ? 0 : contiguousShift(p.granuleShift, state.level);
    }

    /** Output address of a descriptor, aligned to {@code shift} bits. */
    static long address(long descriptor, int shift, int flags) {
        if ((flags & DS) != 0) {
            return descriptor & ADDRESS_DS & -1L << shift | (descriptor >>> 8 & 3) << 50;
        }
        long low = descriptor & ADDRESS & -1L << shift;
        return (flags & LPA_64K) == 0 ? low : low | (descriptor >>> 12 & 0xf) << 48;
    }

    /** Shareability of a leaf, where attributes have it: bits 9:8. */
    static long shareability(long descriptor, int flags) {
        return (flags & DS) == 0 ? descriptor & 0x300 : (long) (flags >>> SH_SHIFT & 3) << 8;
    }

    /** Reads the entry of {@code state.level} in {@code state.table} that the input selects. */
    static WalkAction readEntry(WalkState state) {
        StageParameters p = state.parameters;
        int shift = levelShift(p.granuleShift, state.level);
        // The start table has the input's remaining bits: fewer than a whole table, or more when concatenated.
        int top = state.level == p.startLevel ? p.inputBits : shift + p.granuleShift - 3;
        long index = (state.input & -1L >>> 64 - top) >>> shift;
        return state.read(state.table + 8 * index, 8);
    }

    /** The descriptor in the CPU's byte order. */
    static long order(long raw, int flags) {
        return (flags & BIG_ENDIAN) == 0 ? raw : Long.reverseBytes(raw);
    }

    /** True if the entry is neither a table nor a leaf that may stand at this level. */
    static boolean invalid(WalkState state, long descriptor) {
        if ((descriptor & VALID) == 0) {
            return true;
        }
        if ((descriptor & TABLE) != 0) {
            return false;
        }
        StageParameters p = state.parameters;
        return !blockLevel(p.granuleShift, state.level, p.flags);
    }

    /** Goes down to the table that the descriptor points to. */
    static WalkAction descend(WalkState state, long descriptor) {
        StageParameters p = state.parameters;
        long next = address(descriptor, p.granuleShift, p.flags);
        if (next >>> p.outputBits != 0) {
            return state.fail(WalkFault.ADDRESS_SIZE);
        }
        state.level++;
        state.table = next;
        return readEntry(state);
    }

    /**
     * Sets output address and page size of a leaf. A contiguous run counts as one page if its addresses really are
     * contiguous, it lies within the input range, and hardware does not update its entries one by one.
     */
    static void output(WalkState state, long descriptor, long base, int shift) {
        StageParameters p = state.parameters;
        state.outputBase = base;
        state.pageShift = shift;
        int run = contiguousShift(state);
        if ((p.flags & FAULTY_RUNS) != 0) {
            state.pageShift += (descriptor & CONTIGUOUS) != 0 ? run : 0;
        } else if ((descriptor & CONTIGUOUS) != 0
                && run != 0
                && (p.flags & (HA | HD)) == 0
                && shift + run <= p.inputBits) {
            long within = (1L << shift + run) - 1 & -1L << shift;
            if ((base & within) == (state.input & within)) {
                state.outputBase = base & ~within;
                state.pageShift = shift + run;
            }
        }
    }

    /** Asks for an update of the descriptor that was read last. */
    static WalkAction update(WalkState state, long descriptor, long value) {
        int flags = state.parameters.flags;
        state.updateAddress = state.readAddress;
        state.updateExpected = order(descriptor, flags);
        state.updateValue = order(value, flags);
        return WalkAction.UPDATE;
    }
}

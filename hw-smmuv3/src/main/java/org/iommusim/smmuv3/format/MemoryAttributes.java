package org.iommusim.smmuv3.format;

/**
 * Memory type and shareability of a translated access: what stage 1 (or the device) asks for, combined with stage 2.
 *
 * <p>In the form in which they are handed on, attributes are a MAIR byte in bits 7:0 and a shareability in bits 9:8 (0 none,
 * 2 outer, 3 inner). The rules, in the order in which they are applied:
 *
 * <table>
 * <caption>Stage 1 with stage 2</caption>
 * <tr><th>Stage 2</th><th>Result</th></tr>
 * <tr><td>Device, or stage 1 Device</td><td>Device; of two kinds the one that allows less</td></tr>
 * <tr><td>Normal</td><td>inner and outer each: the weaker of non-cacheable, write-through, write-back; hints of stage
 * 1</td></tr>
 * <tr><td>with FWB: Device (0xx)</td><td>Device, as above</td></tr>
 * <tr><td>with FWB: 101</td><td>stage 1 if Device, else non-cacheable</td></tr>
 * <tr><td>with FWB: 110</td><td>write-back, whatever stage 1 says</td></tr>
 * <tr><td>with FWB: 111 and 100 (reserved)</td><td>stage 1</td></tr>
 * <tr><td>shareability</td><td>outer before inner before none; Device and non-cacheable memory is outer</td></tr>
 * </table>
 */
public final class MemoryAttributes {
    /** Normal write-back memory with all allocation hints. */
    public static final int WRITE_BACK = 0xff;
    /** Normal non-cacheable memory. */
    public static final int NON_CACHEABLE = 0x44;
    /** What a PCIe device asks for: write-back, inner shareable (a choice of this model). */
    public static final int INCOMING = WRITE_BACK | 3 << 8;

    private static final int OUTER = 2;

    private MemoryAttributes() {}

    /** True for one of the four kinds of Device memory. */
    public static boolean device(int attributes) {
        return (attributes & 0xf0) == 0;
    }

    /** What a stream asks for that has no stage 1: the device's attributes, with the shareability that {@code shcfg} says. */
    public static int incoming(int shcfg) {
        return shcfg == 1 ? INCOMING : shared(INCOMING & 0xff, shcfg);
    }

    /** Attributes after stage 1 alone: what is not cacheable is outer shareable. */
    public static int alone(int stage1) {
        return shared(stage1 & 0xff, stage1 >>> 8 & 3);
    }

    /**
     * Attributes after both stages.
     *
     * @param stage1 a MAIR byte and a shareability
     * @param stage2 attributes as {@link Vmsav8Stage2} hands them on
     */
    public static int combine(int stage1, long stage2) {
        int memAttr = (int) stage2 & 0xf;
        int type = stage1 & 0xff;
        int combined = (stage2 & Vmsav8Stage2.ATTRIBUTE_FWB) == 0 ? plain(type, memAttr) : forced(type, memAttr);
        return shared(combined, stronger(stage1 >>> 8 & 3, (int) stage2 >>> 8 & 3));
    }

    private static int plain(int type, int memAttr) {
        if ((memAttr & 0xc) == 0) {
            return leastDevice(type, memAttr & 3);
        }
        return device(type) ? type : weaker(type >>> 4, memAttr >>> 2) << 4 | weaker(type & 0xf, memAttr & 3);
    }

    private static int forced(int type, int memAttr) {
        return switch (memAttr & 7) {
            case 0, 1, 2, 3 -> leastDevice(type, memAttr & 3);
            case 5 -> device(type) ? type : NON_CACHEABLE;
            case 6 -> WRITE_BACK;
            default -> type;
        };
    }

    /** Kinds count from the one that allows least: nGnRnE, nGnRE, nGRE, GRE. */
    private static int leastDevice(int type, int kind) {
        return device(type) ? Math.min(type & 0xc, kind << 2) : kind << 2;
    }

    /** The weaker cacheability of a half of a MAIR byte and of a stage-2 code (1 none, 2 write-through, 3 write-back). */
    private static int weaker(int half, int code) {
        int own = half == 4 ? 1 : (half & 4) == 0 ? 2 : 3;
        if (own == 1 || code <= 1) {
            return 4;
        }
        return own == 3 && code == 2 ? 8 | half & 3 : half;
    }

    private static int stronger(int one, int other) {
        if (one == OUTER || other == OUTER) {
            return OUTER;
        }
        return Math.max(one, other);
    }

    private static int shared(int type, int shareability) {
        boolean everybody = device(type) || type == NON_CACHEABLE;
        return type | (everybody ? OUTER : shareability) << 8;
    }
}

package org.iommusim.amdvi.spec;

/**
 * Which commands are legal: opcodes and reserved bits. Commands that need more than a feature bit (a unit that takes
 * invalidations of device TLBs) are the command buffer's business.
 */
public final class CmdChecks {
    private static final long WAIT_RESERVED0 = 0x0ff0_0000_0000_0000L;
    private static final long DEVICE_RESERVED0 = 0x0fff_ffff_ffff_0000L;
    private static final long PAGES_RESERVED0 = 0x0fff_0000_fff0_0000L;
    private static final long PAGES_RESERVED1 = 0xff8;
    private static final long IOTLB_RESERVED1 = 0xfca;
    private static final long PREFETCH_RESERVED0 = 0x0ff0_0000_00ff_0000L;
    private static final long PREFETCH_RESERVED1 = 0xfea;
    private static final long PPR_RESERVED0 = 0x0ff0_0000_ffff_0000L;
    private static final long PPR_RESERVED1 = 0xffff_0000_ffff_fffbL;
    private static final long ALL_RESERVED0 = 0x0fff_ffff_ffff_ffffL;

    private CmdChecks() {}

    /** True if the unit takes the command; otherwise it is an ILLEGAL_COMMAND_ERROR. */
    public static boolean legal(long w0, long w1, Efr efr) {
        int opcode = Cmd.opcode(w0);
        return exists(opcode, efr) && (w0 & reserved0(opcode)) == 0 && (w1 & reserved1(opcode)) == 0;
    }

    private static boolean exists(int opcode, Efr efr) {
        return switch (opcode) {
            case Cmd.PREFETCH_IOMMU_PAGES -> efr.prefetch();
            case Cmd.COMPLETE_PPR_REQUEST -> efr.ppr();
            case Cmd.INVALIDATE_IOMMU_ALL -> efr.ia();
            default -> opcode >= Cmd.COMPLETION_WAIT && opcode <= Cmd.INVALIDATE_INTERRUPT_TABLE;
        };
    }

    private static long reserved0(int opcode) {
        return switch (opcode) {
            case Cmd.COMPLETION_WAIT -> WAIT_RESERVED0;
            case Cmd.INVALIDATE_DEVTAB_ENTRY, Cmd.INVALIDATE_INTERRUPT_TABLE -> DEVICE_RESERVED0;
            case Cmd.INVALIDATE_IOMMU_PAGES -> PAGES_RESERVED0;
            case Cmd.PREFETCH_IOMMU_PAGES -> PREFETCH_RESERVED0;
            case Cmd.COMPLETE_PPR_REQUEST -> PPR_RESERVED0;
            case Cmd.INVALIDATE_IOMMU_ALL -> ALL_RESERVED0;
            default -> 0; // INVALIDATE_IOTLB_PAGES uses every bit
        };
    }

    private static long reserved1(int opcode) {
        return switch (opcode) {
            case Cmd.COMPLETION_WAIT -> 0;
            case Cmd.INVALIDATE_IOMMU_PAGES -> PAGES_RESERVED1;
            case Cmd.INVALIDATE_IOTLB_PAGES -> IOTLB_RESERVED1;
            case Cmd.PREFETCH_IOMMU_PAGES -> PREFETCH_RESERVED1;
            case Cmd.COMPLETE_PPR_REQUEST -> PPR_RESERVED1;
            default -> -1L;
        };
    }
}

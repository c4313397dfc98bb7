package org.iommusim.amdvi.spec;

/** Commands for humans. */
public final class CmdText {
    private CmdText() {}

    /** Name of an opcode. */
    public static String name(int opcode) {
        return switch (opcode) {
            case Cmd.COMPLETION_WAIT -> "COMPLETION_WAIT";
            case Cmd.INVALIDATE_DEVTAB_ENTRY -> "INVALIDATE_DEVTAB_ENTRY";
            case Cmd.INVALIDATE_IOMMU_PAGES -> "INVALIDATE_IOMMU_PAGES";
            case Cmd.INVALIDATE_IOTLB_PAGES -> "INVALIDATE_IOTLB_PAGES";
            case Cmd.INVALIDATE_INTERRUPT_TABLE -> "INVALIDATE_INTERRUPT_TABLE";
            case Cmd.PREFETCH_IOMMU_PAGES -> "PREFETCH_IOMMU_PAGES";
            case Cmd.COMPLETE_PPR_REQUEST -> "COMPLETE_PPR_REQUEST";
            case Cmd.INVALIDATE_IOMMU_ALL -> "INVALIDATE_IOMMU_ALL";
            default -> "opcode " + opcode;
        };
    }

    /** A command in one line, e.g. {@code INVALIDATE_IOMMU_PAGES domain=7 addr=0x1000 size=2^12 PDE}. */
    public static String text(long w0, long w1) {
        int opcode = Cmd.opcode(w0);
        StringBuilder text = new StringBuilder(name(opcode));
        switch (opcode) {
            case Cmd.COMPLETION_WAIT -> wait(text, w0, w1);
            case Cmd.INVALIDATE_DEVTAB_ENTRY, Cmd.INVALIDATE_INTERRUPT_TABLE -> device(text, w0);
            case Cmd.INVALIDATE_IOMMU_PAGES -> {
                text.append(" domain=").append(Cmd.DOMAIN_ID.get(w0));
                pages(text, w1, Cmd.PASID.getInt(w0));
                text.append(Cmd.PDE.isSet(w1) ? " PDE" : "");
            }
            case Cmd.INVALIDATE_IOTLB_PAGES -> pages(device(text, w0), w1, Cmd.iotlbPasid(w0));
            case Cmd.PREFETCH_IOMMU_PAGES -> {
                pages(device(text, w0), w1, Cmd.PREFETCH_PASID.getInt(w0));
                text.append(" count=").append(Cmd.PREFETCH_COUNT.get(w0));
                text.append(Cmd.PREFETCH_INVAL.isSet(w1) ? " Inval" : "");
            }
            case Cmd.COMPLETE_PPR_REQUEST -> {
                device(text, w0).append(Cmd.GN.isSet(w1) ? " pasid=" + Cmd.PPR_PASID.get(w0) : "");
                text.append(" tag=").append(Cmd.PPR_TAG.get(w1));
                text.append(" status=").append(Cmd.PPR_STATUS.get(w1));
            }
            case Cmd.INVALIDATE_IOMMU_ALL -> {
                // It has no operands.
            }
            default -> hex(text, "word", w0);
        }
        return text.toString();
    }

    private static void wait(StringBuilder text, long w0, long w1) {
        if (Cmd.S_STORE.isSet(w0)) {
            hex(hex(text, "store", Cmd.STORE_ADDRESS.inPlace(w0)), "data", w1);
        }
        text.append(Cmd.I_INTERRUPT.isSet(w0) ? " interrupt" : "");
        text.append(Cmd.F_FLUSH.isSet(w0) ? " flush" : "");
    }

    private static void pages(StringBuilder text, long w1, int pasid) {
        text.append(Cmd.GN.isSet(w1) ? " pasid=" + pasid : "");
        int shift = Cmd.rangeShift(w1);
        if (shift == 64) {
            text.append(" all");
        } else {
            hex(text, "addr", Cmd.rangeStart(w1)).append(" size=2^").append(shift);
        }
    }

    private static StringBuilder device(StringBuilder text, long w0) {
        return hex(text, "device", Cmd.DEVICE_ID.get(w0));
    }

    private static StringBuilder hex(StringBuilder text, String name, long value) {
        return text.append(' ').append(name).append("=0x").append(Long.toHexString(value));
    }
}

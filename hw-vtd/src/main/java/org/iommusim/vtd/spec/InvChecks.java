package org.iommusim.vtd.spec;

/**
 * Which invalidation descriptors are legal: types, reserved bits and reserved values. What depends on more than the
 * descriptor and the capabilities (width of the queue, translation table mode) is the queue's business.
 */
public final class InvChecks {
    private static final long CONTEXT_RESERVED0 = 0xfffc_0000_0000_f1c0L;
    private static final long IOTLB_RESERVED0 = 0xffff_ffff_0000_f100L;
    private static final long PASID_RESERVED0 = 0xfff0_0000_0000_f1c0L;
    private static final long PAGES_RESERVED1 = 0xf80;
    private static final long DEVICE_TLB_RESERVED0 = 0x000f_0000_ffe0_01f0L;
    private static final long DEVICE_TLB_RESERVED1 = 0xffe;
    private static final long PASID_DEVICE_TLB_RESERVED1 = 0x7fe;
    private static final long IEC_RESERVED0 = 0xffff_0000_07ff_f1e0L;
    private static final long WAIT_RESERVED0 = 0xffff_f100L;
    private static final long WAIT_RESERVED1 = 3;
    private static final long RESPONSE_RESERVED0 = 0xfff0_0000_0000_01e0L;
    private static final long RESPONSE_RESERVED1 = 0xffff_ffff_ffff_f003L;

    private InvChecks() {}

    /**
     * Judges a descriptor.
     *
     * @param w2 third word of a wide descriptor, else 0
     * @param w3 fourth word of a wide descriptor, else 0
     * @return {@link Reg#IQEI_NONE} if it is legal, {@link Reg#IQEI_TYPE} or {@link Reg#IQEI_RESERVED}
     */
    public static int error(long w0, long w1, long w2, long w3, Cap cap) {
        int type = Inv.type(w0);
        if (!exists(type, cap)) {
            return Reg.IQEI_TYPE;
        }
        boolean legal = (w0 & reserved0(type, cap)) == 0
                && (w1 & reserved1(type)) == 0
                && (w2 | w3) == 0
                && values(type, w0, w1, cap);
        return legal ? Reg.IQEI_NONE : Reg.IQEI_RESERVED;
    }

    private static boolean exists(int type, Cap cap) {
        return switch (type) {
            case Inv.CONTEXT, Inv.IOTLB, Inv.WAIT -> true;
            // Without device TLBs it is taken and does nothing, as recorded from QEMU.
            case Inv.DEVICE_TLB -> true;
            case Inv.IEC -> cap.ir();
            case Inv.PASID_IOTLB, Inv.PASID_CACHE -> cap.smts();
            case Inv.PASID_DEVICE_TLB -> cap.smts();
            case Inv.PAGE_GROUP_RESPONSE -> cap.prs();
            default -> false;
        };
    }

    private static long reserved0(int type, Cap cap) {
        return switch (type) {
            case Inv.CONTEXT -> CONTEXT_RESERVED0;
            case Inv.IOTLB -> IOTLB_RESERVED0;
            case Inv.DEVICE_TLB -> DEVICE_TLB_RESERVED0;
            case Inv.IEC -> IEC_RESERVED0;
            case Inv.WAIT -> WAIT_RESERVED0 | (cap.pds() ? 0 : Inv.PD.mask());
            case Inv.PASID_IOTLB, Inv.PASID_CACHE -> PASID_RESERVED0;
            case Inv.PAGE_GROUP_RESPONSE -> RESPONSE_RESERVED0;
            default -> 0;
        };
    }

    private static long reserved1(int type) {
        return switch (type) {
            case Inv.CONTEXT, Inv.IEC, Inv.PASID_CACHE -> -1L;
            case Inv.IOTLB, Inv.PASID_IOTLB -> PAGES_RESERVED1;
            case Inv.DEVICE_TLB -> DEVICE_TLB_RESERVED1;
            case Inv.PASID_DEVICE_TLB -> PASID_DEVICE_TLB_RESERVED1;
            case Inv.WAIT -> WAIT_RESERVED1;
            default -> RESPONSE_RESERVED1;
        };
    }

    /** Reserved values of granularities; a mask that is too wide; a wait that nobody could see complete. */
    private static boolean values(int type, long w0, long w1, Cap cap) {
        int granularity = Inv.G.getInt(w0);
        return switch (type) {
            case Inv.CONTEXT -> granularity != 0;
            case Inv.IOTLB -> granularity != 0 && (granularity != Inv.G_IOTLB_PAGE || Inv.AM.getInt(w1) <= cap.mamv());
            case Inv.PASID_IOTLB -> granularity >= Inv.G_PASID_ALL;
            case Inv.PASID_CACHE -> granularity != 2;
            case Inv.WAIT -> (w0 & (Inv.IF.mask() | Inv.SW.mask() | Inv.FN.mask())) != 0;
            default -> true;
        };
    }
}

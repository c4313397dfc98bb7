package org.iommusim.vtd.spec;

/** Invalidation descriptors for humans. */
public final class InvText {
    private InvText() {}

    /** Name of a type. */
    public static String name(int type) {
        return switch (type) {
            case Inv.CONTEXT -> "context";
            case Inv.IOTLB -> "iotlb";
            case Inv.DEVICE_TLB -> "device-tlb";
            case Inv.IEC -> "iec";
            case Inv.WAIT -> "wait";
            case Inv.PASID_IOTLB -> "pasid-iotlb";
            case Inv.PASID_CACHE -> "pasid-cache";
            case Inv.PASID_DEVICE_TLB -> "pasid-device-tlb";
            case Inv.PAGE_GROUP_RESPONSE -> "page-group-response";
            default -> "type 0x" + Integer.toHexString(type);
        };
    }

    /** A descriptor in one line, e.g. {@code iotlb page did=7 addr=0x1000 am=0 leaf}. */
    public static String text(long w0, long w1) {
        int type = Inv.type(w0);
        StringBuilder text = new StringBuilder(name(type));
        switch (type) {
            case Inv.CONTEXT -> context(text, w0);
            case Inv.IOTLB -> iotlb(text, w0, w1);
            case Inv.DEVICE_TLB -> sizedAddress(hex(text, "sid", Inv.SID.get(w0)), w1, Inv.S.isSet(w1));
            case Inv.IEC -> iec(text, w0);
            case Inv.WAIT -> wait(text, w0, w1);
            case Inv.PASID_IOTLB -> pasidIotlb(text, w0, w1);
            case Inv.PASID_CACHE -> pasidCache(text, w0);
            case Inv.PASID_DEVICE_TLB -> pasidDeviceTlb(text, w0, w1);
            case Inv.PAGE_GROUP_RESPONSE -> response(text, w0, w1);
            default -> text.append(" 0x").append(Long.toHexString(w0));
        }
        return text.toString();
    }

    private static void context(StringBuilder text, long w0) {
        switch (Inv.G.getInt(w0)) {
            case Inv.G_CONTEXT_GLOBAL -> text.append(" global");
            case Inv.G_CONTEXT_DOMAIN -> number(text.append(" domain"), "did", Inv.DID.get(w0));
            case Inv.G_CONTEXT_DEVICE -> {
                number(text.append(" device"), "did", Inv.DID.get(w0));
                number(hex(text, "sid", Inv.SID.get(w0)), "fm", Inv.FM.get(w0));
            }
            default -> text.append(" g=0");
        }
    }

    private static void iotlb(StringBuilder text, long w0, long w1) {
        switch (Inv.G.getInt(w0)) {
            case Inv.G_IOTLB_GLOBAL -> text.append(" global");
            case Inv.G_IOTLB_DOMAIN -> number(text.append(" domain"), "did", Inv.DID.get(w0));
            case Inv.G_IOTLB_PAGE -> pages(number(text.append(" page"), "did", Inv.DID.get(w0)), w1);
            default -> text.append(" g=0");
        }
        text.append(Inv.DR.isSet(w0) ? " drain-reads" : "").append(Inv.DW.isSet(w0) ? " drain-writes" : "");
    }

    private static void pasidIotlb(StringBuilder text, long w0, long w1) {
        boolean page = Inv.G.getInt(w0) == Inv.G_PASID_PAGE;
        number(number(text.append(page ? " page" : " all"), "did", Inv.DID.get(w0)), "pasid", Inv.PASID.get(w0));
        if (page) {
            pages(text, w1);
        }
    }

    private static void pasidCache(StringBuilder text, long w0) {
        switch (Inv.G.getInt(w0)) {
            case Inv.G_PASID_CACHE_DOMAIN -> number(text.append(" domain"), "did", Inv.DID.get(w0));
            case Inv.G_PASID_CACHE_PASID ->
                number(number(text.append(" pasid"), "did", Inv.DID.get(w0)), "pasid", Inv.PASID.get(w0));
            case Inv.G_PASID_CACHE_GLOBAL -> text.append(" global");
            default -> text.append(" g=2");
        }
    }

    private static void pasidDeviceTlb(StringBuilder text, long w0, long w1) {
        hex(text, "sid", Inv.PASID_SID.get(w0));
        if (Inv.PASID_GLOBAL.isSet(w1)) {
            text.append(" all-pasids");
        } else {
            number(text, "pasid", Inv.PASID.get(w0));
        }
        sizedAddress(text, w1, Inv.PASID_S.isSet(w1));
    }

    private static void sizedAddress(StringBuilder text, long w1, boolean sized) {
        int order = Inv.deviceTlbOrder(w1, sized);
        if (order >= 52) {
            text.append(" all");
            return;
        }
        number(hex(text, "addr", w1 & -1L << 12 + order), "order", order);
    }

    private static void iec(StringBuilder text, long w0) {
        if (Inv.IEC_SELECTIVE.isSet(w0)) {
            number(number(text, "index", Inv.IIDX.get(w0)), "im", Inv.IM.get(w0));
        } else {
            text.append(" global");
        }
    }

    private static void wait(StringBuilder text, long w0, long w1) {
        if (Inv.SW.isSet(w0)) {
            hex(hex(text, "write", Inv.STATUS_ADDRESS.inPlace(w1)), "data", Inv.STATUS_DATA.get(w0));
        }
        text.append(Inv.IF.isSet(w0) ? " interrupt" : "").append(Inv.FN.isSet(w0) ? " fence" : "");
        text.append(Inv.PD.isSet(w0) ? " drain-page-requests" : "");
    }

    private static void response(StringBuilder text, long w0, long w1) {
        hex(text, "rid", Inv.RESPONSE_RID.get(w0));
        if (Inv.RESPONSE_PP.isSet(w0)) {
            number(text, "pasid", Inv.PASID.get(w0));
        }
        number(number(text, "group", Inv.RESPONSE_PRG_INDEX.get(w1)), "code", Inv.RESPONSE_CODE.get(w0));
    }

    private static void pages(StringBuilder text, long w1) {
        number(hex(text, "addr", Inv.ADDRESS.inPlace(w1)), "am", Inv.AM.get(w1));
        text.append(Inv.IH.isSet(w1) ? " leaf" : "");
    }

    private static StringBuilder number(StringBuilder text, String name, long value) {
        return text.append(' ').append(name).append('=').append(value);
    }

    private static StringBuilder hex(StringBuilder text, String name, long value) {
        return text.append(' ').append(name).append("=0x").append(Long.toHexString(value));
    }
}

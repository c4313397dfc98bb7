package org.iommusim.vtd.spec;

import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.spec.BitField;

/** Page request descriptor, an entry of the page request queue: 32 bytes, 4 words, of which the last two are zero. */
public final class PageReq {
    /** Words in a descriptor. */
    public static final int WORDS = 4;
    /** Bytes in a descriptor. */
    public static final int BYTES = 32;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 5;
    /** The one type. */
    public static final int TYPE_PAGE_REQUEST = 1;

    // ---- word 0
    public static final BitField TYPE = BitField.of("type", 0, 7, 0);
    /** The PASID is given. */
    public static final BitField PP = BitField.bit("PP", 0, 8);

    public static final BitField RID = BitField.of("RID", 0, 31, 16);
    public static final BitField PASID = BitField.of("PASID", 0, 51, 32);
    public static final BitField EXE = BitField.bit("EXE", 0, 52);
    public static final BitField PRIV = BitField.bit("PRIV", 0, 53);

    // ---- word 1
    public static final BitField READ = BitField.bit("R", 1, 0);
    public static final BitField WRITE = BitField.bit("W", 1, 1);
    /** Last page in group. */
    public static final BitField LPIG = BitField.bit("LPIG", 1, 2);

    public static final BitField PRG_INDEX = BitField.of("PRGI", 1, 11, 3);
    public static final BitField ADDRESS = BitField.of("Address", 1, 63, 12);

    private PageReq() {}

    /** First word of a request's descriptor; privilege and execution only count with a PASID. */
    public static long word0(PageRequest r) {
        boolean process = r.pasid() >= 0;
        return TYPE_PAGE_REQUEST
                | RID.with(0, r.requesterId())
                | (process ? PP.mask() | PASID.with(0, r.pasid()) : 0)
                | (process && r.execute() ? EXE.mask() : 0)
                | (process && r.privileged() ? PRIV.mask() : 0);
    }

    /** Second word of a request's descriptor. */
    public static long word1(PageRequest r) {
        return ADDRESS.inPlace(r.address())
                | PRG_INDEX.with(0, r.group())
                | (r.read() ? READ.mask() : 0)
                | (r.write() ? WRITE.mask() : 0)
                | (r.last() ? LPIG.mask() : 0);
    }

    /** True for a stop marker: the last of a group that asks for nothing. It is not answered. */
    public static boolean isStopMarker(long word1) {
        return LPIG.isSet(word1) && !READ.isSet(word1) && !WRITE.isSet(word1);
    }

    /** A descriptor in one line for humans. */
    public static String text(long w0, long w1) {
        return "rid=0x" + Long.toHexString(RID.get(w0))
                + (PP.isSet(w0) ? " pasid=" + PASID.get(w0) : "")
                + " addr=0x" + Long.toHexString(ADDRESS.inPlace(w1))
                + " group=" + PRG_INDEX.get(w1)
                + (READ.isSet(w1) ? " read" : "")
                + (WRITE.isSet(w1) ? " write" : "")
                + (LPIG.isSet(w1) ? " last" : "");
    }
}

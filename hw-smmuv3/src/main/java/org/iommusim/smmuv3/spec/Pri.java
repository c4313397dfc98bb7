package org.iommusim.smmuv3.spec;

import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.spec.BitField;

/** Records of the PRI queue: 16 bytes, 2 words. */
public final class Pri {
    /** Bytes in a record. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    // ---- word 0
    public static final BitField SID = BitField.of("SID", 0, 31, 0);
    public static final BitField SSID = BitField.of("SSID", 0, 51, 32);
    public static final BitField PRIV = BitField.bit("Priv", 0, 58);
    public static final BitField EXEC = BitField.bit("X", 0, 59);
    public static final BitField READ = BitField.bit("R", 0, 60);
    public static final BitField WRITE = BitField.bit("W", 0, 61);
    public static final BitField LAST = BitField.bit("L", 0, 62);
    /** The SubstreamID is given. */
    public static final BitField SSV = BitField.bit("SSV", 0, 63);

    // ---- word 1
    public static final BitField PRG_INDEX = BitField.of("PRGIndex", 1, 8, 0);
    public static final BitField ADDRESS = BitField.of("PageAddress", 1, 63, 12);

    private Pri() {}

    /** First word of a request's record; Priv and X only count with a PASID. */
    public static long word0(PageRequest r) {
        boolean substream = r.pasid() >= 0;
        return r.requesterId() & 0xffff_ffffL
                | (substream ? SSV.mask() | (long) r.pasid() << 32 : 0)
                | (substream && r.privileged() ? PRIV.mask() : 0)
                | (substream && r.execute() ? EXEC.mask() : 0)
                | (r.read() ? READ.mask() : 0)
                | (r.write() ? WRITE.mask() : 0)
                | (r.last() ? LAST.mask() : 0);
    }

    /** Second word of a request's record. */
    public static long word1(PageRequest r) {
        return ADDRESS.inPlace(r.address()) | r.group();
    }

    /** A record in one line for humans. */
    public static String text(long w0, long w1) {
        return "sid=0x" + Long.toHexString(SID.get(w0))
                + (SSV.isSet(w0) ? " ssid=" + SSID.get(w0) : "")
                + " addr=0x" + Long.toHexString(ADDRESS.inPlace(w1))
                + " group=" + PRG_INDEX.get(w1)
                + (READ.isSet(w0) ? " read" : "")
                + (WRITE.isSet(w0) ? " write" : "")
                + (LAST.isSet(w0) ? " last" : "");
    }
}

package org.iommusim.amdvi.spec;

import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.spec.BitField;

/** PPR log records (page requests): 16 bytes, 2 words, the second of which is the address. */
public final class Ppr {
    /** Words in a record. */
    public static final int WORDS = 2;
    /** Bytes in a record. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;
    /** The one type. */
    public static final int TYPE_PAGE_REQUEST = 1;

    // ---- word 0
    public static final BitField DEVICE_ID = BitField.of("DeviceID", 0, 15, 0);
    public static final BitField PASID_15_0 = BitField.of("PASID", 0, 31, 16);
    /** Page request group index. */
    public static final BitField TAG = BitField.of("tag", 0, 40, 32);
    /** Last page in group. */
    public static final BitField LAST = BitField.bit("last", 0, 41);

    public static final BitField PASID_19_16 = BitField.of("PASID", 0, 45, 42);
    /** Executing is wanted. */
    public static final BitField EXEC = BitField.bit("EXEC", 0, 49);
    /** Reading is wanted. */
    public static final BitField READ = BitField.bit("READ", 0, 50);
    /** Writing is wanted. */
    public static final BitField WRITE = BitField.bit("WRITE", 0, 53);
    /** By a user. */
    public static final BitField US = BitField.bit("US", 0, 54);
    /** A reserved bit of the request was set. */
    public static final BitField RVSD = BitField.bit("RVSD", 0, 55);
    /** The request has a PASID. */
    public static final BitField GN = BitField.bit("GN", 0, 56);

    public static final BitField TYPE = BitField.of("type", 0, 63, 60);

    // ---- word 1
    public static final BitField ADDRESS = BitField.of("address", 1, 63, 12);

    private Ppr() {}

    /** First word of a request's record; privilege and execution only count with a PASID. */
    public static long word0(PageRequest r) {
        boolean process = r.pasid() >= 0;
        long word = TYPE.with(0, TYPE_PAGE_REQUEST) | DEVICE_ID.with(0, r.requesterId()) | TAG.with(0, r.group());
        word = LAST.with(READ.with(WRITE.with(word, r.write() ? 1 : 0), r.read() ? 1 : 0), r.last() ? 1 : 0);
        if (!process) {
            return word;
        }
        word = PASID_19_16.with(PASID_15_0.with(word, r.pasid()), r.pasid() >>> 16);
        return GN.mask() | word | (r.execute() ? EXEC.mask() : 0) | (r.privileged() ? 0 : US.mask());
    }

    /** Second word of a request's record. */
    public static long word1(PageRequest r) {
        return ADDRESS.inPlace(r.address());
    }

    /** The PASID of a record with {@link #GN}. */
    public static int pasid(long w0) {
        return PASID_15_0.getInt(w0) | PASID_19_16.getInt(w0) << 16;
    }

    /** A record in one line for humans. */
    public static String text(long w0, long w1) {
        return "device=0x" + Long.toHexString(DEVICE_ID.get(w0))
                + (GN.isSet(w0) ? " pasid=" + pasid(w0) : "")
                + " addr=0x" + Long.toHexString(ADDRESS.inPlace(w1))
                + " tag=" + TAG.get(w0)
                + (READ.isSet(w0) ? " read" : "")
                + (WRITE.isSet(w0) ? " write" : "")
                + (EXEC.isSet(w0) ? " exec" : "")
                + (US.isSet(w0) ? " user" : "")
                + (LAST.isSet(w0) ? " last" : "");
    }
}

package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Invalidation descriptors: 16 bytes, or 32 whose second half is reserved. For each there are builders of one word, {@code
 * name0} and {@code name1}, so that issuing one allocates nothing; the second word of the others is 0. {@link InvChecks} says
 * which are legal, {@link InvText} shows them.
 */
public final class Inv {
    /** Words in a narrow descriptor. */
    public static final int WORDS = 2;
    /** Words in a wide descriptor. */
    public static final int WIDE_WORDS = 4;

    /** Context cache. */
    public static final int CONTEXT = 0x1;
    /** IOTLB. */
    public static final int IOTLB = 0x2;
    /** Device TLB. */
    public static final int DEVICE_TLB = 0x3;
    /** Interrupt entry cache. */
    public static final int IEC = 0x4;
    /** Wait. */
    public static final int WAIT = 0x5;
    /** PASID-based IOTLB. */
    public static final int PASID_IOTLB = 0x6;
    /** PASID cache. */
    public static final int PASID_CACHE = 0x7;
    /** PASID-based device TLB. */
    public static final int PASID_DEVICE_TLB = 0x8;
    /** Page group response. */
    public static final int PAGE_GROUP_RESPONSE = 0x9;

    // ---- word 0, several types
    /** Lower bits of the type. */
    public static final BitField TYPE_LOW = BitField.of("type", 0, 3, 0);
    /** Upper bits of the type. */
    public static final BitField TYPE_HIGH = BitField.of("type", 0, 11, 9);
    /** Granularity: the {@code G_} values of the type. */
    public static final BitField G = BitField.of("G", 0, 5, 4);

    public static final BitField DID = BitField.of("DID", 0, 31, 16);
    /** Source id of context cache and device TLB. */
    public static final BitField SID = BitField.of("SID", 0, 47, 32);

    public static final BitField PASID = BitField.of("PASID", 0, 51, 32);

    // ---- context cache
    /** Function mask: 1 bit 2, 2 bits 2:1, 3 bits 2:0 of the source id do not count. */
    public static final BitField FM = BitField.of("FM", 0, 49, 48);

    public static final int G_CONTEXT_GLOBAL = 1;
    public static final int G_CONTEXT_DOMAIN = 2;
    public static final int G_CONTEXT_DEVICE = 3;

    // ---- IOTLB and PASID-based IOTLB
    /** IOTLB: drain writes. */
    public static final BitField DW = BitField.bit("DW", 0, 6);
    /** IOTLB: drain reads. */
    public static final BitField DR = BitField.bit("DR", 0, 7);
    /** 2^AM pages of 4 KiB, aligned. */
    public static final BitField AM = BitField.of("AM", 1, 5, 0);
    /** Invalidation hint: only leaves changed. */
    public static final BitField IH = BitField.bit("IH", 1, 6);

    public static final BitField ADDRESS = BitField.of("ADDR", 1, 63, 12);

    public static final int G_IOTLB_GLOBAL = 1;
    public static final int G_IOTLB_DOMAIN = 2;
    public static final int G_IOTLB_PAGE = 3;
    /** PASID-based IOTLB: everything of a PASID that is not global. */
    public static final int G_PASID_ALL = 2;
    /** PASID-based IOTLB: pages. */
    public static final int G_PASID_PAGE = 3;

    // ---- PASID cache
    public static final int G_PASID_CACHE_DOMAIN = 0;
    public static final int G_PASID_CACHE_PASID = 1;
    public static final int G_PASID_CACHE_GLOBAL = 3;

    // ---- device TLB
    /** Most invalidations that the function takes at a time. */
    public static final BitField MIP = BitField.of("MIP", 0, 20, 16);
    /** Size: one page, or the size is in the address. */
    public static final BitField S = BitField.bit("S", 1, 0);
    /** Lower bits of the source id of the physical function. */
    public static final BitField PFSID_LOW = BitField.of("PFSID", 0, 15, 12);
    /** Upper bits of the source id of the physical function. */
    public static final BitField PFSID_HIGH = BitField.of("PFSID", 0, 63, 52);
    /** PASID-based device TLB: most invalidations that the function takes at a time. */
    public static final BitField PASID_MIP = BitField.of("MIP", 0, 8, 4);
    /** PASID-based device TLB: source id. */
    public static final BitField PASID_SID = BitField.of("SID", 0, 31, 16);
    /** PASID-based device TLB: all PASIDs. */
    public static final BitField PASID_GLOBAL = BitField.bit("G", 1, 0);
    /** PASID-based device TLB: one page, or the size is in the address. */
    public static final BitField PASID_S = BitField.bit("S", 1, 11);

    // ---- interrupt entry cache
    /** Only 2^IM entries from IIDX on. */
    public static final BitField IEC_SELECTIVE = BitField.bit("G", 0, 4);

    public static final BitField IM = BitField.of("IM", 0, 31, 27);
    public static final BitField IIDX = BitField.of("IIDX", 0, 47, 32);

    // ---- wait
    /** Completion is told by an interrupt. */
    public static final BitField IF = BitField.bit("IF", 0, 4);
    /** Completion is told by a write. */
    public static final BitField SW = BitField.bit("SW", 0, 5);
    /** Fence: later descriptors are fetched after completion. */
    public static final BitField FN = BitField.bit("FN", 0, 6);
    /** Page requests are drained too. */
    public static final BitField PD = BitField.bit("PD", 0, 7);

    public static final BitField STATUS_DATA = BitField.of("STDATA", 0, 63, 32);
    public static final BitField STATUS_ADDRESS = BitField.of("STADDR", 1, 63, 2);

    // ---- page group response
    /** The PASID is given. */
    public static final BitField RESPONSE_PP = BitField.bit("PP", 0, 4);

    public static final BitField RESPONSE_CODE = BitField.of("RC", 0, 15, 12);
    public static final BitField RESPONSE_RID = BitField.of("RID", 0, 31, 16);
    public static final BitField RESPONSE_LPIG = BitField.bit("LPIG", 1, 2);
    public static final BitField RESPONSE_PRG_INDEX = BitField.of("PRGI", 1, 11, 3);
    /** RC: the pages are there. */
    public static final int RESPONSE_SUCCESS = 0;
    /** RC: a page may not be accessed so. */
    public static final int RESPONSE_INVALID = 1;
    /** RC: failure; every other value means it too. */
    public static final int RESPONSE_FAILURE = 0xf;

    private Inv() {}

    /** Type of a descriptor, 7 bits. */
    public static int type(long w0) {
        return TYPE_HIGH.getInt(w0) << 4 | TYPE_LOW.getInt(w0);
    }

    /** The low bits of a source id that a function mask takes out of the comparison. */
    public static int functionBits(int functionMask) {
        return Irte.ignoredFunctionBits(functionMask);
    }

    /** Context cache, first word; what the granularity does not need must be 0. */
    public static long context0(int granularity, int did, int sid, int functionMask) {
        return CONTEXT | G.with(0, granularity) | DID.with(0, did) | SID.with(0, sid) | FM.with(0, functionMask);
    }

    /** IOTLB, first word. */
    public static long iotlb0(int granularity, int did, boolean drainReads, boolean drainWrites) {
        return IOTLB
                | G.with(0, granularity)
                | DID.with(0, did)
                | (drainReads ? DR.mask() : 0)
                | (drainWrites ? DW.mask() : 0);
    }

    /** IOTLB and PASID-based IOTLB by page, second word. */
    public static long pages1(long address, int addressMask, boolean leafOnly) {
        return ADDRESS.inPlace(address) | AM.with(0, addressMask) | (leafOnly ? IH.mask() : 0);
    }

    /** PASID-based IOTLB, first word. */
    public static long pasidIotlb0(int granularity, int did, int pasid) {
        return PASID_IOTLB | G.with(0, granularity) | DID.with(0, did) | PASID.with(0, pasid);
    }

    /** PASID cache, first word. */
    public static long pasidCache0(int granularity, int did, int pasid) {
        return PASID_CACHE | G.with(0, granularity) | DID.with(0, did) | PASID.with(0, pasid);
    }

    /** Device TLB, first word. */
    public static long deviceTlb0(int sid, int physicalFunctionSid, int mostPending) {
        return DEVICE_TLB | SID.with(0, sid) | pfsid(physicalFunctionSid) | MIP.with(0, mostPending);
    }

    /** Device TLB, second word: 2^order pages around an address; 52 and more: everything. */
    public static long deviceTlb1(long address, int order) {
        return order == 0 ? ADDRESS.inPlace(address) : sized(address, order) | S.mask();
    }

    /** PASID-based device TLB, first word. */
    public static long pasidDeviceTlb0(int sid, int pasid, int physicalFunctionSid, int mostPending) {
        return PASID_DEVICE_TLB
                | PASID_SID.with(0, sid)
                | PASID.with(0, pasid)
                | pfsid(physicalFunctionSid)
                | PASID_MIP.with(0, mostPending);
    }

    /** PASID-based device TLB, second word: 2^order pages around an address. */
    public static long pasidDeviceTlb1(long address, int order) {
        return order == 0 ? ADDRESS.inPlace(address) : sized(address, order) | PASID_S.mask();
    }

    private static long pfsid(int sid) {
        return PFSID_LOW.with(0, sid & 0xf) | PFSID_HIGH.with(0, sid >>> 4);
    }

    /** Source id of the physical function. */
    public static int physicalFunctionSid(long w0) {
        return PFSID_HIGH.getInt(w0) << 4 | PFSID_LOW.getInt(w0);
    }

    /** The size is said by the lowest zero bit of the address from bit 12 on: 2^order pages have order-1 ones below it. */
    private static long sized(long address, int order) {
        int zero = Math.min(order, 52) + 11;
        return ADDRESS.inPlace(address) & -1L << zero + 1 | (1L << zero) - 1 & ADDRESS.mask();
    }

    /** log2 of the number of pages of a device TLB invalidation, given its second word; 52: everything. */
    public static int deviceTlbOrder(long w1, boolean sized) {
        return sized ? Long.numberOfTrailingZeros(~w1 >>> 12) + 1 : 0;
    }

    /** Interrupt entry cache: everything. */
    public static long iecGlobal0() {
        return IEC;
    }

    /** Interrupt entry cache: 2^mask entries from an index on. */
    public static long iecIndex0(int index, int mask) {
        return IEC | IEC_SELECTIVE.mask() | IIDX.with(0, index) | IM.with(0, mask);
    }

    /** Wait that writes 32 bits, first word. */
    public static long waitWrite0(int data, boolean fence, boolean drainPageRequests) {
        return WAIT
                | SW.mask()
                | STATUS_DATA.with(0, data)
                | (fence ? FN.mask() : 0)
                | (drainPageRequests ? PD.mask() : 0);
    }

    /** Wait that writes 32 bits, second word. */
    public static long waitWrite1(long address) {
        return STATUS_ADDRESS.inPlace(address);
    }

    /** Wait that interrupts. */
    public static long waitInterrupt0() {
        return WAIT | IF.mask();
    }

    /** Wait that only holds back later descriptors. */
    public static long waitFence0() {
        return WAIT | FN.mask();
    }

    /** Page group response, first word; {@code pasid} below 0: without PASID. */
    public static long pageGroupResponse0(int rid, int pasid, int code) {
        return PAGE_GROUP_RESPONSE
                | RESPONSE_RID.with(0, rid)
                | RESPONSE_CODE.with(0, code)
                | (pasid < 0 ? 0 : RESPONSE_PP.mask() | PASID.with(0, pasid));
    }

    /** Page group response, second word. */
    public static long pageGroupResponse1(int group, boolean last) {
        return RESPONSE_PRG_INDEX.with(0, group) | (last ? RESPONSE_LPIG.mask() : 0);
    }
}

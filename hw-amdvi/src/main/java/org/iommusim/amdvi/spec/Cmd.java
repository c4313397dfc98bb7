package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Commands: 16 bytes, 2 words. For each there are builders of one word, {@code name0} and {@code name1}, so that issuing one
 * allocates nothing; the second word of the others is 0. {@link CmdChecks} says which are legal, {@link CmdText} shows them.
 */
public final class Cmd {
    /** Words in a command. */
    public static final int WORDS = 2;
    /** Bytes in a command. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    /** COMPLETION_WAIT. */
    public static final int COMPLETION_WAIT = 1;
    /** INVALIDATE_DEVTAB_ENTRY. */
    public static final int INVALIDATE_DEVTAB_ENTRY = 2;
    /** INVALIDATE_IOMMU_PAGES. */
    public static final int INVALIDATE_IOMMU_PAGES = 3;
    /** INVALIDATE_IOTLB_PAGES: of a function's own TLB. */
    public static final int INVALIDATE_IOTLB_PAGES = 4;
    /** INVALIDATE_INTERRUPT_TABLE. */
    public static final int INVALIDATE_INTERRUPT_TABLE = 5;
    /** PREFETCH_IOMMU_PAGES. */
    public static final int PREFETCH_IOMMU_PAGES = 6;
    /** COMPLETE_PPR_REQUEST. */
    public static final int COMPLETE_PPR_REQUEST = 7;
    /** INVALIDATE_IOMMU_ALL. */
    public static final int INVALIDATE_IOMMU_ALL = 8;

    // ---- word 0, several commands
    public static final BitField OPCODE = BitField.of("opcode", 0, 63, 60);
    public static final BitField DEVICE_ID = BitField.of("DeviceID", 0, 15, 0);

    // ---- COMPLETION_WAIT
    /** Completion is told by a store of word 1. */
    public static final BitField S_STORE = BitField.bit("s", 0, 0);
    /** Completion is told by an interrupt. */
    public static final BitField I_INTERRUPT = BitField.bit("i", 0, 1);
    /** Commands behind it wait until it is complete. */
    public static final BitField F_FLUSH = BitField.bit("f", 0, 2);
    /** Where to store; not shifted. */
    public static final BitField STORE_ADDRESS = BitField.of("Store Address", 0, 51, 3);

    // ---- pages: INVALIDATE_IOMMU_PAGES, INVALIDATE_IOTLB_PAGES
    /** INVALIDATE_IOMMU_PAGES. */
    public static final BitField PASID = BitField.of("PASID", 0, 19, 0);
    /** INVALIDATE_IOMMU_PAGES. */
    public static final BitField DOMAIN_ID = BitField.of("DomainID", 0, 47, 32);
    /** INVALIDATE_IOTLB_PAGES: bits 15:8 of the PASID. */
    public static final BitField IOTLB_PASID_15_8 = BitField.of("PASID", 0, 23, 16);
    /** INVALIDATE_IOTLB_PAGES: most invalidations that the function takes at a time. */
    public static final BitField MAX_PEND = BitField.of("MaxPend", 0, 31, 24);
    /** INVALIDATE_IOTLB_PAGES: which functions share the limit of {@link #MAX_PEND}. */
    public static final BitField QUEUE_ID = BitField.of("QueueID", 0, 47, 32);
    /** INVALIDATE_IOTLB_PAGES: bits 7:0 of the PASID. */
    public static final BitField IOTLB_PASID_7_0 = BitField.of("PASID", 0, 55, 48);
    /** INVALIDATE_IOTLB_PAGES: bits 19:16 of the PASID. */
    public static final BitField IOTLB_PASID_19_16 = BitField.of("PASID", 0, 59, 56);
    /** The address says how many pages; otherwise it is one. */
    public static final BitField S = BitField.bit("S", 1, 0);
    /** INVALIDATE_IOMMU_PAGES: page directories too. */
    public static final BitField PDE = BitField.bit("PDE", 1, 1);
    /** Guest: the PASID counts. */
    public static final BitField GN = BitField.bit("GN", 1, 2);
    /** INVALIDATE_IOTLB_PAGES: type, where the unit has it. */
    public static final BitField IOTLB_TYPE = BitField.of("Type", 1, 5, 4);
    /** Not shifted. */
    public static final BitField ADDRESS = BitField.of("Address", 1, 63, 12);

    // ---- PREFETCH_IOMMU_PAGES
    /** How many translations. */
    public static final BitField PREFETCH_COUNT = BitField.of("PFCount", 0, 31, 24);
    /** Whose guest tables, with {@link #GN}. */
    public static final BitField PREFETCH_PASID = BitField.of("PASID", 0, 51, 32);
    /** What is cached of them goes first. */
    public static final BitField PREFETCH_INVAL = BitField.bit("Inval", 1, 4);

    // ---- COMPLETE_PPR_REQUEST
    public static final BitField PPR_PASID = BitField.of("PASID", 0, 51, 32);
    public static final BitField PPR_TAG = BitField.of("CompletionTag", 1, 40, 32);
    /** Answer: {@link #PPR_SUCCESS} ... */
    public static final BitField PPR_STATUS = BitField.of("Status", 1, 47, 44);

    /** Answer: the pages are there. */
    public static final int PPR_SUCCESS = 0;
    /** Answer: invalid request. */
    public static final int PPR_INVALID = 1;
    /** Answer: failure, as Linux sends it; the PCI Express code is 0xf, and what is between counts as failure. */
    public static final int PPR_FAILURE = 2;

    /** {@link #ADDRESS} which, with {@link #S}, means everything. */
    public static final long ALL_PAGES = 0x7fff_ffff_ffff_f000L;

    private Cmd() {}

    /** The opcode of a command. */
    public static int opcode(long w0) {
        return OPCODE.getInt(w0);
    }

    private static long op(int opcode) {
        return OPCODE.with(0, opcode);
    }

    /** COMPLETION_WAIT without a store; {@link #I_INTERRUPT} and {@link #F_FLUSH} can be added. */
    public static long completionWait0() {
        return op(COMPLETION_WAIT);
    }

    /** COMPLETION_WAIT that stores its second word at an address, a multiple of 8. */
    public static long completionWaitStore0(long address) {
        return op(COMPLETION_WAIT) | S_STORE.mask() | STORE_ADDRESS.inPlace(address);
    }

    /** INVALIDATE_DEVTAB_ENTRY. */
    public static long invalidateDevtabEntry0(int deviceId) {
        return op(INVALIDATE_DEVTAB_ENTRY) | DEVICE_ID.with(0, deviceId);
    }

    /** INVALIDATE_IOMMU_PAGES; the PASID is 0 where the guest bit is not set. */
    public static long invalidateIommuPages0(int domainId, int pasid) {
        return op(INVALIDATE_IOMMU_PAGES) | DOMAIN_ID.with(0, domainId) | PASID.with(0, pasid);
    }

    /**
     * Second word of both commands that invalidate pages, but for {@link #PDE} and {@link #GN}.
     *
     * @param shift log2 of the bytes: 12 to 63
     */
    public static long pages1(long address, int shift) {
        if (shift == 12) {
            return ADDRESS.inPlace(address);
        }
        long ones = (1L << shift - 1) - 1;
        return ADDRESS.inPlace(address & -1L << shift | ones) | S.mask();
    }

    /** Second word of both commands that invalidate pages: everything. */
    public static long allPages1() {
        return ALL_PAGES | S.mask();
    }

    /** log2 of the bytes that a command invalidates, from its second word: 12 to 63, or 64 for everything. */
    public static int rangeShift(long w1) {
        if (!S.isSet(w1)) {
            return 12;
        }
        int zero = Long.numberOfTrailingZeros(~(w1 | 0xfff));
        return zero >= 63 ? 64 : zero + 1;
    }

    /** First byte that a command invalidates, from its second word. */
    public static long rangeStart(long w1) {
        int shift = rangeShift(w1);
        return shift == 64 ? 0 : w1 & -1L << shift;
    }

    /** PREFETCH_IOMMU_PAGES; the PASID is 0 where the guest bit is not set. The second word is as that of invalidations. */
    public static long prefetchIommuPages0(int deviceId, int pasid, int count) {
        return op(PREFETCH_IOMMU_PAGES)
                | DEVICE_ID.with(0, deviceId)
                | PREFETCH_PASID.with(0, pasid)
                | PREFETCH_COUNT.with(0, count);
    }

    /** INVALIDATE_IOTLB_PAGES; the PASID is 0 where the guest bit is not set. */
    public static long invalidateIotlbPages0(int deviceId, int queueId, int maxPend, int pasid) {
        return op(INVALIDATE_IOTLB_PAGES)
                | DEVICE_ID.with(0, deviceId)
                | QUEUE_ID.with(0, queueId)
                | MAX_PEND.with(0, maxPend)
                | IOTLB_PASID_7_0.with(0, pasid)
                | IOTLB_PASID_15_8.with(0, pasid >>> 8)
                | IOTLB_PASID_19_16.with(0, pasid >>> 16);
    }

    /** The PASID of INVALIDATE_IOTLB_PAGES. */
    public static int iotlbPasid(long w0) {
        return IOTLB_PASID_7_0.getInt(w0) | IOTLB_PASID_15_8.getInt(w0) << 8 | IOTLB_PASID_19_16.getInt(w0) << 16;
    }

    /** INVALIDATE_INTERRUPT_TABLE. */
    public static long invalidateInterruptTable0(int deviceId) {
        return op(INVALIDATE_INTERRUPT_TABLE) | DEVICE_ID.with(0, deviceId);
    }

    /** COMPLETE_PPR_REQUEST; the PASID is 0 where the guest bit is not set. */
    public static long completePprRequest0(int deviceId, int pasid) {
        return op(COMPLETE_PPR_REQUEST) | DEVICE_ID.with(0, deviceId) | PPR_PASID.with(0, pasid);
    }

    /** COMPLETE_PPR_REQUEST, but for {@link #GN}. */
    public static long completePprRequest1(int tag, int status) {
        return PPR_TAG.with(0, tag) | PPR_STATUS.with(0, status);
    }

    /** INVALIDATE_IOMMU_ALL. */
    public static long invalidateIommuAll0() {
        return op(INVALIDATE_IOMMU_ALL);
    }
}

package org.iommusim.vtd.spec;

/**
 * Register offsets (bytes) and bits. Registers have 32 bits unless their text says 64. Where the invalidation and fault
 * recording registers lie, {@link Cap#iotlbOffset} and {@link Cap#faultRecordOffset} say.
 */
public final class Reg {
    /** Size of the register block as far as it is known here; {@link Cap} may put registers behind it. */
    public static final long BYTES = 0x1000;

    /** Version: major in bits 7:4, minor in 3:0. */
    public static final int VER = 0x0;
    /** 64 bits: {@link Cap#cap}. */
    public static final int CAP = 0x8;
    /** 64 bits: {@link Cap#ecap}. */
    public static final int ECAP = 0x10;

    /** Commands; reads as 0. The bits are those of {@link #GSTS}. */
    public static final int GCMD = 0x18;
    /** What is in effect. */
    public static final int GSTS = 0x1c;

    /** Translation. */
    public static final int TE = 1 << 31;
    /** One-shot: take over {@link #RTADDR}. */
    public static final int SRTP = 1 << 30;
    /** One-shot: take over {@link #AFLOG}. */
    public static final int SFL = 1 << 29;
    /** Advanced fault logging. */
    public static final int EAFL = 1 << 28;
    /** One-shot: flush the write buffer; the status bit is 1 as long as it takes. */
    public static final int WBF = 1 << 27;
    /** Queued invalidation. */
    public static final int QIE = 1 << 26;
    /** Interrupt remapping. */
    public static final int IRE = 1 << 25;
    /** One-shot: take over {@link #IRTA}. */
    public static final int SIRTP = 1 << 24;
    /** Compatibility format interrupts pass. */
    public static final int CFI = 1 << 23;
    /** Bits of GCMD that act by their difference to GSTS. */
    public static final int GCMD_LEVELS = TE | EAFL | QIE | IRE | CFI;

    /** 64 bits: root table and its mode. */
    public static final int RTADDR = 0x20;

    public static final long RTADDR_RTA = 0xffff_ffff_ffff_f000L;
    public static final int RTADDR_TTM_SHIFT = 10;
    /** TTM: legacy root and context entries. */
    public static final int TTM_LEGACY = 0;
    /** TTM: scalable mode. */
    public static final int TTM_SCALABLE = 1;
    /** TTM: reserved. */
    public static final int TTM_RESERVED = 2;
    /** TTM: every DMA is aborted (with {@code ECAP.ADMS}). */
    public static final int TTM_ABORT = 3;

    /** 64 bits: context cache invalidation by register. */
    public static final int CCMD = 0x28;

    public static final long CCMD_ICC = 1L << 63;
    public static final int CCMD_CIRG_SHIFT = 61;
    public static final int CCMD_CAIG_SHIFT = 59;
    public static final int CCMD_FM_SHIFT = 32;
    public static final int CCMD_SID_SHIFT = 16;

    /** Offset from {@link Cap#iotlbOffset} of the 64-bit address register of invalidation by register. */
    public static final int IVA = 0;

    public static final long IVA_ADDR = 0xffff_ffff_ffff_f000L;
    public static final int IVA_IH = 1 << 6;
    public static final int IVA_AM = 0x3f;
    /** Offset from {@link Cap#iotlbOffset} of the 64-bit command register of invalidation by register. */
    public static final int IOTLB = 8;

    public static final long IOTLB_IVT = 1L << 63;
    public static final int IOTLB_IIRG_SHIFT = 60;
    public static final int IOTLB_IAIG_SHIFT = 57;
    public static final long IOTLB_DR = 1L << 49;
    public static final long IOTLB_DW = 1L << 48;
    public static final int IOTLB_DID_SHIFT = 32;
    /** Granularity of CCMD and IOTLB, as asked for and as done: everything. */
    public static final int GRANULARITY_GLOBAL = 1;
    /** Granularity of CCMD and IOTLB: a domain. */
    public static final int GRANULARITY_DOMAIN = 2;
    /** Granularity of CCMD: a device; of IOTLB: pages. */
    public static final int GRANULARITY_SELECTIVE = 3;

    /** Faults and errors. */
    public static final int FSTS = 0x34;

    public static final int FSTS_PFO = 1;
    public static final int FSTS_PPF = 1 << 1;
    public static final int FSTS_AFO = 1 << 2;
    public static final int FSTS_APF = 1 << 3;
    public static final int FSTS_IQE = 1 << 4;
    public static final int FSTS_ICE = 1 << 5;
    public static final int FSTS_ITE = 1 << 6;
    public static final int FSTS_PRO = 1 << 7;
    public static final int FSTS_FRI_SHIFT = 8;
    public static final int FSTS_FRI = 0xff << FSTS_FRI_SHIFT;

    /** Control of the fault event; {@link #EVENT_DATA} and the like are the offsets of its other registers. */
    public static final int FECTL = 0x38;
    /** Control of the invalidation completion event. */
    public static final int IECTL = 0xa0;
    /** Control of the page request event. */
    public static final int PECTL = 0xe0;
    /** Offset of an event's message data from its control register. */
    public static final int EVENT_DATA = 4;
    /** Offset of an event's message address. */
    public static final int EVENT_ADDR = 8;
    /** Offset of the upper half of an event's message address. */
    public static final int EVENT_UADDR = 0xc;
    /** Event control: masked. */
    public static final int EVENT_IM = 1 << 31;
    /** Event control: pending. */
    public static final int EVENT_IP = 1 << 30;

    /** 64 bits: advanced fault log. */
    public static final int AFLOG = 0x58;

    /** Protected memory. */
    public static final int PMEN = 0x64;

    public static final int PMEN_EPM = 1 << 31;
    public static final int PMEN_PRS = 1;
    public static final int PLMBASE = 0x68;
    public static final int PLMLIMIT = 0x6c;
    /** 64 bits. */
    public static final int PHMBASE = 0x70;
    /** 64 bits. */
    public static final int PHMLIMIT = 0x78;

    /** 64 bits: byte offset of the next descriptor that hardware fetches. */
    public static final int IQH = 0x80;
    /** 64 bits: byte offset behind the last descriptor. */
    public static final int IQT = 0x88;
    /** Bits of IQH and IQT. */
    public static final int IQ_INDEX = 0x7_fff0;
    /** 64 bits: the invalidation queue. */
    public static final int IQA = 0x90;

    public static final long IQA_BASE = 0xffff_ffff_ffff_f000L;
    public static final int IQA_QS = 7;
    /** Descriptors have 256 bits. */
    public static final int IQA_DW = 1 << 11;

    /** Completion of wait descriptors. */
    public static final int ICS = 0x9c;

    public static final int ICS_IWC = 1;

    /** 64 bits: why the invalidation queue stopped. */
    public static final int IQERCD = 0xb0;

    public static final int IQERCD_ITESID_SHIFT = 32;
    public static final int IQERCD_ICESID_SHIFT = 48;
    /** IQEI: no information. */
    public static final int IQEI_NONE = 0;
    /** IQEI: the tail is beyond the queue. */
    public static final int IQEI_TAIL = 1;
    /** IQEI: a descriptor could not be fetched. */
    public static final int IQEI_FETCH = 2;
    /** IQEI: no such type of descriptor. */
    public static final int IQEI_TYPE = 3;
    /** IQEI: a reserved field is not zero, or has a reserved value. */
    public static final int IQEI_RESERVED = 4;
    /** IQEI: the type of descriptor does not exist in this width. */
    public static final int IQEI_WIDTH = 5;
    /** IQEI: the tail is not a multiple of the descriptor's size. */
    public static final int IQEI_TAIL_ALIGNMENT = 6;
    /** IQEI: the descriptor does not go with the translation table mode. */
    public static final int IQEI_TTM = 7;

    /** 64 bits: the interrupt remapping table. */
    public static final int IRTA = 0xb8;

    public static final long IRTA_BASE = 0xffff_ffff_ffff_f000L;
    public static final int IRTA_EIME = 1 << 11;
    /** 2^(S+1) entries. */
    public static final int IRTA_S = 0xf;

    /** 64 bits: byte offset of the next page request that software looks at. */
    public static final int PQH = 0xc0;
    /** 64 bits: byte offset behind the last page request. */
    public static final int PQT = 0xc8;
    /** Bits of PQH and PQT. */
    public static final int PQ_INDEX = 0x7_ffe0;
    /** 64 bits: the page request queue, 2^PQS pages of 4 KiB. */
    public static final int PQA = 0xd0;

    public static final long PQA_BASE = 0xffff_ffff_ffff_f000L;
    public static final int PQA_PQS = 7;

    /** State of the page request queue. */
    public static final int PRS = 0xdc;

    public static final int PRS_PPR = 1;
    public static final int PRS_PRO = 1 << 1;

    private Reg() {}

    /** Size of the invalidation queue in bytes: 2^QS pages, so half as many descriptors if they have 256 bits. */
    public static long iqBytes(long iqa) {
        return 0x1000L << (iqa & IQA_QS);
    }

    /** log2 of the size of an invalidation descriptor in bytes. */
    public static int iqShift(long iqa) {
        return (iqa & IQA_DW) != 0 ? 5 : 4;
    }

    /** Size of the page request queue in bytes. */
    public static long pqBytes(long pqa) {
        return 0x1000L << (pqa & PQA_PQS);
    }

    /** Number of entries of the interrupt remapping table. */
    public static int irtEntries(long irta) {
        return 2 << (irta & IRTA_S);
    }

    /** Translation table mode in RTADDR. */
    public static int ttm(long rtaddr) {
        return (int) (rtaddr >>> RTADDR_TTM_SHIFT) & 3;
    }
}

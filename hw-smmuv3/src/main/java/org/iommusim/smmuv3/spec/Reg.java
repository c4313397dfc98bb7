package org.iommusim.smmuv3.spec;

/** Register offsets (bytes from the base of page 0) and bits. Registers have 32 bits unless their text says 64. */
public final class Reg {
    /** Size of the register block: two pages of 64 KiB. */
    public static final long BYTES = 0x20000;
    /** Offset of page 1, which holds the indices of the event and PRI queues. */
    public static final int PAGE1 = 0x10000;

    public static final int IDR0 = 0x0;
    public static final int IDR1 = 0x4;
    public static final int IDR2 = 0x8;
    public static final int IDR3 = 0xc;
    public static final int IDR4 = 0x10;
    public static final int IDR5 = 0x14;
    public static final int IIDR = 0x18;
    public static final int AIDR = 0x1c;

    /** Enables; {@link #CR0ACK} mirrors what is in effect. */
    public static final int CR0 = 0x20;

    public static final int CR0ACK = 0x24;
    public static final int CR0_SMMUEN = 1;
    public static final int CR0_PRIQEN = 1 << 1;
    public static final int CR0_EVENTQEN = 1 << 2;
    public static final int CR0_CMDQEN = 1 << 3;
    public static final int CR0_ATSCHK = 1 << 4;
    public static final int CR0_VMW_SHIFT = 6;
    public static final int CR0_VMW = 7 << CR0_VMW_SHIFT;
    /** Bits of CR0 that this register layout knows. */
    public static final int CR0_KNOWN = 0x1df;

    /** Memory attributes of accesses to tables and queues. */
    public static final int CR1 = 0x28;

    public static final int CR1_QUEUE_IC_SHIFT = 0;
    public static final int CR1_QUEUE_OC_SHIFT = 2;
    public static final int CR1_QUEUE_SH_SHIFT = 4;
    public static final int CR1_TABLE_IC_SHIFT = 6;
    public static final int CR1_TABLE_OC_SHIFT = 8;
    public static final int CR1_TABLE_SH_SHIFT = 10;
    public static final int CR1_CACHE_WB = 1;
    public static final int SH_INNER = 3;

    public static final int CR2 = 0x2c;
    public static final int CR2_E2H = 1;
    public static final int CR2_RECINVSID = 1 << 1;
    public static final int CR2_PTM = 1 << 2;
    public static final int CR2_REC_CFG_ATS = 1 << 3;

    public static final int STATUSR = 0x40;

    /** What happens while SMMUEN is 0. A write counts only with UPDATE set; UPDATE reads as 0 when it is in effect. */
    public static final int GBPA = 0x44;

    public static final int GBPA_ABORT = 1 << 20;
    public static final int GBPA_UPDATE = 1 << 31;
    public static final int GBPA_SHCFG_INCOMING = 0x1000;

    public static final int AGBPA = 0x48;

    /** Interrupt enables; {@link #IRQ_CTRLACK} mirrors what is in effect. */
    public static final int IRQ_CTRL = 0x50;

    public static final int IRQ_CTRLACK = 0x54;
    public static final int IRQ_CTRL_GERROR = 1;
    public static final int IRQ_CTRL_PRIQ = 1 << 1;
    public static final int IRQ_CTRL_EVENTQ = 1 << 2;

    /** Errors; one is active while its bit differs from {@link #GERRORN}. */
    public static final int GERROR = 0x60;

    public static final int GERRORN = 0x64;
    public static final int GERROR_CMDQ_ERR = 1;
    public static final int GERROR_EVENTQ_ABT_ERR = 1 << 2;
    public static final int GERROR_PRIQ_ABT_ERR = 1 << 3;
    public static final int GERROR_MSI_CMDQ_ABT_ERR = 1 << 4;
    public static final int GERROR_MSI_EVENTQ_ABT_ERR = 1 << 5;
    public static final int GERROR_MSI_PRIQ_ABT_ERR = 1 << 6;
    public static final int GERROR_MSI_GERROR_ABT_ERR = 1 << 7;
    public static final int GERROR_SFM_ERR = 1 << 8;

    /** 64 bits: where the GERROR MSI goes; 0: no MSI. */
    public static final int GERROR_IRQ_CFG0 = 0x68;

    public static final int GERROR_IRQ_CFG1 = 0x70;
    public static final int GERROR_IRQ_CFG2 = 0x74;

    /** 64 bits. */
    public static final int STRTAB_BASE = 0x80;

    public static final long STRTAB_BASE_RA = 1L << 62;
    public static final long STRTAB_BASE_ADDR = 0x000f_ffff_ffff_ffc0L;
    public static final int STRTAB_BASE_CFG = 0x88;
    public static final int STRTAB_BASE_CFG_LOG2SIZE = 0x3f;
    public static final int STRTAB_BASE_CFG_SPLIT_SHIFT = 6;
    public static final int STRTAB_BASE_CFG_SPLIT = 0x1f << STRTAB_BASE_CFG_SPLIT_SHIFT;
    public static final int STRTAB_BASE_CFG_FMT_SHIFT = 16;
    public static final int STRTAB_BASE_CFG_FMT = 3 << STRTAB_BASE_CFG_FMT_SHIFT;
    public static final int STRTAB_FMT_LINEAR = 0;
    public static final int STRTAB_FMT_2LVL = 1;

    /** 64 bits. */
    public static final int CMDQ_BASE = 0x90;

    public static final int CMDQ_PROD = 0x98;
    public static final int CMDQ_CONS = 0x9c;
    /** 64 bits. */
    public static final int EVENTQ_BASE = 0xa0;

    public static final int EVENTQ_PROD = PAGE1 + 0xa8;
    public static final int EVENTQ_CONS = PAGE1 + 0xac;
    /** 64 bits. */
    public static final int EVENTQ_IRQ_CFG0 = 0xb0;

    public static final int EVENTQ_IRQ_CFG1 = 0xb8;
    public static final int EVENTQ_IRQ_CFG2 = 0xbc;
    /** 64 bits. */
    public static final int PRIQ_BASE = 0xc0;

    public static final int PRIQ_PROD = PAGE1 + 0xc8;
    public static final int PRIQ_CONS = PAGE1 + 0xcc;
    /** 64 bits. */
    public static final int PRIQ_IRQ_CFG0 = 0xd0;

    public static final int PRIQ_IRQ_CFG1 = 0xd8;
    public static final int PRIQ_IRQ_CFG2 = 0xdc;
    /** PRIQ_IRQ_CFG2: the interrupt is sent for the last request of a group, and not when the queue becomes non-empty. */
    public static final int PRIQ_IRQ_CFG2_LO = 1 << 31;

    /** First of the constant identification bytes, one in each 32-bit register up to 0xffc. */
    public static final int ID_BYTES = 0xfd0;

    /** Queue bases: log2 of the number of entries. */
    public static final long Q_BASE_LOG2SIZE = 0x1f;
    /** Queue bases: the address. */
    public static final long Q_BASE_ADDR = 0x000f_ffff_ffff_ffe0L;
    /** Queue bases: allocation hint (read- or write-allocate). */
    public static final long Q_BASE_RWA = 1L << 62;
    /** Queue indices: index and wrap bit. */
    public static final int Q_INDEX = 0xf_ffff;
    /** EVENTQ_PROD and PRIQ_PROD: overflow flag; their CONS: its acknowledgement. */
    public static final int Q_OVERFLOW = 1 << 31;
    /** CMDQ_CONS: why the queue stopped. */
    public static final int CMDQ_CONS_ERR_SHIFT = 24;

    public static final int CMDQ_CONS_ERR = 0x7f << CMDQ_CONS_ERR_SHIFT;
    public static final int CERROR_NONE = 0;
    public static final int CERROR_ILL = 1;
    public static final int CERROR_ABT = 2;
    public static final int CERROR_ATC_INV_SYNC = 3;

    private Reg() {}

    /** The value of STRTAB_BASE_CFG. */
    public static int strtabBaseCfg(int format, int split, int log2Size) {
        return format << STRTAB_BASE_CFG_FMT_SHIFT | split << STRTAB_BASE_CFG_SPLIT_SHIFT | log2Size;
    }
}

package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Fields of the control register. */
public final class Control {
    /** The unit translates; otherwise everything passes. */
    public static final BitField IOMMU_EN = BitField.bit("IOMMU_EN", 0, 0);
    /** HyperTransport tunnel. */
    public static final BitField HT_TUN_EN = BitField.bit("HT_TUN_EN", 0, 1);
    /** Event log. */
    public static final BitField EVENT_LOG_EN = BitField.bit("EVENT_LOG_EN", 0, 2);
    /** Interrupts of the event log. */
    public static final BitField EVENT_INT_EN = BitField.bit("EVENT_INT_EN", 0, 3);
    /** Interrupts of COMPLETION_WAIT. */
    public static final BitField COM_WAIT_INT_EN = BitField.bit("COM_WAIT_INT_EN", 0, 4);
    /** How long an invalidation of a device TLB may take: {@link #invTimeoutMillis}. */
    public static final BitField INV_TIMEOUT = BitField.of("INV_TIMEOUT", 0, 7, 5);
    /** Ordering of translated writes. */
    public static final BitField PASS_PW = BitField.bit("PASS_PW", 0, 8);
    /** Ordering of responses. */
    public static final BitField RES_PASS_PW = BitField.bit("RES_PASS_PW", 0, 9);
    /** Table reads are snooped. */
    public static final BitField COHERENT = BitField.bit("COHERENT", 0, 10);
    /** Table reads are isochronous. */
    public static final BitField ISOC = BitField.bit("ISOC", 0, 11);
    /** Command buffer. */
    public static final BitField CMD_BUF_EN = BitField.bit("CMD_BUF_EN", 0, 12);
    /** PPR log. */
    public static final BitField PPR_LOG_EN = BitField.bit("PPR_LOG_EN", 0, 13);
    /** Interrupts of the PPR log. */
    public static final BitField PPR_INT_EN = BitField.bit("PPR_INT_EN", 0, 14);
    /** Page requests. */
    public static final BitField PPR_EN = BitField.bit("PPR_EN", 0, 15);
    /** Guest translation. */
    public static final BitField GT_EN = BitField.bit("GT_EN", 0, 16);
    /** Interrupt remapping entries have 128 bits. */
    public static final BitField GA_EN = BitField.bit("GA_EN", 0, 17);
    /** A field that no source says a meaning of. */
    public static final BitField CRW = BitField.of("CRW", 0, 21, 18);
    /** SMI filter. */
    public static final BitField SMIF_EN = BitField.bit("SMIF_EN", 0, 22);
    /** Self write-back is disabled. */
    public static final BitField SLF_WB_DIS = BitField.bit("SLF_WB_DIS", 0, 23);
    /** Log of the SMI filter. */
    public static final BitField SMIF_LOG_EN = BitField.bit("SMIF_LOG_EN", 0, 24);
    /** Guest virtual APIC mode: {@link #GAM_VAPIC}, or 0 for none. */
    public static final BitField GAM_EN = BitField.of("GAM_EN", 0, 27, 25);
    /** Guest virtual APIC log. */
    public static final BitField GA_LOG_EN = BitField.bit("GA_LOG_EN", 0, 28);
    /** Interrupts of the guest virtual APIC log. */
    public static final BitField GA_INT_EN = BitField.bit("GA_INT_EN", 0, 29);
    /** Second PPR log. */
    public static final BitField DUAL_PPR_LOG_EN = BitField.of("DUAL_PPR_LOG_EN", 0, 31, 30);
    /** Second event log. */
    public static final BitField DUAL_EVENT_LOG_EN = BitField.of("DUAL_EVENT_LOG_EN", 0, 33, 32);
    /** log2 of the segments of the device table. */
    public static final BitField DEV_TBL_SEG_EN = BitField.of("DEV_TBL_SEG_EN", 0, 36, 34);
    /** Privileged requests are aborted. */
    public static final BitField PRIV_ABRT_EN = BitField.of("PRIV_ABRT_EN", 0, 38, 37);
    /** Automatic answers to page requests. */
    public static final BitField PPR_AUTO_RSP_EN = BitField.bit("PPR_AUTO_RSP_EN", 0, 39);
    /** Memory access routing and control. */
    public static final BitField MARC_EN = BitField.bit("MARC_EN", 0, 40);
    /** Stop markers are kept from the PPR log. */
    public static final BitField BLK_STOP_MRK_EN = BitField.bit("BLK_STOP_MRK_EN", 0, 41);
    /** Page requests are always answered automatically. */
    public static final BitField PPR_AUTO_RSP_AON = BitField.bit("PPR_AUTO_RSP_AON", 0, 42);
    /** Interrupts of a function: {@link #INTERRUPTS_512} or {@link #INTERRUPTS_2K}. */
    public static final BitField NUM_INT_REMAP_MODE = BitField.of("NUM_INT_REMAP_MODE", 0, 44, 43);
    /** Enhanced page request handling: PPR of the device table entry counts. */
    public static final BitField EPH_EN = BitField.bit("EPH_EN", 0, 45);
    /** How flags of host tables are updated; no source says what its codes mean. */
    public static final BitField HAD_UPDATE = BitField.of("HAD_UPDATE", 0, 47, 46);
    /** No updates of dirty flags of guest tables. */
    public static final BitField GD_UPDATE_DIS = BitField.bit("GD_UPDATE_DIS", 0, 48);
    /** Interrupts have 32-bit destinations. */
    public static final BitField XT_EN = BitField.bit("XT_EN", 0, 50);
    /** The unit's own interrupts have 32-bit destinations. */
    public static final BitField INT_CAP_XT_EN = BitField.bit("INT_CAP_XT_EN", 0, 51);
    /** Commands of virtual IOMMUs. */
    public static final BitField V_CMD_EN = BitField.bit("V_CMD_EN", 0, 52);
    /** Virtual IOMMUs. */
    public static final BitField V_IOMMU_EN = BitField.bit("V_IOMMU_EN", 0, 53);
    /** No updates of accessed flags of guest tables. */
    public static final BitField GA_UPDATE_DIS = BitField.bit("GA_UPDATE_DIS", 0, 54);
    /** Interrupts of processors in place of the guest virtual APIC log. */
    public static final BitField GAPPI_EN = BitField.bit("GAPPI_EN", 0, 55);
    /** Tiered memory page migration. */
    public static final BitField TMPM_EN = BitField.bit("TMPM_EN", 0, 56);
    /** The GCR3 table's address is a guest physical one where host tables are used too. */
    public static final BitField GCR3_TRP_MODE = BitField.bit("GCR3_TRP_MODE", 0, 58);
    /** Interrupt remapping entries are not cached. */
    public static final BitField IRT_CACHE_DIS = BitField.bit("IRT_CACHE_DIS", 0, 59);
    /** Addresses of guests' buffers are guest physical ones. */
    public static final BitField GST_BUFFER_TRP_MODE = BitField.bit("GST_BUFFER_TRP_MODE", 0, 60);
    /** Virtual interrupt controllers with secure nested paging. */
    public static final BitField SNP_AVIC_EN = BitField.of("SNP_AVIC_EN", 0, 63, 61);

    /** GAMEn: interrupts of guests are posted to their virtual APIC. */
    public static final int GAM_VAPIC = 1;
    /** {@link #NUM_INT_REMAP_MODE}: 512. */
    public static final int INTERRUPTS_512 = 0;
    /** {@link #NUM_INT_REMAP_MODE}: 2048; what is above it is reserved. */
    public static final int INTERRUPTS_2K = 1;

    private Control() {}

    /**
     * How long an invalidation of a device TLB may take, in milliseconds; 0 for any time.
     *
     * @throws IllegalArgumentException for the reserved code 7
     */
    public static int invTimeoutMillis(long control) {
        return switch (INV_TIMEOUT.getInt(control)) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> 10;
            case 3 -> 100;
            case 4 -> 1000;
            case 5 -> 10_000;
            case 6 -> 100_000;
            default -> throw new IllegalArgumentException("InvTimeout 7 is reserved");
        };
    }
}

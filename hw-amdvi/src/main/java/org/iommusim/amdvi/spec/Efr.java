package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/**
 * What a unit can do: its extended feature registers. The fields' word 0 is EFR, word 1 is EFR2. That the unit takes
 * invalidations of device TLBs is not said here but by bit 24 of its PCI capability header (IotlbSup).
 *
 * @param efr EFR
 * @param efr2 EFR2
 */
public record Efr(long efr, long efr2) {
    /** PREFETCH_IOMMU_PAGES is taken. */
    public static final BitField PREF_SUP = BitField.bit("PREF_SUP", 0, 0);
    /** Page requests. */
    public static final BitField PPR_SUP = BitField.bit("PPR_SUP", 0, 1);
    /** Interrupts with 32-bit destinations (x2APIC). */
    public static final BitField XT_SUP = BitField.bit("XT_SUP", 0, 2);
    /** The no-execute bit of guest tables counts. */
    public static final BitField NX_SUP = BitField.bit("NX_SUP", 0, 3);
    /** Guest translation: v2 tables behind a GCR3 table. */
    public static final BitField GT_SUP = BitField.bit("GT_SUP", 0, 4);
    /** Interrupts of processors in place of the guest virtual APIC log. */
    public static final BitField GAPPI_SUP = BitField.bit("GAPPI_SUP", 0, 5);
    /** INVALIDATE_IOMMU_ALL is taken. */
    public static final BitField IA_SUP = BitField.bit("IA_SUP", 0, 6);
    /** Interrupt remapping entries of 128 bits. */
    public static final BitField GA_SUP = BitField.bit("GA_SUP", 0, 7);
    /** Hardware error registers. */
    public static final BitField HE_SUP = BitField.bit("HE_SUP", 0, 8);
    /** Performance counters. */
    public static final BitField PC_SUP = BitField.bit("PC_SUP", 0, 9);
    /** Levels of host tables, less 4; 3 is reserved. */
    public static final BitField HATS = BitField.of("HATS", 0, 11, 10);
    /** Levels of guest tables, less 4. */
    public static final BitField GATS = BitField.of("GATS", 0, 13, 12);
    /** Levels of a GCR3 table, less 1. */
    public static final BitField GLX_SUP = BitField.of("GLX_SUP", 0, 15, 14);
    /** SMI filter. */
    public static final BitField SMIF_SUP = BitField.of("SMIF_SUP", 0, 17, 16);
    /** SMI filter registers. */
    public static final BitField SMIF_RC = BitField.of("SMIF_RC", 0, 20, 18);
    /** Guest virtual APIC modes: 1 for that of {@link Control#GAM_VAPIC}, 0 for none. */
    public static final BitField GAM_SUP = BitField.of("GAM_SUP", 0, 23, 21);
    /** A second PPR log. */
    public static final BitField DUAL_PPR_LOG_SUP = BitField.of("DUAL_PPR_LOG_SUP", 0, 25, 24);
    /** A second event log. */
    public static final BitField DUAL_EVENT_LOG_SUP = BitField.of("DUAL_EVENT_LOG_SUP", 0, 29, 28);
    /** Secure ATS. */
    public static final BitField SATS_SUP = BitField.bit("SATS_SUP", 0, 31);
    /** Width of a PASID, bits, less 1. */
    public static final BitField PAS_MAX = BitField.of("PAS_MAX", 0, 36, 32);
    /** User and supervisor of guest tables count. */
    public static final BitField US_SUP = BitField.bit("US_SUP", 0, 37);
    /** log2 of the segments that the device table may have. */
    public static final BitField DEV_TBL_SEG_SUP = BitField.of("DEV_TBL_SEG_SUP", 0, 39, 38);
    /** Early warning of PPR log overflow. */
    public static final BitField PPR_OVRFLW_EARLY_SUP = BitField.bit("PPR_OVRFLW_EARLY_SUP", 0, 40);
    /** Automatic answers to page requests that do not fit the log. */
    public static final BitField PPR_AUTO_RSP_SUP = BitField.bit("PPR_AUTO_RSP_SUP", 0, 41);
    /** Memory access routing and control. */
    public static final BitField MARC_SUP = BitField.of("MARC_SUP", 0, 43, 42);
    /** Stop markers can be kept from the PPR log. */
    public static final BitField BLK_STOP_MRK_SUP = BitField.bit("BLK_STOP_MRK_SUP", 0, 44);
    /** Performance optimisation. */
    public static final BitField PERF_OPT_SUP = BitField.bit("PERF_OPT_SUP", 0, 45);
    /** The MSI capability can be reached by MMIO. */
    public static final BitField MSI_CAP_MMIO_SUP = BitField.bit("MSI_CAP_MMIO_SUP", 0, 46);
    /** Snoop attributes of device table entries. */
    public static final BitField SNOOP_ATTR_SUP = BitField.bit("SNOOP_ATTR_SUP", 0, 47);
    /** Guest translation for requests without a PASID. */
    public static final BitField GIO_SUP = BitField.bit("GIO_SUP", 0, 48);
    /** Hardware sets accessed flags of host tables. */
    public static final BitField HA_SUP = BitField.bit("HA_SUP", 0, 49);
    /** Enhanced page request handling: PPR of device table entries can be made to count. */
    public static final BitField EPH_SUP = BitField.bit("EPH_SUP", 0, 50);
    /** Attribute forwarding. */
    public static final BitField ATTR_FW_SUP = BitField.bit("ATTR_FW_SUP", 0, 51);
    /** Hardware sets dirty flags of host tables. */
    public static final BitField HD_SUP = BitField.bit("HD_SUP", 0, 52);
    /** Updates of dirty flags of guest tables can be disabled. */
    public static final BitField V2_HD_DIS_SUP = BitField.bit("V2_HD_DIS_SUP", 0, 53);
    /** INVALIDATE_IOTLB_PAGES has a type. */
    public static final BitField INV_IOTLB_TYPE_SUP = BitField.bit("INV_IOTLB_TYPE_SUP", 0, 54);
    /** Virtual IOMMUs in hardware. */
    public static final BitField VIOMMU_SUP = BitField.bit("VIOMMU_SUP", 0, 55);
    /** Guarded I/O of virtual machines. */
    public static final BitField VM_GUARD_IO_SUP = BitField.bit("VM_GUARD_IO_SUP", 0, 56);
    /** Size of the table of virtual machines. */
    public static final BitField VM_TABLE_SIZE = BitField.of("VM_TABLE_SIZE", 0, 60, 57);
    /** Updates of accessed flags of guest tables can be disabled. */
    public static final BitField GA_UPDATE_DIS_SUP = BitField.bit("GA_UPDATE_DIS_SUP", 0, 61);
    /** Interrupts to guests may be forced to physical destinations. */
    public static final BitField FORCE_PHY_DEST_SUP = BitField.bit("FORCE_PHY_DEST_SUP", 0, 62);
    /** Secure nested paging. */
    public static final BitField SNP_SUP = BitField.bit("SNP_SUP", 0, 63);
    /** Protected I/O of secure virtual machines. */
    public static final BitField SEV_SNP_IO_SUP = BitField.bit("SEV_SNP_IO_SUP", 1, 1);
    /** Tiered memory page migration. */
    public static final BitField TMPM_SUP = BitField.bit("TMPM_SUP", 1, 2);
    /** The GCR3 table's address may be a guest physical one. */
    public static final BitField GCR3_TRP_MODE = BitField.bit("GCR3_TRP_MODE", 1, 3);
    /** Interrupt remapping entries can forbid the interrupts of {@link #GAPPI_SUP}. */
    public static final BitField GAPPI_DIS_SUP = BitField.bit("GAPPI_DIS_SUP", 1, 4);
    /** Virtual interrupt controllers with secure nested paging. */
    public static final BitField SNP_AVIC_SUP = BitField.of("SNP_AVIC_SUP", 1, 7, 5);
    /** Interrupts of a function: 1 for 2048, else 512. */
    public static final BitField NUM_INT_REMAP_SUP = BitField.of("NUM_INT_REMAP_SUP", 1, 9, 8);
    /** Addresses that HyperTransport once reserved are like all others. */
    public static final BitField HT_RANGE_IGNORE = BitField.bit("HT_RANGE_IGNORE", 1, 11);

    /** {@link #HATS}: host tables are disabled. */
    public static final int HATS_DISABLED = 3;

    /** Bits of EFR that no source names. */
    public static final long UNNAMED = 0x4c00_0000L;
    /** Bits of EFR2 that no source names, or only with secure nested paging. */
    public static final long UNNAMED2 = 0xffff_ffff_ffff_f401L;

    private static final int NUM_INT_REMAP_2K = 1;

    /** True if a one-bit field is set, or a wider one is not zero. */
    public boolean has(BitField field) {
        return field.isSet(field.word() == 0 ? efr : efr2);
    }

    /** Most levels that host tables may have: 4 to 6; 0 if there are no host tables. */
    public int hostLevels() {
        int hats = HATS.getInt(efr);
        return hats == HATS_DISABLED ? 0 : hats + 4;
    }

    /** Most levels that guest tables may have: 4 or more. Only 4 and 5 can be asked for. */
    public int guestLevels() {
        return GATS.getInt(efr) + 4;
    }

    /** Most levels that a GCR3 table may have: 1 to 4, of which 3 can be asked for. */
    public int gcr3Levels() {
        return GLX_SUP.getInt(efr) + 1;
    }

    /** Width of a PASID, bits. */
    public int pasidBits() {
        return PAS_MAX.getInt(efr) + 1;
    }

    /** Most segments of the device table: 1, 2, 4 or 8. */
    public int deviceTableSegments() {
        return 1 << DEV_TBL_SEG_SUP.getInt(efr);
    }

    /** Most interrupts that one function may have remapped. */
    public int interruptsPerFunction() {
        return NUM_INT_REMAP_SUP.getInt(efr2) == NUM_INT_REMAP_2K ? 2048 : 512;
    }

    /** PREFETCH_IOMMU_PAGES is taken. */
    public boolean prefetch() {
        return has(PREF_SUP);
    }

    /** Page requests. */
    public boolean ppr() {
        return has(PPR_SUP);
    }

    /** Interrupts with 32-bit destinations (x2APIC). */
    public boolean xt() {
        return has(XT_SUP);
    }

    /** The no-execute bit of guest tables counts. */
    public boolean nx() {
        return has(NX_SUP);
    }

    /** Guest translation: v2 tables behind a GCR3 table. */
    public boolean gt() {
        return has(GT_SUP);
    }

    /** INVALIDATE_IOMMU_ALL is taken. */
    public boolean ia() {
        return has(IA_SUP);
    }

    /** Interrupt remapping entries of 128 bits. */
    public boolean ga() {
        return has(GA_SUP);
    }

    /** Interrupts of guests are posted to their virtual APIC. */
    public boolean gam() {
        return GAM_SUP.getInt(efr) == Control.GAM_VAPIC;
    }

    /** Interrupts of processors in place of the guest virtual APIC log. */
    public boolean gappi() {
        return has(GAPPI_SUP);
    }

    /** Interrupt remapping entries can forbid these. */
    public boolean gappiDis() {
        return has(GAPPI_DIS_SUP);
    }

    /** Performance counters. */
    public boolean pc() {
        return has(PC_SUP);
    }

    /** Secure ATS. */
    public boolean sats() {
        return has(SATS_SUP);
    }

    /** User and supervisor of guest tables count. */
    public boolean us() {
        return has(US_SUP);
    }

    /** Automatic answers to page requests that do not fit the log. */
    public boolean pprAutoRsp() {
        return has(PPR_AUTO_RSP_SUP);
    }

    /** Stop markers can be kept from the PPR log. */
    public boolean blkStopMrk() {
        return has(BLK_STOP_MRK_SUP);
    }

    /** The MSI capability can be reached by MMIO. */
    public boolean msiCapMmio() {
        return has(MSI_CAP_MMIO_SUP);
    }

    /** Guest translation for requests without a PASID. */
    public boolean gio() {
        return has(GIO_SUP);
    }

    /** Hardware sets accessed flags of host tables. */
    public boolean ha() {
        return has(HA_SUP);
    }

    /** Enhanced page request handling. */
    public boolean eph() {
        return has(EPH_SUP);
    }

    /** Hardware sets dirty flags of host tables. */
    public boolean hd() {
        return has(HD_SUP);
    }

    /** Updates of dirty flags of guest tables can be disabled. */
    public boolean guestDirtyDis() {
        return has(V2_HD_DIS_SUP);
    }

    /** Updates of accessed flags of guest tables can be disabled. */
    public boolean guestAccessedDis() {
        return has(GA_UPDATE_DIS_SUP);
    }

    /** INVALIDATE_IOTLB_PAGES has a type. */
    public boolean invIotlbType() {
        return has(INV_IOTLB_TYPE_SUP);
    }

    /** Virtual IOMMUs in hardware. */
    public boolean viommu() {
        return has(VIOMMU_SUP);
    }

    /** The GCR3 table's address may be a guest physical one. */
    public boolean gcr3Trp() {
        return has(GCR3_TRP_MODE);
    }

    /** Addresses that HyperTransport once reserved are like all others. */
    public boolean htRangeIgnore() {
        return has(HT_RANGE_IGNORE);
    }
}

package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Register offsets (bytes) and fields. Registers have 64 bits; either half can be reached alone. */
public final class Reg {
    /** Size of the register block without performance counters. */
    public static final long BYTES = 0x4000;
    /** Size of the register block with performance counters. */
    public static final long BYTES_WITH_COUNTERS = 0x8_0000;

    /** Device table. */
    public static final int DEV_TAB_BASE = 0x0;
    /** Command buffer. */
    public static final int CMD_BUF_BASE = 0x8;
    /** Event log. */
    public static final int EVT_LOG_BASE = 0x10;
    /** What is switched on: {@link Control}. */
    public static final int CONTROL = 0x18;
    /** Exclusion range. */
    public static final int EXCL_BASE = 0x20;
    /** Last page of the exclusion range. */
    public static final int EXCL_LIMIT = 0x28;
    /** {@link Efr#efr}. */
    public static final int EFR = 0x30;
    /** PPR log. */
    public static final int PPR_LOG_BASE = 0x38;
    /** Guest virtual APIC log. */
    public static final int GA_LOG_BASE = 0xe0;
    /** Where in memory the tail of the guest virtual APIC log is told. */
    public static final int GA_LOG_TAIL_ADDRESS = 0xe8;
    /** Device table of segment 1; segments 2 to 7 follow at a distance of 8. */
    public static final int DEV_TAB_SEG1_BASE = 0x100;
    /** 32 bits: message address, lower half. */
    public static final int MSI_ADDR_LO = 0x15c;
    /** 32 bits: message address, upper half. */
    public static final int MSI_ADDR_HI = 0x160;
    /** 32 bits: message data. */
    public static final int MSI_DATA = 0x164;
    /** x2APIC interrupt of the unit itself. */
    public static final int XT_GEN_INT = 0x170;
    /** x2APIC interrupt of the PPR log. */
    public static final int XT_PPR_INT = 0x178;
    /** x2APIC interrupt of the guest virtual APIC log. */
    public static final int XT_GA_INT = 0x180;
    /** {@link Efr#efr2}. */
    public static final int EFR2 = 0x1a0;
    /** Command buffer: the next command that is fetched. */
    public static final int CMD_HEAD = 0x2000;
    /** Command buffer: behind the last command. */
    public static final int CMD_TAIL = 0x2008;
    /** Event log: the next record that software reads. */
    public static final int EVT_HEAD = 0x2010;
    /** Event log: behind the last record. */
    public static final int EVT_TAIL = 0x2018;
    /** {@link Status}. */
    public static final int STATUS = 0x2020;
    /** PPR log: the next record that software reads. */
    public static final int PPR_HEAD = 0x2030;
    /** PPR log: behind the last record. */
    public static final int PPR_TAIL = 0x2038;
    /** Guest virtual APIC log: the next record that software reads. */
    public static final int GA_HEAD = 0x2040;
    /** Guest virtual APIC log: behind the last record. */
    public static final int GA_TAIL = 0x2048;
    /** Automatic answer to page requests. */
    public static final int PPR_AUTO_RSP = 0x2080;
    /** Early warning of PPR log overflow. */
    public static final int PPR_OVRFLW_EARLY = 0x2088;
    /** How many counters there are. */
    public static final int CNTR_CONF = 0x4000;

    /** DevTabBase: pages of 4 KiB, less 1. */
    public static final BitField DEV_TAB_SIZE = BitField.of("Size", 0, 8, 0);
    /** Base registers: address. */
    public static final BitField BASE = BitField.of("Base", 0, 51, 12);
    /** Base registers of rings: log2 of the entries; {@link #LEN_MIN} to 15. */
    public static final BitField LEN = BitField.of("Len", 0, 59, 56);
    /** ExclBase: the range is in use. */
    public static final BitField EX_EN = BitField.bit("ExEn", 0, 0);
    /** ExclBase: the range holds for every function. */
    public static final BitField ALLOW = BitField.bit("Allow", 0, 1);
    /** Head and tail registers: offset in bytes, a multiple of 16; not shifted. */
    public static final BitField POINTER = BitField.of("Ptr", 0, 18, 4);
    /** Head and tail of the guest virtual APIC log: offset in bytes, a multiple of 8; not shifted. */
    public static final BitField GA_POINTER = BitField.of("Ptr", 0, 17, 3);
    /** GALogTail address: a multiple of 8. */
    public static final BitField GA_TAIL_ADDRESS = BitField.of("TailAddr", 0, 51, 3);
    /** x2APIC interrupts: destination mode. */
    public static final BitField XT_DEST_MODE = BitField.bit("DestMode", 0, 2);
    /** x2APIC interrupts: bits 23:0 of the destination. */
    public static final BitField XT_DEST_LO = BitField.of("Dest", 0, 31, 8);
    /** x2APIC interrupts: vector. */
    public static final BitField XT_VECTOR = BitField.of("Vector", 0, 39, 32);
    /** x2APIC interrupts: delivery mode. */
    public static final BitField XT_DELIVERY_MODE = BitField.bit("DM", 0, 40);
    /** x2APIC interrupts: bits 31:24 of the destination. */
    public static final BitField XT_DEST_HI = BitField.of("Dest", 0, 63, 56);

    /** PprAutoRsp: the code that page requests are answered with. */
    public static final BitField AUTO_RSP_CODE = BitField.of("Code", 0, 3, 0);
    /** PprAutoRsp: answers have no PASID. */
    public static final BitField AUTO_RSP_MASK_GN = BitField.bit("MaskGn", 0, 4);

    /** LEN: 256 entries; less is reserved. */
    public static final int LEN_MIN = 8;

    private Reg() {}

    /** Base register of the device table of a segment, 0 to 7. */
    public static int deviceTableBase(int segment) {
        return segment == 0 ? DEV_TAB_BASE : DEV_TAB_SEG1_BASE + 8 * (segment - 1);
    }

    /** How many entries a device table has, by its base register. */
    public static int deviceTableEntries(long base) {
        return (DEV_TAB_SIZE.getInt(base) + 1) * (4096 / Dte.BYTES);
    }

    /** Value of a ring's base register. */
    public static long ringBase(long address, int log2Entries) {
        return LEN.with(BASE.inPlace(address), log2Entries);
    }
}

package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Event counters: which registers a counter has, and what can be counted. Layouts and sources are those of the Linux driver and
 * its {@code perf} events.
 */
public final class Pc {
    /** Where the counters of bank 0 begin. */
    public static final int BANKS = 0x4_0000;
    /** log2 of the bytes of a bank. */
    public static final int BANK_SHIFT = 12;
    /** log2 of the bytes of a counter's registers. */
    public static final int COUNTER_SHIFT = 8;

    /** The count: 48 bits. */
    public static final int COUNTER = 0x00;
    /** What is counted: one of the sources below; 0 for nothing. */
    public static final int SOURCE = 0x08;
    /** For which PASID. */
    public static final int PASID_MATCH = 0x10;
    /** For which domain. */
    public static final int DOMAIN_MATCH = 0x18;
    /** For which function. */
    public static final int DEVICE_MATCH = 0x20;

    /** CntrConf: counters in a bank. */
    public static final BitField NUM_COUNTERS = BitField.of("NCounter", 0, 10, 7);
    /** CntrConf: banks. */
    public static final BitField NUM_BANKS = BitField.of("NCounterBanks", 0, 17, 12);
    /** The count. */
    public static final BitField COUNT = BitField.of("Count", 0, 47, 0);
    /** The source. */
    public static final BitField CSOURCE = BitField.of("CSource", 0, 7, 0);
    /** Matches: the id. */
    public static final BitField MATCH = BitField.of("Match", 0, 19, 0);
    /** Matches: only what matches is counted. */
    public static final BitField MATCH_EN = BitField.bit("MatchEn", 0, 31);
    /** Matches: bits of the id that are compared. */
    public static final BitField MATCH_MASK = BitField.of("MatchMask", 0, 51, 32);

    /** Requests that pass untranslated. */
    public static final int MEM_PASS_UNTRANS = 0x01;
    /** Requests that came translated. */
    public static final int MEM_PASS_PRETRANS = 0x02;
    /** Requests that are aborted. */
    public static final int MEM_TARGET_ABORT = 0x04;
    /** Requests that are translated. */
    public static final int MEM_TRANS_TOTAL = 0x05;
    /** Translations found in the IOTLB. */
    public static final int MEM_TLB_PTE_HIT = 0x06;
    /** Translations that were not there. */
    public static final int MEM_TLB_PTE_MIS = 0x07;
    /** Device table entries of requests found in their cache. */
    public static final int MEM_DTE_HIT = 0x0a;
    /** Device table entries of requests that were not there. */
    public static final int MEM_DTE_MIS = 0x0b;
    /** Device table entries of interrupts found in their cache. */
    public static final int INT_DTE_HIT = 0x0f;
    /** Device table entries of interrupts that were not there. */
    public static final int INT_DTE_MIS = 0x10;
    /** Commands. */
    public static final int CMD_PROCESSED = 0x11;
    /** Commands that invalidate something. */
    public static final int CMD_PROCESSED_INV = 0x12;
    /** Invalidations of the IOTLB. */
    public static final int TLB_INV = 0x13;

    private Pc() {}

    /** Offset of a register of a counter. */
    public static int register(int bank, int counter, int function) {
        return BANKS + (bank << BANK_SHIFT) + (counter << COUNTER_SHIFT) + function;
    }
}

package org.iommusim.amdvi.spec;

/** Bits of the status register. The interrupt bits are set whether or not the interrupt is enabled. */
public final class Status {
    /** The event log overflowed; written with 1 to clear. */
    public static final long EVT_OVERFLOW = 1 << 0;
    /** The event log has a new record; written with 1 to clear. */
    public static final long EVT_LOG_INT = 1 << 1;
    /** A COMPLETION_WAIT with an interrupt completed; written with 1 to clear. */
    public static final long COM_WAIT_INT = 1 << 2;
    /** The event log takes records. */
    public static final long EVT_LOG_RUN = 1 << 3;
    /** Commands are fetched. */
    public static final long CMD_BUF_RUN = 1 << 4;
    /** The PPR log overflowed; written with 1 to clear. */
    public static final long PPR_OVERFLOW = 1 << 5;
    /** The PPR log has a new record; written with 1 to clear. */
    public static final long PPR_INT = 1 << 6;
    /** The PPR log takes records. */
    public static final long PPR_LOG_RUN = 1 << 7;
    /** The guest virtual APIC log takes records. */
    public static final long GA_LOG_RUN = 1 << 8;
    /** The guest virtual APIC log overflowed; written with 1 to clear. */
    public static final long GA_LOG_OVERFLOW = 1 << 9;
    /** The guest virtual APIC log has a new record; written with 1 to clear. */
    public static final long GA_LOG_INT = 1 << 10;

    /** Bits that software clears by writing 1. */
    public static final long WRITE_1_TO_CLEAR =
            EVT_OVERFLOW | EVT_LOG_INT | COM_WAIT_INT | PPR_OVERFLOW | PPR_INT | GA_LOG_OVERFLOW | GA_LOG_INT;

    private Status() {}
}

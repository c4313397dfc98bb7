package org.iommusim.vtd.spec;

/**
 * Fault reasons, the codes in {@link Frcd#FR}. A qualified fault is not recorded if an entry that was read on the way says so
 * (FPD); the others are always recorded. Which are qualified follows QEMU: those that come before an entry with FPD could be
 * read, or that say that the context entry itself cannot be trusted, are not.
 *
 * <p>Labels such as {@code SCT.5} in the comments are the specification's names of the conditions. What has a code here and
 * never happens in this model: 0x27 and 0x28 (posted interrupts), 0x29, 0x32, 0x7b, 0x7c and 0x90 (walks are always snooped);
 * 0x88 and 0x89 are not even known by name.
 */
public final class FaultReason {
    /** No fault. */
    public static final int NONE = 0;
    /** LRT.2. */
    public static final int ROOT_NOT_PRESENT = 0x01;
    /** LCT.2. */
    public static final int CONTEXT_NOT_PRESENT = 0x02;
    /** LCT.4. */
    public static final int CONTEXT_INVALID = 0x03;
    /** LGN.1. */
    public static final int BEYOND_MGAW = 0x04;
    /** LGN.2. */
    public static final int NO_WRITE = 0x05;
    /** LGN.3. */
    public static final int NO_READ = 0x06;
    /** LSL.1. */
    public static final int SS_ACCESS = 0x07;
    /** LRT.1. */
    public static final int ROOT_ACCESS = 0x08;
    /** LCT.1. */
    public static final int CONTEXT_ACCESS = 0x09;
    /** LRT.3. */
    public static final int ROOT_RESERVED = 0x0a;
    /** LCT.3. */
    public static final int CONTEXT_RESERVED = 0x0b;
    /** LSL.2. */
    public static final int SS_RESERVED = 0x0c;
    /** LCT.5. */
    public static final int BLOCKED_TT = 0x0d;
    /** LGN.4. */
    public static final int OUTPUT_INTERRUPT_RANGE = 0x0e;
    /** Interrupt remapping: reserved bits in an interrupt request. */
    public static final int IR_REQUEST_RESERVED = 0x20;
    /** Interrupt remapping: interrupt index beyond the table. */
    public static final int IR_INDEX = 0x21;
    /** Interrupt remapping: interrupt entry not present. */
    public static final int IR_NOT_PRESENT = 0x22;
    /** Interrupt remapping: interrupt entry not readable. */
    public static final int IR_ACCESS = 0x23;
    /** Interrupt remapping: reserved bits in an interrupt entry. */
    public static final int IR_RESERVED = 0x24;
    /** Interrupt remapping: compatibility format blocked. */
    public static final int IR_COMPATIBILITY = 0x25;
    /** Interrupt remapping: interrupt source not allowed. */
    public static final int IR_SOURCE = 0x26;
    /** Interrupt remapping: posted descriptor not readable. */
    public static final int IR_POSTED_ACCESS = 0x27;
    /** Interrupt remapping: reserved bits in a posted descriptor. */
    public static final int IR_POSTED_RESERVED = 0x28;
    /** Interrupt remapping: interrupt request without PASID. */
    public static final int IR_WITHOUT_PASID = 0x29;
    /** RTA.1. */
    public static final int SM_TTM = 0x30;
    /** RTA.2. */
    public static final int SM_TTM_PASID = 0x31;
    /** RTA.3. */
    public static final int SM_TTM_GROUP = 0x32;
    /** RTA.4. */
    public static final int SM_ABORT_MODE = 0x33;
    /** SRT.1. */
    public static final int SM_ROOT_ACCESS = 0x38;
    /** SRT.2. */
    public static final int SM_ROOT_NOT_PRESENT = 0x39;
    /** SRT.3. */
    public static final int SM_ROOT_RESERVED = 0x3a;
    /** SCT.1. */
    public static final int SM_CONTEXT_ACCESS = 0x40;
    /** SCT.2. */
    public static final int SM_CONTEXT_NOT_PRESENT = 0x41;
    /** SCT.3. */
    public static final int SM_CONTEXT_RESERVED = 0x42;
    /** SCT.4. */
    public static final int SM_CONTEXT_INVALID = 0x43;
    /** SCT.5. */
    public static final int SM_DTE = 0x44;
    /** SCT.6. */
    public static final int SM_PASIDE = 0x45;
    /** SCT.7. */
    public static final int SM_PASID_RANGE = 0x46;
    /** SCT.8. */
    public static final int SM_PRE = 0x47;
    /** SCT.9. */
    public static final int SM_RID_PASID = 0x48;
    /** SPD.1. */
    public static final int PASID_DIR_ACCESS = 0x50;
    /** SPD.2. */
    public static final int PASID_DIR_NOT_PRESENT = 0x51;
    /** SPD.3. */
    public static final int PASID_DIR_RESERVED = 0x52;
    /** SPT.1. */
    public static final int PASID_ACCESS = 0x58;
    /** SPT.2. */
    public static final int PASID_NOT_PRESENT = 0x59;
    /** SPT.3. */
    public static final int PASID_RESERVED = 0x5a;
    /** SPT.4. */
    public static final int PASID_INVALID = 0x5b;
    /** SPT.5. */
    public static final int SM_ERE = 0x5c;
    /** SPT.6. */
    public static final int SM_SRE = 0x5d;
    /** SFS.1. */
    public static final int FS_ACCESS = 0x70;
    /** SFS.2. */
    public static final int FS_NOT_PRESENT = 0x71;
    /** SFS.3. */
    public static final int FS_RESERVED = 0x72;
    /** SFS.4. */
    public static final int FSPTPTR_ACCESS = 0x73;
    /** SFS.5. */
    public static final int FS_BEYOND_MGAW = 0x74;
    /** SFS.6. */
    public static final int FSPTPTR_SS = 0x75;
    /** SFS.7. */
    public static final int FS_SS_READ = 0x76;
    /** SFS.8. */
    public static final int FS_SS_WRITE = 0x77;
    /** SSS.1. */
    public static final int SM_SS_ACCESS = 0x78;
    /** SSS.2. */
    public static final int SM_SS_PERMISSION = 0x79;
    /** SSS.3. */
    public static final int SM_SS_RESERVED = 0x7a;
    /** SSS.4. */
    public static final int SSPTPTR_INVALID = 0x7b;
    /** SSS.5. */
    public static final int SS_UPDATE_NO_SNOOP = 0x7c;
    /** SSS.6. */
    public static final int SS_UPDATE = 0x7d;
    /** SGN.1. */
    public static final int FS_NOT_CANONICAL = 0x80;
    /** SGN.2. */
    public static final int FS_PRIVILEGE = 0x81;
    /** SGN.3. */
    public static final int SM_NO_EXECUTE = 0x82;
    /** SGN.4. */
    public static final int SM_BEYOND_MGAW = 0x83;
    /** SGN.5. */
    public static final int SM_SS_RANGE = 0x84;
    /** SGN.6. */
    public static final int SM_NO_WRITE = 0x85;
    /** SGN.7. */
    public static final int SM_NO_READ = 0x86;
    /** SGN.8. */
    public static final int SM_OUTPUT_INTERRUPT_RANGE = 0x87;
    /** SFS.9. */
    public static final int FS_UPDATE_NO_SNOOP = 0x90;
    /** SFS.10. */
    public static final int FS_UPDATE = 0x91;

    private FaultReason() {}

    /** True for faults of interrupt remapping. */
    public static boolean isInterrupt(int reason) {
        return reason >= IR_REQUEST_RESERVED && reason <= IR_WITHOUT_PASID;
    }

    /** True if fault processing disable (FPD) of an entry keeps the fault from being recorded. */
    public static boolean isQualified(int reason) {
        return switch (reason) {
            case ROOT_NOT_PRESENT,
                    ROOT_ACCESS,
                    CONTEXT_ACCESS,
                    ROOT_RESERVED,
                    CONTEXT_RESERVED,
                    IR_REQUEST_RESERVED,
                    IR_INDEX,
                    IR_ACCESS,
                    IR_COMPATIBILITY,
                    IR_WITHOUT_PASID,
                    SM_TTM,
                    SM_TTM_PASID,
                    SM_TTM_GROUP,
                    SM_ABORT_MODE,
                    SM_ROOT_ACCESS,
                    SM_ROOT_NOT_PRESENT,
                    SM_ROOT_RESERVED,
                    SM_CONTEXT_ACCESS,
                    SM_CONTEXT_RESERVED,
                    PASID_DIR_ACCESS,
                    PASID_ACCESS -> false;
            default -> true;
        };
    }

    /** What a reason means, in words. */
    public static String name(int reason) {
        return switch (reason) {
            case ROOT_NOT_PRESENT -> "root entry not present";
            case CONTEXT_NOT_PRESENT -> "context entry not present";
            case CONTEXT_INVALID -> "context entry invalid";
            case BEYOND_MGAW -> "address beyond the guest address width";
            case NO_WRITE -> "no write permission";
            case NO_READ -> "no read permission";
            case SS_ACCESS -> "second-stage entry not readable";
            case ROOT_ACCESS -> "root entry not readable";
            case CONTEXT_ACCESS -> "context entry not readable";
            case ROOT_RESERVED -> "reserved bits in a root entry";
            case CONTEXT_RESERVED -> "reserved bits in a context entry";
            case SS_RESERVED -> "reserved bits in a second-stage entry";
            case BLOCKED_TT -> "blocked by the translation type";
            case OUTPUT_INTERRUPT_RANGE -> "output in the interrupt range";
            case IR_REQUEST_RESERVED -> "reserved bits in an interrupt request";
            case IR_INDEX -> "interrupt index beyond the table";
            case IR_NOT_PRESENT -> "interrupt entry not present";
            case IR_ACCESS -> "interrupt entry not readable";
            case IR_RESERVED -> "reserved bits in an interrupt entry";
            case IR_COMPATIBILITY -> "compatibility format blocked";
            case IR_SOURCE -> "interrupt source not allowed";
            case IR_POSTED_ACCESS -> "posted descriptor not readable";
            case IR_POSTED_RESERVED -> "reserved bits in a posted descriptor";
            case IR_WITHOUT_PASID -> "interrupt request without PASID";
            case SM_TTM -> "translation table mode invalid";
            case SM_TTM_PASID -> "request with PASID in legacy mode";
            case SM_TTM_GROUP -> "page group response in legacy mode";
            case SM_ABORT_MODE -> "translation table mode aborts";
            case SM_ROOT_ACCESS -> "root entry not readable";
            case SM_ROOT_NOT_PRESENT -> "root entry not present";
            case SM_ROOT_RESERVED -> "reserved bits in a root entry";
            case SM_CONTEXT_ACCESS -> "context entry not readable";
            case SM_CONTEXT_NOT_PRESENT -> "context entry not present";
            case SM_CONTEXT_RESERVED -> "reserved bits in a context entry";
            case SM_CONTEXT_INVALID -> "context entry invalid";
            case SM_DTE -> "device TLB not enabled";
            case SM_PASIDE -> "PASIDs not enabled";
            case SM_PASID_RANGE -> "PASID beyond the directory";
            case SM_PRE -> "page requests not enabled";
            case SM_RID_PASID -> "RID_PASID beyond the directory";
            case PASID_DIR_ACCESS -> "PASID directory entry not readable";
            case PASID_DIR_NOT_PRESENT -> "PASID directory entry not present";
            case PASID_DIR_RESERVED -> "reserved bits in a PASID directory entry";
            case PASID_ACCESS -> "PASID entry not readable";
            case PASID_NOT_PRESENT -> "PASID entry not present";
            case PASID_RESERVED -> "reserved bits in a PASID entry";
            case PASID_INVALID -> "PASID entry invalid";
            case SM_ERE -> "execute requests not enabled";
            case SM_SRE -> "supervisor requests not enabled";
            case FS_ACCESS -> "first-stage entry not readable";
            case FS_NOT_PRESENT -> "first-stage entry not present";
            case FS_RESERVED -> "reserved bits in a first-stage entry";
            case FSPTPTR_ACCESS -> "first entry of the first stage not readable";
            case FS_BEYOND_MGAW -> "first-stage table beyond the second stage";
            case FSPTPTR_SS -> "first table of the first stage not readable by the second stage";
            case FS_SS_READ -> "first-stage table not readable by the second stage";
            case FS_SS_WRITE -> "first-stage table not writable by the second stage";
            case SM_SS_ACCESS -> "second-stage entry not readable";
            case SM_SS_PERMISSION -> "not allowed by the second stage";
            case SM_SS_RESERVED -> "reserved bits in a second-stage entry";
            case SSPTPTR_INVALID -> "pointer to the second stage invalid";
            case SS_UPDATE_NO_SNOOP -> "second-stage flags cannot be set without snooping";
            case SS_UPDATE -> "second-stage flags cannot be set";
            case FS_NOT_CANONICAL -> "address not canonical";
            case FS_PRIVILEGE -> "user request, supervisor page";
            case SM_NO_EXECUTE -> "no execute permission";
            case SM_BEYOND_MGAW -> "address beyond the guest address width";
            case SM_SS_RANGE -> "address beyond the second stage";
            case SM_NO_WRITE -> "no write permission";
            case SM_NO_READ -> "no read permission";
            case SM_OUTPUT_INTERRUPT_RANGE -> "output in the interrupt range";
            case FS_UPDATE_NO_SNOOP -> "first-stage flags cannot be set without snooping";
            case FS_UPDATE -> "first-stage flags cannot be set";
            default -> "reason 0x" + Integer.toHexString(reason);
        };
    }
}

package org.iommusim.hw.walk;

/** Why a walk cannot go on; vendors map it to their own codes and records. */
public enum WalkFault {
    /** No fault. */
    NONE,
    /** The input address is outside of what the tables can map. */
    INPUT_RANGE,
    /** An entry is not present or is invalid. */
    TRANSLATION,
    /** An entry points beyond the output address size. */
    ADDRESS_SIZE,
    /** The accessed flag is clear and hardware may not set it. */
    ACCESS_FLAG,
    /** The access is not allowed. */
    PERMISSION,
    /** A reserved bit is set where the format forbids it. */
    RESERVED_BIT,
    /** The read or update of an entry was aborted by the bus. */
    EXTERNAL_ABORT
}

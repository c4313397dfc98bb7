package org.iommusim.hw.driver;

/** What a guest's configuration entry of a device says, for a VMM that has to do the same with the real device. */
public enum GuestEntry {
    /** The tables lead to no entry: the device may not do anything. */
    UNREACHABLE,
    /** There is one, but it is not valid: the device may not do anything. */
    INVALID,
    /** The device may not do anything. */
    ABORTS,
    /** The device's addresses are guest physical ones. */
    BYPASSES,
    /** The guest's tables translate. */
    TRANSLATES
}

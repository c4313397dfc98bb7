package org.iommusim.sim.program;

/**
 * What a step of software spends its time on. The prices are data: a {@link HostCosts} preset.
 */
public enum HostCost {
    /** A step that only touches local state. */
    LOCAL,
    /** An atomic read-modify-write or a short critical section on a cached line. */
    ATOMIC,
    /** Taking a free sleeping lock. */
    LOCK,
    /** Handing a contended sleeping lock to a waiter: wake-up until it runs. */
    LOCK_HANDOVER,
    /** Waking a sleeper on a wait queue until it runs. */
    WAKE_UP,
    /** Entering the kernel by an ioctl, dispatch included. */
    IOCTL_ENTRY,
    /** Copying a small structure from or to user memory. */
    USER_COPY,
    /** Allocating and zeroing a small object. */
    ALLOCATE,
    /** Storing one word of a table or queue in memory. */
    TABLE_STORE,
    /** A barrier that makes stores visible to devices. */
    BARRIER,
    /** A posted write to a device register. */
    MMIO_WRITE,
    /** A read of a device register: a full round trip. */
    MMIO_READ,
    /** From an interrupt's arrival at the CPU to the first instruction of its handler. */
    INTERRUPT_ENTRY,
    /** Pinning one page of user memory. */
    PIN_PAGE,
    /** Nothing: the step happens together with the one before it, but as an atomic step of its own. */
    FREE
}

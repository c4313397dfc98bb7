package org.iommusim.sim.memory;

/** Whose a page of physical memory is. */
public enum PageOwner {
    /** There is no memory here: an access gets a bus error. */
    ABSENT,
    /** Memory that no allocator manages; accesses are not checked. */
    UNTRACKED,
    /** Managed and not given out: nobody may touch it. */
    FREE,
    /** The kernel's own data: queues, structures. */
    KERNEL,
    /** A translation, context or device table that an IOMMU walks. */
    TABLE,
    /** A user process's page. */
    PROCESS,
    /** A page that nobody maps any more and that stays until the last pin on it goes. */
    UNMAPPED,
    /** A process's page that is a virtual machine's memory, and that the kernel in there has freed: nobody may touch it. */
    GUEST_FREE
}

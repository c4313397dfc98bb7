package org.iommusim.iommufd.object;

/** Types of objects with the numbers of the kernel's {@code enum iommufd_object_type} (iommufd_private.h). */
public enum ObjectType {
    /** Matches every type in a look-up; no object has it. */
    ANY(0),
    /** A bound device ({@code struct iommufd_device}, idev). */
    DEVICE(1),
    /** A page table that the kernel fills from an IOAS. */
    HWPT_PAGING(2),
    /** User space's stage 1 over a nesting parent. */
    HWPT_NESTED(3),
    /** An I/O address space. */
    IOAS(4),
    /** The use of an IOAS by a driver that reads, writes or pins its memory itself. */
    ACCESS(5),
    /** A queue of I/O page faults that user space answers. */
    FAULT(6),
    /** A slice of a physical IOMMU for one VM. */
    VIOMMU(7),
    /** One device as one vIOMMU knows it. */
    VDEVICE(8),
    /** A queue of a vIOMMU's events. */
    VEVENTQ(9),
    /** A queue in guest memory that hardware reads by itself. */
    HW_QUEUE(10),
    /** The mock device of the kernel's selftest. */
    SELFTEST(11);

    private final int number;

    ObjectType(int number) {
        this.number = number;
    }

    /** The kernel's number. */
    public int number() {
        return number;
    }
}

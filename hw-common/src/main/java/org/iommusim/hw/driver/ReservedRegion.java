package org.iommusim.hw.driver;

/**
 * I/O virtual addresses that maps must leave alone: the kernel's {@code struct iommu_resv_region}.
 *
 * @param start first address
 * @param length bytes
 * @param type why
 */
public record ReservedRegion(long start, long length, Type type) {
    /** Kinds of regions. */
    public enum Type {
        /** Firmware wants it mapped one to one; the device cannot be given to user space. */
        DIRECT,
        /** As {@link #DIRECT}, but nothing breaks if it is not mapped. */
        DIRECT_RELAXABLE,
        /** Not usable. */
        RESERVED,
        /** Interrupt messages go there, decoded by hardware. */
        MSI,
        /** The kernel maps the interrupt controller's doorbells there. */
        SW_MSI
    }

    /** Last address. */
    public long last() {
        return start + length - 1;
    }
}

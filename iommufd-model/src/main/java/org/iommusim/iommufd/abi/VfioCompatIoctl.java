package org.iommusim.iommufd.abi;

import java.util.Optional;

/**
 * The ioctls of a VFIO container that /dev/iommu understands too (include/uapi/linux/vfio.h). Those whose argument is a
 * number and no pointer have a layout without fields. The argument's {@code argsz} says how long user space's structure is.
 */
public enum VfioCompatIoctl {
    /** Answers 0. */
    VFIO_GET_API_VERSION(0x3b64, StructLayout.of("none", 0, "")),
    /** The argument is an extension; answers 1 if there is one. */
    VFIO_CHECK_EXTENSION(0x3b65, StructLayout.of("none", 0, "")),
    /** The argument is a type of IOMMU. */
    VFIO_SET_IOMMU(0x3b66, StructLayout.of("none", 0, "")),
    /** Page sizes and capabilities. */
    VFIO_IOMMU_GET_INFO(
            0x3b70,
            StructLayout.of(
                    "vfio_iommu_type1_info",
                    24,
                    16,
                    "argsz:u32:0 flags:u32:4 iova_pgsizes:u64:8 cap_offset:u32:16 pad:u32:20")),
    /** Maps memory of the caller. */
    VFIO_IOMMU_MAP_DMA(
            0x3b71,
            StructLayout.of(
                    "vfio_iommu_type1_dma_map", 32, "argsz:u32:0 flags:u32:4 vaddr:u64:8 iova:u64:16 size:u64:24")),
    /** Unmaps. */
    VFIO_IOMMU_UNMAP_DMA(
            0x3b72,
            StructLayout.of("vfio_iommu_type1_dma_unmap", 24, "argsz:u32:0 flags:u32:4 iova:u64:8 size:u64:16")),
    /** Dirty page tracking, which the compatibility layer does not have. */
    VFIO_IOMMU_DIRTY_PAGES(0x3b75, StructLayout.of("vfio_iommu_type1_dirty_bitmap", 8, "argsz:u32:0 flags:u32:4"));

    private final int number;
    private final StructLayout layout;

    VfioCompatIoctl(int number, StructLayout layout) {
        this.number = number;
        this.layout = layout;
    }

    /** The command number that user space passes. */
    public int number() {
        return number;
    }

    /** Its argument; {@link StructLayout#minSize} is what the kernel demands of {@code argsz}. */
    public StructLayout layout() {
        return layout;
    }

    /** True if the argument points to a structure. */
    public boolean takesPointer() {
        return layout.size() > 0;
    }

    /** The ioctl of a command number, if there is one. */
    public static Optional<VfioCompatIoctl> find(int number) {
        for (VfioCompatIoctl ioctl : values()) {
            if (ioctl.number == number) {
                return Optional.of(ioctl);
            }
        }
        return Optional.empty();
    }
}

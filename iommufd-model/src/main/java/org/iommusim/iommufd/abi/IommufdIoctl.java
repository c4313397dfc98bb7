package org.iommusim.iommufd.abi;

import java.util.Optional;

/** The ioctls of /dev/iommu (include/uapi/linux/iommufd.h), without direction and size bits in their numbers. */
public enum IommufdIoctl {
    /** Destroys an object. */
    DESTROY(0x3b80, StructLayout.of("iommu_destroy", 8, 8, "size:u32:0 id:u32:4")),
    /** Makes an I/O address space. */
    IOAS_ALLOC(0x3b81, StructLayout.of("iommu_ioas_alloc", 12, 12, "size:u32:0 flags:u32:4 out_ioas_id:u32:8")),
    /** Sets where automatic placement may go. */
    IOAS_ALLOW_IOVAS(
            0x3b82,
            StructLayout.of(
                    "iommu_ioas_allow_iovas",
                    24,
                    24,
                    "size:u32:0 ioas_id:u32:4 num_iovas:u32:8 __reserved:u32:12 allowed_iovas:u64:16")),
    /** Maps what another IOAS maps, sharing the pages. */
    IOAS_COPY(
            0x3b83,
            StructLayout.of(
                    "iommu_ioas_copy",
                    40,
                    40,
                    "size:u32:0 flags:u32:4 dst_ioas_id:u32:8 src_ioas_id:u32:12 length:u64:16 "
                            + "dst_iova:u64:24 src_iova:u64:32")),
    /** Reports the usable addresses of an IOAS. */
    IOAS_IOVA_RANGES(
            0x3b84,
            StructLayout.of(
                    "iommu_ioas_iova_ranges",
                    32,
                    32,
                    "size:u32:0 ioas_id:u32:4 num_iovas:u32:8 __reserved:u32:12 allowed_iovas:u64:16 "
                            + "out_iova_alignment:u64:24")),
    /** Maps memory of the caller. */
    IOAS_MAP(
            0x3b85,
            StructLayout.of(
                    "iommu_ioas_map",
                    40,
                    40,
                    "size:u32:0 flags:u32:4 ioas_id:u32:8 __reserved:u32:12 user_va:u64:16 "
                            + "length:u64:24 iova:u64:32")),
    /** Unmaps whole earlier maps. */
    IOAS_UNMAP(
            0x3b86, StructLayout.of("iommu_ioas_unmap", 24, 24, "size:u32:0 ioas_id:u32:4 iova:u64:8 length:u64:16")),
    /** Gets or sets an option of the context or of an object. */
    OPTION(
            0x3b87,
            StructLayout.of(
                    "iommu_option",
                    24,
                    24,
                    "size:u32:0 option_id:u32:4 op:u16:8 __reserved:u16:10 object_id:u32:12 " + "val64:u64:16")),
    /** Gets, sets or clears the IOAS behind the VFIO ioctls. */
    VFIO_IOAS(
            0x3b88, StructLayout.of("iommu_vfio_ioas", 12, 12, "size:u32:0 ioas_id:u32:4 op:u16:8 __reserved:u16:10")),
    /** Makes a hardware page table. */
    HWPT_ALLOC(
            0x3b89,
            StructLayout.of(
                    "iommu_hwpt_alloc",
                    48,
                    24,
                    "size:u32:0 flags:u32:4 dev_id:u32:8 pt_id:u32:12 out_hwpt_id:u32:16 "
                            + "__reserved:u32:20 data_type:u32:24 data_len:u32:28 data_uptr:u64:32 "
                            + "fault_id:u32:40 __reserved2:u32:44")),
    /** Tells what the IOMMU of a device can do. */
    GET_HW_INFO(
            0x3b8a,
            StructLayout.of(
                    "iommu_hw_info",
                    40,
                    32,
                    "size:u32:0 flags:u32:4 dev_id:u32:8 data_len:u32:12 data_uptr:u64:16 "
                            + "in_data_type:u32:24 out_data_type:u32:24 out_max_pasid_log2:u8:28 "
                            + "__reserved:u8[3]:29 out_capabilities:u64:32")),
    /** Turns dirty tracking on or off. */
    HWPT_SET_DIRTY_TRACKING(
            0x3b8b,
            StructLayout.of(
                    "iommu_hwpt_set_dirty_tracking", 16, 16, "size:u32:0 flags:u32:4 hwpt_id:u32:8 __reserved:u32:12")),
    /** Reads and clears dirty bits. */
    HWPT_GET_DIRTY_BITMAP(
            0x3b8c,
            StructLayout.of(
                    "iommu_hwpt_get_dirty_bitmap",
                    48,
                    48,
                    "size:u32:0 hwpt_id:u32:4 flags:u32:8 __reserved:u32:12 iova:u64:16 length:u64:24 "
                            + "page_size:u64:32 data:u64:40")),
    /** Carries out invalidations of a guest. */
    HWPT_INVALIDATE(
            0x3b8d,
            StructLayout.of(
                    "iommu_hwpt_invalidate",
                    32,
                    32,
                    "size:u32:0 hwpt_id:u32:4 data_uptr:u64:8 data_type:u32:16 entry_len:u32:20 "
                            + "entry_num:u32:24 __reserved:u32:28")),
    /** Makes a queue of I/O page faults with its file. */
    FAULT_QUEUE_ALLOC(
            0x3b8e,
            StructLayout.of(
                    "iommu_fault_alloc", 16, 16, "size:u32:0 flags:u32:4 out_fault_id:u32:8 out_fault_fd:u32:12")),
    /** Maps memory of a file. */
    IOAS_MAP_FILE(
            0x3b8f,
            StructLayout.of(
                    "iommu_ioas_map_file",
                    40,
                    40,
                    "size:u32:0 flags:u32:4 ioas_id:u32:8 fd:s32:12 start:u64:16 length:u64:24 " + "iova:u64:32")),
    /** Makes a slice of a physical IOMMU for one VM. */
    VIOMMU_ALLOC(
            0x3b90,
            StructLayout.of(
                    "iommu_viommu_alloc",
                    40,
                    24,
                    "size:u32:0 flags:u32:4 type:u32:8 dev_id:u32:12 hwpt_id:u32:16 "
                            + "out_viommu_id:u32:20 data_len:u32:24 __reserved:u32:28 data_uptr:u64:32")),
    /** Gives a device a virtual id on a vIOMMU. */
    VDEVICE_ALLOC(
            0x3b91,
            StructLayout.of(
                    "iommu_vdevice_alloc",
                    24,
                    24,
                    "size:u32:0 viommu_id:u32:4 dev_id:u32:8 out_vdevice_id:u32:12 virt_id:u64:16")),
    /** Moves the accounting of file maps to the calling process. */
    IOAS_CHANGE_PROCESS(0x3b92, StructLayout.of("iommu_ioas_change_process", 8, 8, "size:u32:0 __reserved:u32:4")),
    /** Makes a queue of a vIOMMU's events with its file. */
    VEVENTQ_ALLOC(
            0x3b93,
            StructLayout.of(
                    "iommu_veventq_alloc",
                    32,
                    28,
                    "size:u32:0 flags:u32:4 viommu_id:u32:8 type:u32:12 veventq_depth:u32:16 "
                            + "out_veventq_id:u32:20 out_veventq_fd:u32:24 __reserved:u32:28")),
    /** Gives a queue in guest memory to hardware. */
    HW_QUEUE_ALLOC(
            0x3b94,
            StructLayout.of(
                    "iommu_hw_queue_alloc",
                    40,
                    40,
                    "size:u32:0 flags:u32:4 viommu_id:u32:8 type:u32:12 index:u32:16 "
                            + "out_hw_queue_id:u32:20 nesting_parent_iova:u64:24 length:u64:32")),
    /** Tells physical addresses to users without an IOMMU. */
    IOAS_NOIOMMU_GET_PA(
            0x3b95,
            StructLayout.of(
                    "iommu_ioas_noiommu_get_pa",
                    40,
                    40,
                    "size:u32:0 flags:u32:4 ioas_id:u32:8 __reserved:u32:12 iova:u64:16 length:u64:24 "
                            + "out_phys:u64:32"));

    private final int number;
    private final StructLayout layout;

    IommufdIoctl(int number, StructLayout layout) {
        this.number = number;
        this.layout = layout;
    }

    /** The command number that user space passes. */
    public int number() {
        return number;
    }

    /** Its argument. */
    public StructLayout layout() {
        return layout;
    }

    /** As the header spells it, e.g. {@code IOMMU_IOAS_MAP}. */
    public String kernelName() {
        return "IOMMU_" + name();
    }

    /** The ioctl of a command number, if there is one. */
    public static Optional<IommufdIoctl> find(int number) {
        int index = number - DESTROY.number;
        IommufdIoctl[] all = values();
        return index < 0 || index >= all.length ? Optional.empty() : Optional.of(all[index]);
    }
}

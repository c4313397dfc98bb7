package org.iommusim.iommufd.abi;

import java.util.List;

/** Structures to which a {@code data_uptr} or an array points, and those that files deliver and take. */
public final class DataLayouts {
    /** A range of addresses with its last byte. */
    public static final StructLayout IOVA_RANGE = StructLayout.of("iommu_iova_range", 16, "start:u64:0 last:u64:8");

    /** A guest's first-stage table of VT-d. */
    public static final StructLayout HWPT_VTD_S1 = StructLayout.of(
            "iommu_hwpt_vtd_s1", 24, "flags:u64:0 pgtbl_addr:u64:8 addr_width:u32:16 __reserved:u32:20");

    /** A guest's stream table entry of SMMUv3. */
    public static final StructLayout HWPT_ARM_SMMUV3 = StructLayout.of("iommu_hwpt_arm_smmuv3", 16, "ste:le64[2]:0");

    /** A guest's device table entry of AMD-Vi. */
    public static final StructLayout HWPT_AMD_GUEST = StructLayout.of("iommu_hwpt_amd_guest", 32, "dte:u64[4]:0");

    /** What VT-d can do. */
    public static final StructLayout HW_INFO_VTD =
            StructLayout.of("iommu_hw_info_vtd", 24, "flags:u32:0 __reserved:u32:4 cap_reg:u64:8 ecap_reg:u64:16");

    /** What an SMMUv3 can do. */
    public static final StructLayout HW_INFO_ARM_SMMUV3 = StructLayout.of(
            "iommu_hw_info_arm_smmuv3", 40, "flags:u32:0 __reserved:u32:4 idr:u32[6]:8 iidr:u32:32 aidr:u32:36");

    /** What a Tegra241 CMDQV can do. */
    public static final StructLayout HW_INFO_TEGRA241_CMDQV = StructLayout.of(
            "iommu_hw_info_tegra241_cmdqv",
            8,
            "flags:u32:0 version:u8:4 log2vcmdqs:u8:5 log2vsids:u8:6 __reserved:u8:7");

    /** What AMD-Vi can do. */
    public static final StructLayout HW_INFO_AMD = StructLayout.of("iommu_hw_info_amd", 16, "efr:u64:0 efr2:u64:8");

    /** An invalidation of a nested HWPT of VT-d. */
    public static final StructLayout HWPT_VTD_S1_INVALIDATE = StructLayout.of(
            "iommu_hwpt_vtd_s1_invalidate", 24, "addr:u64:0 npages:u64:8 flags:u32:16 __reserved:u32:20");

    /** A guest's command of SMMUv3. */
    public static final StructLayout VIOMMU_ARM_SMMUV3_INVALIDATE =
            StructLayout.of("iommu_viommu_arm_smmuv3_invalidate", 16, "cmd:le64[2]:0");

    /** An I/O page fault as a fault file delivers it. */
    public static final StructLayout HWPT_PGFAULT = StructLayout.of(
            "iommu_hwpt_pgfault",
            40,
            "flags:u32:0 dev_id:u32:4 pasid:u32:8 grpid:u32:12 perm:u32:16 __reserved:u32:20 "
                    + "addr:u64:24 length:u32:32 cookie:u32:36");

    /** The answer to an I/O page fault. */
    public static final StructLayout HWPT_PAGE_RESPONSE =
            StructLayout.of("iommu_hwpt_page_response", 8, "cookie:u32:0 code:u32:4");

    /** Where the VINTF of a vIOMMU can be mapped. */
    public static final StructLayout VIOMMU_TEGRA241_CMDQV = StructLayout.of(
            "iommu_viommu_tegra241_cmdqv", 16, "out_vintf_mmap_offset:u64:0 out_vintf_mmap_length:u64:8");

    /** What precedes every event of a vEVENTQ's file. */
    public static final StructLayout VEVENT_HEADER =
            StructLayout.of("iommufd_vevent_header", 8, "flags:u32:0 sequence:u32:4");

    /** An event record of SMMUv3. */
    public static final StructLayout VEVENT_ARM_SMMUV3 =
            StructLayout.of("iommu_vevent_arm_smmuv3", 32, "evt:le64[4]:0");

    /** An error of a Tegra241 CMDQV. */
    public static final StructLayout VEVENT_TEGRA241_CMDQV =
            StructLayout.of("iommu_vevent_tegra241_cmdqv", 16, "lvcmdq_err_map:le64[2]:0");

    /** What the mock IOMMU tells of itself. */
    public static final StructLayout TEST_HW_INFO =
            StructLayout.of("iommu_test_hw_info", 8, "flags:u32:0 test_reg:u32:4");

    /** Data of a mock HWPT. */
    public static final StructLayout HWPT_SELFTEST =
            StructLayout.of("iommu_hwpt_selftest", 8, "iotlb:u32:0 pagetable_type:u32:4");

    /** An invalidation of a mock nested HWPT. */
    public static final StructLayout HWPT_INVALIDATE_SELFTEST =
            StructLayout.of("iommu_hwpt_invalidate_selftest", 8, "flags:u32:0 iotlb_id:u32:4");

    /** Data of a mock vIOMMU. */
    public static final StructLayout VIOMMU_SELFTEST = StructLayout.of(
            "iommu_viommu_selftest", 24, "in_data:u32:0 out_data:u32:4 out_mmap_offset:u64:8 out_mmap_length:u64:16");

    /** An invalidation of a mock vIOMMU. */
    public static final StructLayout VIOMMU_INVALIDATE_SELFTEST =
            StructLayout.of("iommu_viommu_invalidate_selftest", 12, "flags:u32:0 vdev_id:u32:4 cache_id:u32:8");

    /** An event of a mock vIOMMU. */
    public static final StructLayout VIOMMU_EVENT_SELFTEST =
            StructLayout.of("iommu_viommu_event_selftest", 4, "virt_id:u32:0");

    private static final List<StructLayout> ALL = List.of(
            IOVA_RANGE,
            HWPT_VTD_S1,
            HWPT_ARM_SMMUV3,
            HWPT_AMD_GUEST,
            HW_INFO_VTD,
            HW_INFO_ARM_SMMUV3,
            HW_INFO_TEGRA241_CMDQV,
            HW_INFO_AMD,
            HWPT_VTD_S1_INVALIDATE,
            VIOMMU_ARM_SMMUV3_INVALIDATE,
            HWPT_PGFAULT,
            HWPT_PAGE_RESPONSE,
            VIOMMU_TEGRA241_CMDQV,
            VEVENT_HEADER,
            VEVENT_ARM_SMMUV3,
            VEVENT_TEGRA241_CMDQV,
            TEST_HW_INFO,
            HWPT_SELFTEST,
            HWPT_INVALIDATE_SELFTEST,
            VIOMMU_SELFTEST,
            VIOMMU_INVALIDATE_SELFTEST,
            VIOMMU_EVENT_SELFTEST);

    private DataLayouts() {}

    /** All of them. */
    public static List<StructLayout> all() {
        return ALL;
    }
}

package org.iommusim.iommufd.abi;

import java.util.Optional;

/**
 * The operations inside of IOMMU_TEST_CMD (drivers/iommu/iommufd/iommufd_test.h), which only a kernel with the selftest
 * has. All share one structure; each has its own member of the union in it. Two members call a field {@code id}, which the
 * head has too; here these are {@code iotlb_id} and {@code cache_id}.
 */
public enum TestOp {
    /** Reserves addresses of an IOAS. */
    ADD_RESERVED("add_reserved", "start:u64:16 length:u64:24"),
    /** Makes a mock device and attaches it. */
    MOCK_DOMAIN("mock_domain", "out_stdev_id:u32:16 out_hwpt_id:u32:20 out_idev_id:u32:24"),
    /** Compares what a HWPT maps with memory. */
    MD_CHECK_MAP("check_map", "iova:u64:16 length:u64:24 uptr:u64:32"),
    /** Compares the pins of pages. */
    MD_CHECK_REFS("check_refs", "length:u64:16 uptr:u64:24 refs:u32:32"),
    /** Makes an access with its file. */
    CREATE_ACCESS("create_access", "out_access_fd:u32:16 flags:u32:20"),
    /** Unpins what an access pinned. */
    DESTROY_ACCESS_PAGES("destroy_access_pages", "access_pages_id:u32:16"),
    /** Pins pages of an IOAS. */
    ACCESS_PAGES("access_pages", "flags:u32:16 out_access_pages_id:u32:20 iova:u64:24 length:u64:32 uptr:u64:40"),
    /** Reads or writes memory of an IOAS. */
    ACCESS_RW("access_rw", "iova:u64:16 length:u64:24 uptr:u64:32 flags:u32:40"),
    /** Limits the memory of the kernel's temporary arrays. */
    SET_TEMP_MEMORY_LIMIT("memory_limit", "limit:u32:16"),
    /** Attaches a mock device to something else. */
    MOCK_DOMAIN_REPLACE("mock_domain_replace", "pt_id:u32:16"),
    /** Moves an access to another IOAS. */
    ACCESS_REPLACE_IOAS("access_replace_ioas", "ioas_id:u32:16"),
    /** Makes a mock device with capabilities and attaches it. */
    MOCK_DOMAIN_FLAGS(
            "mock_domain_flags", "out_stdev_id:u32:16 out_hwpt_id:u32:20 out_idev_id:u32:24 dev_flags:u32:28"),
    /** Sets dirty bits as a device would. */
    DIRTY("dirty", "flags:u32:16 iova:u64:24 length:u64:32 page_size:u64:40 uptr:u64:48 " + "out_nr_dirty:u64:56"),
    /** Compares a cell of a pretended IOTLB. */
    MD_CHECK_IOTLB("check_iotlb", "iotlb_id:u32:16 iotlb:u32:20"),
    /** Makes a mock device fault. */
    TRIGGER_IOPF("trigger_iopf", "dev_id:u32:16 pasid:u32:20 grpid:u32:24 perm:u32:28 addr:u64:32"),
    /** Compares a cell of a pretended device cache. */
    DEV_CHECK_CACHE("check_dev_cache", "cache_id:u32:16 cache:u32:20"),
    /** Makes a mock device report an event. */
    TRIGGER_VEVENT("trigger_vevent", "dev_id:u32:16"),
    /** Attaches a PASID. */
    PASID_ATTACH("pasid_attach", "pasid:u32:16 pt_id:u32:20"),
    /** Attaches a PASID to something else. */
    PASID_REPLACE("pasid_replace", "pasid:u32:16 pt_id:u32:20"),
    /** Detaches a PASID. */
    PASID_DETACH("pasid_detach", "pasid:u32:16"),
    /** Compares what a PASID is attached to. */
    PASID_CHECK_HWPT("pasid_check", "pasid:u32:16 hwpt_id:u32:20"),
    /** Makes a dma-buf. */
    DMABUF_GET("dmabuf_get", "length:u32:16 open_flags:u32:20"),
    /** Takes the memory of a dma-buf away or gives it back. */
    DMABUF_REVOKE("dmabuf_revoke", "dmabuf_fd:s32:16 revoked:u32:20");

    /** The command number of IOMMU_TEST_CMD. */
    public static final int NUMBER = 0x3ba0;

    /** {@code struct iommu_test_cmd} without its union. */
    public static final StructLayout HEAD =
            StructLayout.of("iommu_test_cmd", 72, 68, "size:u32:0 op:u32:4 id:u32:8 __reserved:u32:12 last:u32:64");

    private final String member;
    private final String fields;

    TestOp(String member, String fields) {
        this.member = member;
        this.fields = fields;
    }

    /** The value of {@code op}. */
    public int number() {
        return ordinal() + 1;
    }

    /** As the header spells it, e.g. {@code IOMMU_TEST_OP_MOCK_DOMAIN}. */
    public String kernelName() {
        return "IOMMU_TEST_OP_" + name();
    }

    /** The structure with this operation's member of the union. */
    public StructLayout layout() {
        return HEAD.with(member, fields);
    }

    /** The operation of a value of {@code op}, if there is one. */
    public static Optional<TestOp> find(int number) {
        TestOp[] all = values();
        return number < 1 || number > all.length ? Optional.empty() : Optional.of(all[number - 1]);
    }
}

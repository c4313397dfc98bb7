package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptNested;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_MD_CHECK_IOTLB and IOMMU_TEST_OP_DEV_CHECK_CACHE: whether a pretended cache entry has a value. Errors in this
 * order: ENOENT (no nested HWPT, no device), EINVAL (no such entry, or another value).
 */
final class TestCheckCells extends SelftestFrame {
    private static final Program<TestCheckCells> IOTLB = iotlb();
    private static final Program<TestCheckCells> CACHE = cache();

    private final RefCell<HwptNested> hwpt = ref();
    private final RefCell<Idev> idev = ref();

    private TestCheckCells(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<TestCheckCells> iotlb() {
        Program.Builder<TestCheckCells> b = Program.named("iommufd_test_md_check_iotlb");
        get(b, "hwpt", f -> f.ucmd.id("id"), ObjectType.HWPT_NESTED, HwptNested.class, f -> f.hwpt, Errno.ENOENT);
        b.check(
                "the mock's own",
                Footprint.of(HwPagetable.DOMAIN),
                f -> f.hwpt.require().domain().get() instanceof MockNestedDomain,
                Errno.EINVAL);
        return b.check(
                        "value",
                        Footprint.of(MockNestedDomain.IOTLB, HwPagetable.DOMAIN),
                        TestCheckCells::iotlbMatches,
                        Errno.EINVAL)
                .build();
    }

    private static Program<TestCheckCells> cache() {
        Program.Builder<TestCheckCells> b = Program.named("iommufd_test_dev_check_cache");
        getDevice(b, "id", f -> f.idev);
        return b.check(
                        "value",
                        Footprint.of(MockMaster.CACHE, HostDevice.DEV_IOMMU, IommufdObject.LIFE),
                        TestCheckCells::cacheMatches,
                        Errno.EINVAL)
                .build();
    }

    /** An entry of a nested domain. */
    static Call<?> iotlb(Ucmd ucmd) {
        return new Call<>(IOTLB, new TestCheckCells(ucmd));
    }

    /** An entry of a device. */
    static Call<?> cache(Ucmd ucmd) {
        return new Call<>(CACHE, new TestCheckCells(ucmd));
    }

    private boolean iotlbMatches() {
        MockNestedDomain nested = (MockNestedDomain) hwpt.require().domain().require();
        long index = ucmd.id("iotlb_id");
        return index < MockNestedDomain.IOTLB_NUM && nested.iotlb((int) index) == ucmd.u32("iotlb");
    }

    private boolean cacheMatches() {
        MockMaster master = (MockMaster) idev.require().dev().master();
        long index = ucmd.id("cache_id");
        return index < MockMaster.CACHE_NUM && master.cache().get((int) index) == ucmd.u32("cache");
    }
}

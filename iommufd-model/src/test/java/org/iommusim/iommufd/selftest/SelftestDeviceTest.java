package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.TestOp;
import org.iommusim.iommufd.testkit.UserSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operations of IOMMU_TEST_CMD on mock devices and their HWPTs. */
class SelftestDeviceTest {
    private static final int NO_ID = 0x7ffffff0;
    private static final long IOVA = 0x2000000;

    private final MockSpace space = new MockSpace();

    @AfterEach
    void nothingIsLeftOver() {
        assertThat(space.rig.footprints.undeclared()).isEmpty();
        assertThat(space.rig.violations()).isEmpty();
        assertThat(space.close(space.user.fd)).isZero();
        assertThat(space.rig.ctx.released()).isTrue();
        assertThat(space.driver.devices().isEmpty()).isTrue();
    }

    @Test
    void aDeviceTakesThreeIdsInOrder() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        assertThat(space.out("out_stdev_id")).isEqualTo(ioas + 1);
        assertThat(space.out("out_idev_id")).isEqualTo(ioas + 2);
        assertThat(space.out("out_hwpt_id")).isEqualTo(ioas + 3);
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        assertThat(space.out("out_stdev_id")).isEqualTo(ioas + 4);
        assertThat(space.out("out_idev_id")).isEqualTo(ioas + 5);
        assertThat(space.out("out_hwpt_id")).isEqualTo(ioas + 3);
    }

    @Test
    void aDeviceThatCannotBeMadeLeavesNothing() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", NO_ID)).isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.MOCK_DOMAIN_FLAGS, "id", ioas, "dev_flags", 2))
                .isEqualTo(Errno.EINVAL);
        // Memory that is not there is missed only when it is pinned.
        assertThat(space.map(ioas, 0x7000_0000, 0x1000, IOVA)).isZero();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isEqualTo(Errno.EFAULT);
        assertThat(space.driver.devices().isEmpty()).isTrue();
        assertThat(space.ioas()).isEqualTo(ioas + 1);
        assertThat(space.rig.audit()).isEmpty();
    }

    @Test
    void destroyingTheDriverTakesTheDeviceAlong() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        int stdev = space.out("out_stdev_id");
        int dev = space.out("out_idev_id");
        assertThat(space.destroy(dev)).isEqualTo(Errno.EBUSY);
        assertThat(space.destroy(stdev)).isZero();
        assertThat(space.destroy(dev)).isEqualTo(Errno.ENOENT);
        assertThat(space.driver.devices().isEmpty()).isTrue();
        assertThat(space.rig.audit()).isEmpty();
    }

    @Test
    void replaceTellsTheNewAutomaticHwpt() {
        int first = space.ioas();
        int second = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", first)).isZero();
        int stdev = space.out("out_stdev_id");
        int hwpt = space.out("out_hwpt_id");
        assertThat(space.test(TestOp.MOCK_DOMAIN_REPLACE, "id", stdev, "pt_id", second))
                .isZero();
        assertThat(space.out("pt_id")).isEqualTo(hwpt + 1);
        assertThat(space.test(TestOp.MOCK_DOMAIN_REPLACE, "id", second, "pt_id", second))
                .isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.MOCK_DOMAIN_REPLACE, "id", stdev, "pt_id", NO_ID))
                .isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.MOCK_DOMAIN_REPLACE, "id", stdev, "pt_id", stdev))
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void mapsAndPinsAreCompared() {
        int ioas = space.ioas();
        assertThat(space.map(ioas, UserSpace.DATA, 0x2000, IOVA)).isZero();
        assertThat(refs(0)).isZero();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        int hwpt = space.out("out_hwpt_id");
        assertThat(refs(1)).isZero();
        assertThat(refs(0)).isEqualTo(Errno.EIO);
        assertThat(check(hwpt, IOVA, 0x2000, UserSpace.DATA)).isZero();
        assertThat(check(hwpt, IOVA + 0x800, 0x800, UserSpace.DATA + 0x800)).isZero();
        assertThat(check(hwpt, IOVA, 0x1000, UserSpace.DATA + 0x1000)).isEqualTo(Errno.EINVAL);
        assertThat(check(hwpt, IOVA, 0x400, UserSpace.DATA)).isEqualTo(Errno.EINVAL);
        assertThat(check(hwpt, IOVA, 0x1000, 0x7000_0000)).isEqualTo(Errno.EFAULT);
        assertThat(check(hwpt, IOVA, 0x1000, -0x800)).isEqualTo(Errno.EINVAL);
        assertThat(check(ioas, IOVA, 0x1000, UserSpace.DATA)).isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.MD_CHECK_REFS, "uptr", UserSpace.DATA + 1, "length", 0x1000))
                .isEqualTo(Errno.EINVAL);
        assertThat(space.test(TestOp.MD_CHECK_REFS, "uptr", 0x7000_0000, "length", 0x1000))
                .isEqualTo(Errno.EFAULT);
    }

    private int refs(int refs) {
        return space.test(TestOp.MD_CHECK_REFS, "uptr", UserSpace.DATA, "length", 0x2000, "refs", refs);
    }

    private int check(int hwpt, long iova, long length, long uptr) {
        return space.test(TestOp.MD_CHECK_MAP, "id", hwpt, "iova", iova, "length", length, "uptr", uptr);
    }

    @Test
    void reservedAddressesCannotBeMapped() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.ADD_RESERVED, "id", ioas)).isEqualTo(Errno.EINVAL);
        assertThat(space.test(TestOp.ADD_RESERVED, "id", ioas, "start", -1, "length", 2))
                .isEqualTo(Errno.EOVERFLOW);
        assertThat(space.test(TestOp.ADD_RESERVED, "id", NO_ID, "length", 2)).isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.ADD_RESERVED, "id", ioas, "start", IOVA, "length", 0x1000))
                .isZero();
        assertThat(space.map(ioas, UserSpace.DATA, 0x1000, IOVA)).isEqualTo(Errno.EINVAL);
        assertThat(space.map(ioas, UserSpace.DATA, 0x1000, IOVA + 0x1000)).isZero();
        assertThat(space.test(TestOp.ADD_RESERVED, "id", ioas, "start", IOVA + 0x1fff, "length", 1))
                .isEqualTo(Errno.EADDRINUSE);
    }

    @Test
    void deviceCachesBeginWithTheDefault() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        int stdev = space.out("out_stdev_id");
        int dev = space.out("out_idev_id");
        assertThat(space.test(TestOp.DEV_CHECK_CACHE, "id", dev, "cache_id", 3, "cache", 0xbaddad))
                .isZero();
        assertThat(space.test(TestOp.DEV_CHECK_CACHE, "id", dev, "cache_id", 3, "cache", 0))
                .isEqualTo(Errno.EINVAL);
        assertThat(space.test(TestOp.DEV_CHECK_CACHE, "id", dev, "cache_id", 4, "cache", 0xbaddad))
                .isEqualTo(Errno.EINVAL);
        assertThat(space.test(TestOp.DEV_CHECK_CACHE, "id", stdev, "cache", 0xbaddad))
                .isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.MD_CHECK_IOTLB, "id", space.out("id"))).isEqualTo(Errno.ENOENT);
    }

    @Test
    void anEventNeedsAViommu() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        int dev = space.out("out_idev_id");
        assertThat(space.test(TestOp.TRIGGER_VEVENT, "dev_id", dev)).isEqualTo(Errno.ENOENT);
        assertThat(space.test(TestOp.TRIGGER_VEVENT, "dev_id", NO_ID)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void dirtyBitsNeedTracking() {
        int ioas = space.ioas();
        assertThat(space.test(TestOp.MOCK_DOMAIN, "id", ioas)).isZero();
        int hwpt = space.out("out_hwpt_id");
        assertThat(dirty(hwpt, 0, UserSpace.DATA)).isEqualTo(Errno.EINVAL);
        assertThat(dirty(hwpt, 4096, 0)).isEqualTo(Errno.EINVAL);
        assertThat(dirty(ioas, 4096, UserSpace.DATA)).isEqualTo(Errno.ENOENT);
        assertThat(dirty(hwpt, 4096, UserSpace.DATA)).isEqualTo(Errno.EINVAL);
    }

    private int dirty(int hwpt, long pageSize, long uptr) {
        return space.test(
                TestOp.DIRTY, "id", hwpt, "iova", IOVA, "length", 0x3000, "page_size", pageSize, "uptr", uptr);
    }

    @Test
    void unknownOperationsAndSmallLimitsAreRefused() {
        space.user.put(
                TestOp.HEAD.writer().set("size", 68).set("op", 24).image().bytes());
        assertThat(space.user.ioctl(TestOp.NUMBER, UserSpace.STRUCT)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(space.test(TestOp.SET_TEMP_MEMORY_LIMIT, "limit", 11)).isEqualTo(Errno.EINVAL);
        assertThat(space.test(TestOp.SET_TEMP_MEMORY_LIMIT, "limit", 12)).isZero();
        assertThat(space.ioctl(IommufdIoctl.IOAS_ALLOC)).isZero();
    }
}

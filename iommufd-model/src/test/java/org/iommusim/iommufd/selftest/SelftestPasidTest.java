package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.TestOp;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.UserSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PASIDs and page faults of mock devices, through IOMMU_TEST_CMD and the descriptor of a fault queue. */
class SelftestPasidTest {
    private static final int NO_ID = 0x7ffffff0;
    private static final int FAULT_BYTES = 40;

    private final MockSpace space = new MockSpace();
    private final int ioas = space.ioas();
    private int stdev;
    private int dev;

    @AfterEach
    void nothingIsLeftOver() {
        assertThat(space.rig.footprints.undeclared()).isEmpty();
        assertThat(space.rig.violations()).isEmpty();
        assertThat(space.close(space.user.fd)).isZero();
    }

    private void device(int flags) {
        assertThat(space.test(TestOp.MOCK_DOMAIN_FLAGS, "id", ioas, "dev_flags", flags))
                .isZero();
        stdev = space.out("out_stdev_id");
        dev = space.out("out_idev_id");
    }

    private int hwpt(int flags, int fault) {
        assertThat(space.ioctl(
                        IommufdIoctl.HWPT_ALLOC, "dev_id", dev, "pt_id", ioas, "flags", flags, "fault_id", fault))
                .isZero();
        return space.out("out_hwpt_id");
    }

    private int pasid(TestOp op, int pasid, int pt) {
        return space.test(op, "id", stdev, "pasid", pasid, "pt_id", pt);
    }

    private int check(int pasid, int hwpt) {
        return space.test(TestOp.PASID_CHECK_HWPT, "id", stdev, "pasid", pasid, "hwpt_id", hwpt);
    }

    private int detach(int pasid) {
        return space.test(TestOp.PASID_DETACH, "id", stdev, "pasid", pasid);
    }

    private void replace(int hwpt) {
        assertThat(space.test(TestOp.MOCK_DOMAIN_REPLACE, "id", stdev, "pt_id", hwpt))
                .isZero();
    }

    @Test
    void aPasidIsAttachedMovedAndDetached() {
        device(MockMaster.PASID);
        int first = hwpt(HwptPagingAlloc.PASID, 0);
        int second = hwpt(HwptPagingAlloc.PASID, 0);
        assertThat(pasid(TestOp.PASID_ATTACH, 100, first)).isEqualTo(Errno.EINVAL);
        replace(first);
        assertThat(pasid(TestOp.PASID_ATTACH, 100, first)).isZero();
        assertThat(space.out("pt_id")).isEqualTo(first);
        assertThat(check(100, first)).isZero();
        assertThat(check(100, second)).isEqualTo(Errno.EINVAL);
        assertThat(check(100, 0)).isEqualTo(Errno.EINVAL);
        assertThat(check(100, ioas)).isEqualTo(Errno.EINVAL);
        assertThat(check(100, NO_ID)).isEqualTo(Errno.ENOENT);
        assertThat(pasid(TestOp.PASID_REPLACE, 100, second)).isZero();
        assertThat(check(100, second)).isZero();
        assertThat(detach(100)).isZero();
        assertThat(detach(100)).isZero();
        assertThat(check(100, 0)).isZero();
        stdev = NO_ID;
        assertThat(pasid(TestOp.PASID_ATTACH, 1, first)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void pasid1024FailsEverySecondTimeAndRollsBack() {
        device(MockMaster.PASID);
        int first = hwpt(HwptPagingAlloc.PASID, 0);
        int second = hwpt(HwptPagingAlloc.PASID, 0);
        replace(first);
        assertThat(pasid(TestOp.PASID_ATTACH, 1024, first)).isZero();
        assertThat(pasid(TestOp.PASID_REPLACE, 1024, second)).isEqualTo(Errno.ENOMEM);
        assertThat(check(1024, first)).isZero();
        assertThat(pasid(TestOp.PASID_REPLACE, 1024, second)).isZero();
        assertThat(detach(1024)).isZero();
    }

    @Test
    void aDeviceWithoutPasidsTakesNone() {
        device(0);
        int first = hwpt(HwptPagingAlloc.PASID, 0);
        replace(first);
        assertThat(pasid(TestOp.PASID_ATTACH, 1, first)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void aPageRequestReachesTheQueueOfWhatIsAttached() {
        device(MockMaster.PASID);
        assertThat(space.ioctl(IommufdIoctl.FAULT_QUEUE_ALLOC)).isZero();
        int fault = space.out("out_fault_id");
        int fd = space.out("out_fault_fd");
        int plain = hwpt(HwptPagingAlloc.PASID, 0);
        int faulting = hwpt(HwptPagingAlloc.PASID | HwptPagingAlloc.FAULT_ID_VALID, fault);
        replace(plain);
        assertThat(pasid(TestOp.PASID_ATTACH, 9, faulting)).isZero();
        for (int pasid : new int[] {9, 8, 0}) {
            assertThat(space.test(TestOp.TRIGGER_IOPF, "dev_id", dev, "pasid", pasid, "grpid", pasid, "perm", 1))
                    .isZero();
        }
        assertThat(space.test(TestOp.TRIGGER_IOPF, "dev_id", NO_ID)).isEqualTo(Errno.ENOENT);
        var read = SystemCall.read(space.user.caller, fd, UserSpace.DATA, 3L * FAULT_BYTES);
        assertThat(space.rig.run(read)).isZero();
        assertThat(read.frame().result()).isEqualTo(FAULT_BYTES);
        assertThat(detach(9)).isZero();
        assertThat(space.close(fd)).isZero();
    }
}

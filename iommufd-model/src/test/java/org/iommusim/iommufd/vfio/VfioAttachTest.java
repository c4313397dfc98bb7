package org.iommusim.iommufd.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VfioAttachTest {
    private static final int RID = DeviceAttach.NO_PASID;

    private final Rig rig = new Rig();
    private final VfioFile file = rig.open(rig.plug("net0", 0x100));
    private final int dev = rig.bind(file);
    private final int ioas = rig.ioasAlloc();
    private final int first = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.PASID, 0);
    private final int second = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.PASID, 0);
    private final Idev idev = Objects.requireNonNull(file.idev());

    VfioAttachTest() {
        rig.driver.maxPasids(1 << 20);
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int attach(int pasid, int pt) {
        return rig.run(VfioAttach.attach(file, pasid, pt, false));
    }

    /** Attaches, and the answer cannot be copied to user memory. */
    private int refused(int pasid, int pt) {
        return rig.run(VfioAttach.attach(file, pasid, pt, true));
    }

    private int detach(int pasid) {
        return rig.run(VfioAttach.detach(file, pasid));
    }

    @Test
    void shouldAttachReplaceAndDetachAPasidBesideTheDevice() {
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(5, first)).isZero();
        assertThat(attach(5, second)).isZero();
        assertThat(idev.attachedTo(5)).hasToString("vmm.iommufd HWPT_PAGING " + second);
        assertThat(idev.attachedTo(RID)).hasToString("vmm.iommufd HWPT_PAGING " + first);
        assertThat(detach(5)).isZero();
        assertThat(detach(5)).isZero();
        assertThat(idev.attachedTo(5)).isNull();
        assertThat(idev.attachedTo(RID)).isNotNull();
    }

    @Test
    void shouldNotRememberAPasidThatCouldNotBeAttached() {
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(5, ioas)).isEqualTo(Errno.EINVAL);
        assertThat(file.attached(5)).isFalse();
        assertThat(attach(5, first)).isZero();
    }

    @Test
    void shouldDetachEveryPasidWhenTheFileIsClosed() {
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(9, second)).isZero();
        assertThat(attach(5, second)).isZero();
        assertThat(file.firstPasid()).isEqualTo(5);
        rig.close(file);
        assertThat(rig.destroy(first)).isZero();
        assertThat(rig.destroy(second)).isZero();
    }

    @Test
    void shouldDetachTheDeviceWhenTheAnswerCannotBeCopied() {
        assertThat(refused(RID, first)).isEqualTo(Errno.EFAULT);
        assertThat(idev.attachedTo(RID)).isNull();
        assertThat(attach(RID, first)).isZero();
    }

    /** C42: the wrong one of the two. */
    @Test
    void shouldDetachTheDeviceAndKeepThePasidWhenTheAnswerOfAPasidCannotBeCopied() {
        assertThat(attach(RID, first)).isZero();
        assertThat(refused(5, second)).isEqualTo(Errno.EFAULT);
        assertThat(idev.attachedTo(RID)).isNull();
        assertThat(idev.attachedTo(5)).hasToString("vmm.iommufd HWPT_PAGING " + second);
    }

    /** Nobody goes back to what was attached before. */
    @Test
    void shouldDetachTheDeviceWhenTheAnswerOfAReplaceCannotBeCopied() {
        assertThat(attach(RID, first)).isZero();
        assertThat(refused(RID, second)).isEqualTo(Errno.EFAULT);
        assertThat(idev.attachedTo(RID)).isNull();
    }
}

package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PASIDs of a device beside the device itself. */
class PasidTest {
    private static final int RID = DeviceAttach.NO_PASID;

    private final Rig rig = new Rig();
    private final VfioFile file = rig.open(rig.plug("net0", 0x100));
    private final int dev = rig.bind(file);
    private final int ioas = rig.ioasAlloc();
    private final int first = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.PASID, 0);
    private final int second = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.PASID, 0);
    private final int plain = rig.hwptAlloc(dev, ioas, false);
    private final Idev idev = (Idev) rig.ctx.objects().live().get(0);

    PasidTest() {
        rig.driver.maxPasids(1 << 20);
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int attach(int pasid, int pt) {
        return rig.run(DeviceAttach.attach(idev, pasid, pt));
    }

    private int replace(int pasid, int pt) {
        return rig.run(DeviceAttach.replace(idev, pasid, pt));
    }

    private int detach(int pasid) {
        return rig.run(DeviceAttach.detach(idev, pasid));
    }

    @Test
    void shouldAttachReplaceAndDetachAPasid() {
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(100, first)).isZero();
        assertThat(rig.driver.pasidDomain(0, 100)).isNotNull();
        assertThat(replace(100, second)).isZero();
        assertThat(idev.attachedTo(100)).hasToString("vmm.iommufd HWPT_PAGING " + second);
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.destroy(second)).isEqualTo(Errno.EBUSY);
        assertThat(detach(100)).isZero();
        assertThat(detach(100)).isZero();
        assertThat(rig.driver.pasidDomain(0, 100)).extracting(IommuDomain::type).isEqualTo(IommuDomain.Type.BLOCKED);
        assertThat(rig.destroy(second)).isZero();
        assertThat(detach(RID)).isZero();
    }

    @Test
    void shouldWantThePasidFlagOnBothHwpts() {
        assertThat(attach(RID, plain)).isZero();
        assertThat(attach(7, first)).isEqualTo(Errno.EINVAL);
        assertThat(replace(RID, first)).isZero();
        assertThat(attach(7, plain)).isEqualTo(Errno.EINVAL);
        assertThat(attach(7, ioas)).isEqualTo(Errno.EINVAL);
        assertThat(attach(7, second)).isZero();
        // While a PASID is attached the device may only move between HWPTs with the flag.
        assertThat(replace(RID, plain)).isEqualTo(Errno.EINVAL);
        assertThat(replace(RID, second)).isZero();
        assertThat(replace(7, plain)).isEqualTo(Errno.EINVAL);
        assertThat(detach(7)).isZero();
        assertThat(replace(RID, plain)).isZero();
        assertThat(detach(RID)).isZero();
    }

    @Test
    void shouldAnswerForWhatIsNotAttachedOrOutOfRange() {
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(RID, first)).isEqualTo(Errno.EBUSY);
        assertThat(attach(5, first)).isZero();
        assertThat(attach(5, second)).isEqualTo(Errno.EBUSY);
        assertThat(replace(6, first)).isEqualTo(Errno.EINVAL);
        assertThat(attach(1 << 20, first)).isEqualTo(Errno.EINVAL);
        assertThat(attach((1 << 20) - 1, first)).isZero();
        assertThat(attach(8, 99)).isEqualTo(Errno.ENOENT);
        assertThat(attach(8, dev)).isEqualTo(Errno.EINVAL);
        assertThat(detach((1 << 20) - 1)).isZero();
        assertThat(detach(5)).isZero();
        assertThat(detach(RID)).isZero();
    }

    @Test
    void shouldRefuseAPasidToADeviceWithout() {
        rig.driver.maxPasids(0);
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(5, first)).isEqualTo(Errno.EINVAL);
        assertThat(detach(RID)).isZero();
    }

    @Test
    void shouldKeepTheOldDomainIfTheDriverCannotReplaceIt() {
        assertThat(attach(RID, first)).isZero();
        assertThat(attach(9, first)).isZero();
        IommuDomain before = rig.driver.pasidDomain(0, 9);
        rig.driver.fail("set_dev_pasid", Errno.ENOMEM);
        assertThat(replace(9, second)).isEqualTo(Errno.ENOMEM);
        assertThat(attach(10, second)).isEqualTo(Errno.ENOMEM);
        rig.driver.fail("set_dev_pasid", 0);
        assertThat(rig.driver.pasidDomain(0, 9)).isSameAs(before);
        assertThat(idev.attachedTo(10)).isNull();
        assertThat(attach(10, second)).isZero();
        assertThat(detach(10)).isZero();
        assertThat(detach(9)).isZero();
        assertThat(detach(RID)).isZero();
    }

    @Test
    void shouldUndoWhenMemoryRunsOut() {
        for (String step : new String[] {
            "iommufd_hwpt_attach_device: kzalloc handle",
            "iommufd_hw_pagetable_attach: kzalloc attach",
            "iommu_replace_group_handle: xa_reserve"
        }) {
            String[] where = step.split(": ");
            rig.inject(where[0], where[1], Errno.ENOMEM);
            boolean replaces = where[0].equals("iommu_replace_group_handle");
            assertThat(attach(RID, first)).as(step).isEqualTo(replaces ? 0 : Errno.ENOMEM);
            assertThat(replace(RID, second)).as(step).isEqualTo(replaces ? Errno.ENOMEM : Errno.EINVAL);
            assertThat(rig.audit()).as(step).isEmpty();
            rig.inject(where[0], where[1], 0);
        }
        assertThat(detach(RID)).isZero();
    }

    @Test
    void shouldTellWhichAutomaticHwptWasAttached() {
        var call = DeviceAttach.attach(idev, RID, ioas);
        assertThat(rig.run(call)).isZero();
        assertThat(rig.ctx.objects().load(call.frame().ptId())).isSameAs(idev.attachedTo(RID));
        assertThat(detach(RID)).isZero();
        assertThat(rig.ctx.objects().load(call.frame().ptId())).isNull();
    }
}

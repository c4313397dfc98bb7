package org.iommusim.iommufd.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;

class SpuriousBusyTest {
    @Test
    void shouldReportADestroyThatMeetsTheMomentInWhichUnbindHoldsTheVdevice() {
        CheckedMachine m = new CheckedMachine("linux-7.3", SpuriousBusy::new);
        int vdev = m.vdevice();
        m.hand.until(m.unbind(), "iommufd_device_pre_destroy: iommufd_object_tombstone_user");

        assertThat(m.finish(m.destroy(vdev))).isEqualTo("EBUSY");

        assertThat(m.finding())
                .isEqualTo("IOMMU_DESTROY of vmm.iommufd VDEVICE 5 answers EBUSY, but what holds its 2 users is nothing"
                        + " that user space can see: nothing that lasts");
        assertThat(m.found().get(0).scene()).anyMatch(p -> p.in("iommufd_device_pre_destroy"));
    }

    @Test
    void shouldReportAnIoasThatOnlyAForgottenAutomaticPageTableHolds() {
        CheckedMachine m = new CheckedMachine("linux-7.3", SpuriousBusy::new);
        int ioas = m.rig.ioasAlloc();
        assertThat(m.rig.attach(m.file, ioas)).isZero();
        m.rig.ctx.objects().live().stream()
                .filter(object -> object instanceof HwptPaging hwpt && hwpt.autoDomain())
                .forEach(automatic -> automatic.usersInc("an attach that will fail"));
        assertThat(m.rig.run(Vfio.detach(m.file))).isZero();

        assertThat(m.rig.destroy(ioas)).isEqualTo(Errno.EBUSY);

        assertThat(m.finding()).endsWith(": an automatic page table that nobody uses");
    }

    @Test
    void shouldAllowEbusyOfWhatHasAChildOrADevice() {
        CheckedMachine m = new CheckedMachine("linux-7.3", SpuriousBusy::new);
        m.vdevice();
        assertThat(m.finish(m.destroy(m.viommu))).isEqualTo("EBUSY");
        assertThat(m.finish(m.destroy(m.dev))).isEqualTo("EBUSY");
        assertThat(m.rig.attach(m.file, m.ioas)).isZero();
        assertThat(m.finish(m.destroy(m.ioas))).isEqualTo("EBUSY");
        assertThat(m.found()).isEmpty();
    }

    @Test
    void shouldAllowEbusyWhileAnotherIoctlHasTheObject() {
        CheckedMachine m = new CheckedMachine("linux-7.3", SpuriousBusy::new);
        Task info = m.start(m.rig.ioctl(GetHwInfo.call(m.rig.ctx, m.viommu)));
        m.hand.asFarAsPossible(info);
        Task alloc = m.alloc(m.dev, CheckedMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: igroup->lock");
        assertThat(m.finish(m.destroy(m.viommu))).isEqualTo("EBUSY");
        assertThat(m.found()).isEmpty();
    }
}

package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.testkit.DrivenMachine;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The races for which released kernels are known, and one that all have, one order of steps each. */
class MainlineRacesTest {
    private static final String DESTROY_LOCKS = "iommufd_vdevice_destroy: igroup->lock";
    private static final String UNLINKED = "iommufd_object_remove: destroy";

    // ---- all

    @ParameterizedTest
    @CsvSource({
        "v5-posted",
        "v5-review",
        "zombie",
        "linux-6.13",
        "rfc1-auto-destroy",
        "xu-v2",
        "xu-v3",
        "linux-6.17",
        "linux-7.3"
    })
    void d7ShouldFailToUnbindWhileAnIoctlHoldsTheDeviceTooLong(String kernel) {
        DrivenMachine m = new DrivenMachine(kernel);
        Task ioctl = m.start(m.rig.ioctl(GetHwInfo.call(m.rig.ctx, m.dev)));
        m.hand.until(ioctl, "IOMMU_GET_HW_INFO: iommufd_ucmd_respond");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();

        assertThat(m.hand.timeOut(unbind)).isTrue();

        m.warns("cannot be destroyed: EBUSY");
        m.finish(ioctl);
        assertThat(m.idevIsLeft()).isTrue();
    }

    // ---- v5-review, linux-6.13

    @ParameterizedTest
    @CsvSource({"v5-review", "linux-6.13"})
    void shouldUnbindWithoutALookAtTheVdevice(String kernel) {
        DrivenMachine m = new DrivenMachine(kernel);
        int vdev = m.vdevice();
        Task destroy = m.destroy(vdev);
        m.hand.until(destroy, UNLINKED);

        m.finish(m.unbind());
        m.finish(destroy);

        assertThat(m.answer(destroy)).isEqualTo("OK");
        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"v5-review", "linux-6.13"})
    void shouldWaitForAnAllocationThatHasFoundTheDeviceAlready(String kernel) {
        DrivenMachine m = new DrivenMachine(kernel);
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: iommufd_object_alloc");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        m.finish(alloc);

        assertThat(m.hand.timeOut(unbind)).isTrue();

        assertThat(m.idevIsLeft()).isFalse();
        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }

    // ---- linux-6.17, linux-7.3

    @ParameterizedTest
    @CsvSource({"linux-6.17", "linux-7.3"})
    void d2ShouldAnswerEbusyWhileUnbindHoldsTheVdevice(String kernel) {
        DrivenMachine m = new DrivenMachine(kernel);
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_pre_destroy: iommufd_object_tombstone_user");

        Task destroy = m.destroy(vdev);
        m.finish(destroy);

        assertThat(m.answer(destroy)).isEqualTo("EBUSY");
        m.finish(unbind);
        assertThat(m.rig.destroy(vdev)).isEqualTo(Errno.ENOENT);
        assertThat(m.rig.violations()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"linux-6.17, true", "linux-7.3, false"})
    void d3ShouldTakeTheNextOwnerOfTheIdForItsVdevice(String kernel, boolean warns) {
        DrivenMachine m = new DrivenMachine(kernel);
        int other = m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108)));
        int vdev = m.vdevice();
        Task destroy = m.destroy(vdev);
        m.hand.until(destroy, DESTROY_LOCKS);
        Task alloc = m.alloc(other, DrivenMachine.VIRT_ID + 1);
        m.finish(alloc);
        assertThat(m.rig.ctx.objects().load(vdev)).isNotNull();

        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        m.finish(destroy);
        assertThat(m.hand.timeOut(unbind)).isTrue();

        assertThat(m.rig.violations().stream().anyMatch(v -> v.contains("leads to another object")))
                .isEqualTo(warns);
        assertThat(m.rig.ctx.objects().load(vdev)).isNotNull();
        assertThat(m.rig.audit()).isEmpty();
    }

    @Test
    void d4ShouldLeaveTheGroupLockedWhenTheDriversSizeIsWrong() {
        DrivenMachine m = new DrivenMachine("linux-6.17");
        m.rig.inject("IOMMU_VDEVICE_ALLOC", "vdevice_size", Errno.EOPNOTSUPP);
        assertThat(m.rig.vdeviceAlloc(m.viommu, m.dev, DrivenMachine.VIRT_ID)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(m.rig.audit()).isEmpty();
        m.rig.inject("IOMMU_VDEVICE_ALLOC", "vdevice_size", 0);

        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);

        assertThat(m.hand.asFarAsPossible(alloc)).isFalse();
        assertThat(alloc.waitingFor()).isEqualTo("lock igroup->lock");
    }

    @ParameterizedTest
    @CsvSource({"linux-6.17, 0", "linux-7.3, -5"})
    void d5ShouldShowAVdeviceToAnInvalidationBeforeTheDriverHasInitialisedIt(String kernel, int answer) {
        DrivenMachine m = new DrivenMachine(kernel);
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: vdevice_init");

        Task invalidate = m.start(m.rig.ioctl(HwptInvalidate.call(
                m.rig.ctx,
                m.viommu,
                UserData.ofWords(1, new long[] {DrivenMachine.VIRT_ID}).array(8))));
        m.finish(invalidate);

        assertThat(m.answer(invalidate)).isEqualTo(Errno.name(answer));
    }

    @ParameterizedTest
    @CsvSource({"linux-6.17", "linux-7.3"})
    void shouldRefuseAnAllocationThatComesAfterUnbindHasTheLock(String kernel) {
        DrivenMachine m = new DrivenMachine(kernel);
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: igroup->lock");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();

        m.finish(alloc);

        assertThat(m.answer(alloc)).isEqualTo("ENOENT");
        assertThat(m.hand.timeOut(unbind)).isTrue();
        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }
}

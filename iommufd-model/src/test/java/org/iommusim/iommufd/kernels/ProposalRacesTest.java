package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.IoasAlloc;
import org.iommusim.iommufd.testkit.DrivenMachine;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The races for which proposed kernels are known, one order of steps each. */
class ProposalRacesTest {
    private static final String DESTROY_LOCKS = "iommufd_vdevice_destroy: igroup->lock";

    // ---- v5-posted

    @Test
    void a3ShouldRemoveSomebodyElsesObjectWhoseIdWasTheVdevices() {
        DrivenMachine m = new DrivenMachine("v5-posted");
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: iommufd_object_remove vdev");
        m.finish(m.destroy(vdev));
        Task third = m.start(m.rig.ioctl(IoasAlloc.call(m.rig.ctx)));
        m.finish(third);
        assertThat(m.rig.ctx.objects().load(vdev)).isNotNull();

        m.finish(unbind);

        assertThat(m.rig.ctx.objects().load(vdev)).isNull();
        assertThat(m.rig.violations()).isEmpty();
    }

    @Test
    void a4ShouldFailToUnbindWhenAnAllocationHasFoundTheDeviceAlready() {
        DrivenMachine m = new DrivenMachine("v5-posted");
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: igroup->lock");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        m.finish(alloc);
        assertThat(m.answer(alloc)).isEqualTo("OK");

        m.hand.timeOut(unbind);

        m.warns("cannot be destroyed: EBUSY");
        assertThat(m.idevIsLeft()).isTrue();
    }

    @Test
    void a5ShouldFailToUnbindWhileALookUpOfAnyTypeHoldsTheVdevice() {
        DrivenMachine m = new DrivenMachine("v5-posted");
        int vdev = m.vdevice();
        Task lookUp = m.start(m.rig.ioctl(HwptInvalidate.call(
                m.rig.ctx,
                vdev,
                UserData.ofWords(1, new long[] {DrivenMachine.VIRT_ID}).array(8))));
        m.hand.until(lookUp, "iommufd_hwpt_invalidate checked: something to invalidate");

        Task unbind = m.unbind();
        m.finish(unbind);

        m.warns("cannot be destroyed: EBUSY");
        m.finish(lookUp);
        assertThat(m.answer(lookUp)).isEqualTo("EINVAL");
        assertThat(m.idevIsLeft()).isTrue();
    }

    @Test
    void a6ShouldFailToUnbindWhileADestroyIsOnItsWay() {
        DrivenMachine m = new DrivenMachine("v5-posted");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);

        m.finish(m.unbind());

        m.warns("cannot be destroyed: EBUSY");
        m.finish(destroy);
        assertThat(m.idevIsLeft()).isTrue();
        assertThat(m.rig.ctx.released()).isFalse();
    }

    @Test
    void a7ShouldFreeTheDeviceUnderTheFeetOfADestroy() {
        DrivenMachine m = new DrivenMachine("v5-posted");
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: iommufd_object_remove vdev");
        Task destroy = m.destroy(vdev);
        m.hand.until(destroy, "iommufd_vdevice_abort: idev->vdev = NULL");

        m.finish(unbind);
        assertThat(m.idevIsLeft()).isFalse();
        m.finish(destroy);

        m.usesAfterFree("idev->vdev touches");
        m.usesAfterFree("idev->igroup touches");
        m.usesAfterFree("releases igroup->lock");
    }

    /** A machine whose unbind has failed; the destroy that was in its way is through. */
    private static DrivenMachine withFailedUnbind() {
        DrivenMachine m = new DrivenMachine("v5-posted");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);
        m.finish(m.unbind());
        m.finish(destroy);
        m.warns("cannot be destroyed: EBUSY");
        return m;
    }

    @Test
    void a9ShouldNeverReleaseAContextWhoseDeviceCouldNotBeUnbound() {
        DrivenMachine m = withFailedUnbind();

        m.rig.closeContext();

        assertThat(m.rig.ctx.released()).isFalse();
        assertThat(m.rig.ctx.fileReferences()).isEqualTo(1);
    }

    @Test
    void a9ShouldLetUserSpaceDestroyADeviceThatCouldNotBeUnbound() {
        DrivenMachine m = withFailedUnbind();

        assertThat(m.rig.destroy(m.dev)).isZero();
        m.rig.closeContext();

        assertThat(m.rig.ctx.released()).isTrue();
    }

    @Test
    void d10ShouldTouchARemovedDeviceThatCouldNotBeUnbound() {
        DrivenMachine m = withFailedUnbind();
        assertThat(m.rig.run(Hotplug.unplug(m.slot))).isZero();

        m.rig.destroy(m.dev);

        m.usesAfterFree("is used after iommu_release_device");
    }

    @ParameterizedTest
    @CsvSource({
        "v5-posted, igroup->lock",
        "rfc1-auto-destroy, idev->lock",
        "linux-6.17, igroup->lock",
        "linux-7.3, igroup->lock"
    })
    void a10ShouldBlockUnbindBehindACopyToUserMemory(String kernel, String lock) {
        DrivenMachine m = new DrivenMachine(kernel);
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: iommufd_ucmd_respond");

        Task unbind = m.unbind();

        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        assertThat(unbind.waitingFor()).isEqualTo("lock " + lock);
    }

    // ---- rfc1-auto-destroy

    @Test
    void shouldKeepTheLockOfADeviceWhoseUnbindFailed() {
        DrivenMachine m = new DrivenMachine("rfc1-auto-destroy");
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: idev->lock");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        assertThat(m.hand.asFarAsPossible(alloc)).isFalse();

        assertThat(m.hand.timeOut(unbind)).isTrue();

        m.warns("cannot be destroyed: EBUSY");
        assertThat(m.hand.asFarAsPossible(alloc)).isFalse();
        assertThat(alloc.waitingFor()).isEqualTo("lock idev->lock");
    }

    @Test
    void shouldDestroyAVdeviceThatDoesNotPointToItsDeviceYet() {
        DrivenMachine m = new DrivenMachine("rfc1-auto-destroy");
        Task alloc = m.alloc(m.dev, DrivenMachine.VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: idev users++");
        int vdev = m.rig.ctx
                .objects()
                .live()
                .get(m.rig.ctx.objects().live().size() - 1)
                .id();

        m.finish(m.destroy(vdev));
        m.warns("is NULL: a null pointer follows");
        m.finish(alloc);

        m.usesAfterFree("touches");
    }

    // ---- xu-v2, xu-v3

    @Test
    void shouldFreeTheDeviceBeforeTheDestroyHasReleasedItsLock() {
        DrivenMachine m = new DrivenMachine("xu-v2");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_remove_vdev: wait until idev->vdev is NULL");
        m.hand.until(destroy, "iommufd_vdevice_destroy: load vdev->idev->igroup");

        m.finish(unbind);
        m.finish(destroy);

        m.usesAfterFree("idev->igroup touches");
        m.usesAfterFree("releases igroup->lock");
    }

    @Test
    void shouldNotHearOfTheDestroyForWhichItWaits() {
        DrivenMachine m = new DrivenMachine("xu-v2");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();

        m.finish(destroy);
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        assertThat(m.hand.timeOut(unbind)).isTrue();

        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }

    @Test
    void shouldGiveUpWaitingAndFreeTheDeviceOfADestroyInProgress() {
        DrivenMachine m = new DrivenMachine("xu-v2");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();

        assertThat(m.hand.timeOut(unbind)).isTrue();
        assertThat(m.rig.violations()).isEmpty();
        m.finish(destroy);

        m.usesAfterFree("idev->igroup touches");
    }

    @Test
    void shouldLeaveTheDestroyBehindWithoutItsDevice() {
        DrivenMachine m = new DrivenMachine("xu-v3");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);

        m.finish(m.unbind());
        assertThat(m.rig.violations()).isEmpty();
        m.finish(destroy);

        m.usesAfterFree("idev->igroup");
        m.usesAfterFree("takes igroup->lock");
    }

    // ---- zombie

    @Test
    void shouldReachForAVdeviceThatUserSpaceHasDestroyed() {
        DrivenMachine m = new DrivenMachine("zombie");
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: load vdev->viommu");
        m.finish(m.destroy(vdev));

        m.finish(unbind);

        m.usesAfterFree("vdev->viommu touches");
    }

    @Test
    void shouldLoseNothingIfBothLinksAreCutInOneGo() {
        DrivenMachine m = new DrivenMachine("zombie");
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: iommufd_object_destroy_user");
        m.finish(m.destroy(vdev));
        m.finish(unbind);

        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }
}

package org.iommusim.iommufd.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.IoasAlloc;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.testkit.ByHand;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The races for which each kernel is known, one order of steps each. */
class InterleavingTest {
    private static final long VIRT_ID = 8;
    private static final String UNLINKED = "iommufd_object_remove: destroy";
    private static final String DESTROY_LOCKS = "iommufd_vdevice_destroy: igroup->lock";

    /** A machine of one kernel whose tasks are driven by hand. */
    private static final class Machine {
        final ByHand hand = new ByHand();
        final Rig rig;
        final PciSlot slot;
        final VfioFile file;
        final int dev;
        final int parent;
        final int viommu;
        private final Map<Task, Integer> answers = new LinkedHashMap<>();

        Machine(String kernel) {
            rig = new Rig(hand, Kernels.find(kernel).orElseThrow());
            hand.drive(rig.simulation.scheduler());
            slot = rig.slot("net0", 0x100, rig.driver);
            assertThat(rig.run(Hotplug.plug(slot))).isZero();
            file = rig.open(Rig.device(slot));
            dev = rig.bind(file);
            parent = rig.hwptAlloc(dev, rig.ioasAlloc(), true);
            viommu = rig.viommuAlloc(dev, parent);
        }

        int vdevice() {
            int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);
            assertThat(vdev).isPositive();
            return vdev;
        }

        Task start(Call<?> call) {
            Task[] task = new Task[1];
            task[0] = rig.start(call, errno -> answers.put(task[0], errno));
            return task[0];
        }

        Task alloc(int dev, long virtId) {
            return start(rig.ioctl(VdeviceAlloc.call(rig.ctx, viommu, dev, virtId)));
        }

        Task destroy(int id) {
            return start(rig.ioctl(ObjectPrograms.destroy(rig.ctx, id)));
        }

        Task unbind() {
            rig.closed();
            return start(Vfio.close(file));
        }

        String answer(Task task) {
            assertThat(task.idle()).as("%s at %s", task, task.position()).isTrue();
            Integer errno = answers.get(task);
            return errno == null ? "none" : Errno.name(errno);
        }

        /** Runs a task to its end. */
        void finish(Task task) {
            assertThat(hand.asFarAsPossible(task))
                    .as("%s at %s waits for %s", task, task.position(), task.waitingFor())
                    .isTrue();
        }

        void warns(String what) {
            assertThat(rig.violations()).anyMatch(v -> v.startsWith("WARN: ") && v.contains(what));
        }

        void usesAfterFree(String what) {
            assertThat(rig.violations()).anyMatch(v -> v.startsWith("use-after-free: ") && v.contains(what));
        }

        boolean idevIsLeft() {
            return rig.ctx.objects().load(dev) != null;
        }
    }

    // ---- v5-posted

    @Test
    void a3ShouldRemoveSomebodyElsesObjectWhoseIdWasTheVdevices() {
        Machine m = new Machine("v5-posted");
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
        Machine m = new Machine("v5-posted");
        Task alloc = m.alloc(m.dev, VIRT_ID);
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
        Machine m = new Machine("v5-posted");
        int vdev = m.vdevice();
        Task lookUp = m.start(m.rig.ioctl(HwptInvalidate.call(
                m.rig.ctx, vdev, UserData.ofWords(1, new long[] {VIRT_ID}).array(8))));
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
        Machine m = new Machine("v5-posted");
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
        Machine m = new Machine("v5-posted");
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
    private static Machine withFailedUnbind() {
        Machine m = new Machine("v5-posted");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);
        m.finish(m.unbind());
        m.finish(destroy);
        m.warns("cannot be destroyed: EBUSY");
        return m;
    }

    @Test
    void a9ShouldNeverReleaseAContextWhoseDeviceCouldNotBeUnbound() {
        Machine m = withFailedUnbind();

        m.rig.closeContext();

        assertThat(m.rig.ctx.released()).isFalse();
        assertThat(m.rig.ctx.fileReferences()).isEqualTo(1);
    }

    @Test
    void a9ShouldLetUserSpaceDestroyADeviceThatCouldNotBeUnbound() {
        Machine m = withFailedUnbind();

        assertThat(m.rig.destroy(m.dev)).isZero();
        m.rig.closeContext();

        assertThat(m.rig.ctx.released()).isTrue();
    }

    @Test
    void d10ShouldTouchARemovedDeviceThatCouldNotBeUnbound() {
        Machine m = withFailedUnbind();
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
        Machine m = new Machine(kernel);
        Task alloc = m.alloc(m.dev, VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: iommufd_ucmd_respond");

        Task unbind = m.unbind();

        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        assertThat(unbind.waitingFor()).isEqualTo("lock " + lock);
    }

    // ---- v5-review, linux-6.13

    @ParameterizedTest
    @CsvSource({"v5-review", "linux-6.13"})
    void shouldUnbindWithoutALookAtTheVdevice(String kernel) {
        Machine m = new Machine(kernel);
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
        Machine m = new Machine(kernel);
        Task alloc = m.alloc(m.dev, VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: iommufd_object_alloc");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();
        m.finish(alloc);

        assertThat(m.hand.timeOut(unbind)).isTrue();

        assertThat(m.idevIsLeft()).isFalse();
        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }

    // ---- rfc1-auto-destroy

    @Test
    void shouldKeepTheLockOfADeviceWhoseUnbindFailed() {
        Machine m = new Machine("rfc1-auto-destroy");
        Task alloc = m.alloc(m.dev, VIRT_ID);
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
        Machine m = new Machine("rfc1-auto-destroy");
        Task alloc = m.alloc(m.dev, VIRT_ID);
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
        Machine m = new Machine("xu-v2");
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
        Machine m = new Machine("xu-v2");
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
        Machine m = new Machine("xu-v2");
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
        Machine m = new Machine("xu-v3");
        Task destroy = m.destroy(m.vdevice());
        m.hand.until(destroy, DESTROY_LOCKS);

        m.finish(m.unbind());
        assertThat(m.rig.violations()).isEmpty();
        m.finish(destroy);

        m.usesAfterFree("idev->igroup");
        m.usesAfterFree("takes igroup->lock");
    }

    // ---- linux-6.17, linux-7.3

    @ParameterizedTest
    @CsvSource({"linux-6.17", "linux-7.3"})
    void d2ShouldAnswerEbusyWhileUnbindHoldsTheVdevice(String kernel) {
        Machine m = new Machine(kernel);
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
        Machine m = new Machine(kernel);
        int other = m.rig.bind(m.rig.open(m.rig.plug("net1", 0x108)));
        int vdev = m.vdevice();
        Task destroy = m.destroy(vdev);
        m.hand.until(destroy, DESTROY_LOCKS);
        Task alloc = m.alloc(other, VIRT_ID + 1);
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
        Machine m = new Machine("linux-6.17");
        m.rig.inject("IOMMU_VDEVICE_ALLOC", "vdevice_size", Errno.EOPNOTSUPP);
        assertThat(m.rig.vdeviceAlloc(m.viommu, m.dev, VIRT_ID)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(m.rig.audit()).isEmpty();
        m.rig.inject("IOMMU_VDEVICE_ALLOC", "vdevice_size", 0);

        Task alloc = m.alloc(m.dev, VIRT_ID);

        assertThat(m.hand.asFarAsPossible(alloc)).isFalse();
        assertThat(alloc.waitingFor()).isEqualTo("lock igroup->lock");
    }

    @ParameterizedTest
    @CsvSource({"linux-6.17, 0", "linux-7.3, -5"})
    void d5ShouldShowAVdeviceToAnInvalidationBeforeTheDriverHasInitialisedIt(String kernel, int answer) {
        Machine m = new Machine(kernel);
        Task alloc = m.alloc(m.dev, VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: vdevice_init");

        Task invalidate = m.start(m.rig.ioctl(HwptInvalidate.call(
                m.rig.ctx, m.viommu, UserData.ofWords(1, new long[] {VIRT_ID}).array(8))));
        m.finish(invalidate);

        assertThat(m.answer(invalidate)).isEqualTo(Errno.name(answer));
    }

    @ParameterizedTest
    @CsvSource({"linux-6.17", "linux-7.3"})
    void shouldRefuseAnAllocationThatComesAfterUnbindHasTheLock(String kernel) {
        Machine m = new Machine(kernel);
        Task alloc = m.alloc(m.dev, VIRT_ID);
        m.hand.until(alloc, "IOMMU_VDEVICE_ALLOC: igroup->lock");
        Task unbind = m.unbind();
        assertThat(m.hand.asFarAsPossible(unbind)).isFalse();

        m.finish(alloc);

        assertThat(m.answer(alloc)).isEqualTo("ENOENT");
        assertThat(m.hand.timeOut(unbind)).isTrue();
        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }

    // ---- zombie

    @Test
    void shouldReachForAVdeviceThatUserSpaceHasDestroyed() {
        Machine m = new Machine("zombie");
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: load vdev->viommu");
        m.finish(m.destroy(vdev));

        m.finish(unbind);

        m.usesAfterFree("vdev->viommu touches");
    }

    @Test
    void shouldLoseNothingIfBothLinksAreCutInOneGo() {
        Machine m = new Machine("zombie");
        int vdev = m.vdevice();
        Task unbind = m.unbind();
        m.hand.until(unbind, "iommufd_device_unbind: iommufd_object_destroy_user");
        m.finish(m.destroy(vdev));
        m.finish(unbind);

        assertThat(m.rig.violations()).isEmpty();
        assertThat(m.rig.audit()).isEmpty();
    }
}

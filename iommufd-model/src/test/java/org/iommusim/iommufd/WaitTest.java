package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.event.TimedChoice;
import org.junit.jupiter.api.Test;

/** Unbinding while an ioctl sleeps inside. */
class WaitTest {
    private static final long SECOND = 1_000_000_000_000L;

    private long unbindTime(LifecyclePolicy policy, long ioctlTime, Rig rig) {
        VfioFile file = rig.open(rig.plug("net0", 0x100));
        int dev = rig.bind(file);
        var info = GetHwInfo.call(rig.ctx, dev);
        info.frame().userFault(ioctlTime);
        long[] end = new long[1];
        rig.start(rig.ioctl(info), errno -> {});
        rig.simulation.scheduler().runUntil(rig.simulation.now() + SECOND / 1000);
        long begin = rig.simulation.now();
        rig.start(Vfio.close(file), errno -> end[0] = rig.simulation.now());
        rig.closed();
        rig.settle();
        assertThat(policy.name()).isEqualTo("linux-7.3");
        assertThat(rig.footprints.undeclared()).isEmpty();
        return end[0] - begin;
    }

    @Test
    void shouldSleepForItsTimerBecauseTheWakeUpDoesNotReachIt() {
        Rig rig = new Rig();

        assertThat(unbindTime(Kernels.LINUX_7_3, SECOND, rig)).isBetween(60 * SECOND, 61 * SECOND);

        assertThat(rig.violations()).isEmpty();
        assertThat(rig.audit()).isEmpty();
    }

    @Test
    void shouldGoOnAtOnceIfTheWakeUpReachedIt() {
        LifecyclePolicy policy = Kernels.LINUX_7_3.withWakeReachingWaiter();
        Rig rig = new Rig(new TimedChoice(), policy);

        assertThat(unbindTime(policy, SECOND, rig)).isBetween(SECOND / 2, SECOND + SECOND / 100);

        assertThat(rig.violations()).isEmpty();
        assertThat(rig.audit()).isEmpty();
    }

    @Test
    void shouldWarnAndLeakADeviceThatAnIoctlHoldsForTooLong() {
        Rig rig = new Rig();

        unbindTime(Kernels.LINUX_7_3, 100 * SECOND, rig);

        assertThat(rig.violations())
                .containsExactly("WARN: iommufd_object_remove: vmm.iommufd DEVICE 1 cannot be destroyed: EBUSY");
        // The object is an ordinary leaf now: user space can take it down. Nobody has bound it any more.
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.ctx.fileReferences()).isEqualTo(2);
        assertThat(rig.destroy(1)).isZero();
        assertThat(rig.ctx.fileReferences()).isEqualTo(1);
    }

    @Test
    void shouldNoticeThatALeakedDeviceIsUsedAfterItsRemoval() {
        Rig rig = new Rig();
        unbindTime(Kernels.LINUX_7_3, 100 * SECOND, rig);
        assertThat(rig.run(Hotplug.unplug(rig.host.slot("net0")))).isZero();

        assertThat(rig.destroy(1)).isZero();

        assertThat(rig.violations())
                .hasSize(2)
                .contains("use-after-free: the group of net0 is used after iommu_release_device"
                        + " by main in iommu_release_device: dev->iommu = NULL");
    }

    @Test
    void shouldBlockUnbindForAsLongAsTheCopyOfAnAllocationSleeps() {
        Rig rig = new Rig();
        VfioFile file = rig.open(rig.plug("net0", 0x100));
        int dev = rig.bind(file);
        int viommu = rig.viommuAlloc(dev, rig.hwptAlloc(dev, rig.ioasAlloc(), true));
        var alloc = VdeviceAlloc.call(rig.ctx, viommu, dev, 8);
        alloc.frame().userFault(300 * SECOND);
        List<String> order = new ArrayList<>();
        rig.start(rig.ioctl(alloc), errno -> order.add("alloc " + Errno.name(errno)));
        rig.simulation.scheduler().runUntil(rig.simulation.now() + SECOND);

        rig.start(Vfio.close(file), errno -> order.add("close " + Errno.name(errno)));
        rig.closed();
        rig.settle();

        // The copy holds the igroup->lock, which has no timeout; then unbind finds the vDEVICE and destroys it.
        assertThat(order).containsExactly("alloc OK", "close OK");
        assertThat(rig.simulation.now()).isGreaterThan(300 * SECOND);
        assertThat(rig.objectEvents).contains("VDEVICE " + alloc.frame().outVdeviceId() + " tombstone");
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
    }
}

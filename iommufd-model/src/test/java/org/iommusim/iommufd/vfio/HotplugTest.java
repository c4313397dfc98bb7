package org.iommusim.iommufd.vfio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HotplugTest {
    private static final long SECOND = 1_000_000_000_000L;

    private final Rig rig = new Rig();
    private final PciSlot slot = rig.slot("net0", 0x100, rig.driver);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    @Test
    void shouldProbeAndRelease() {
        assertThat(rig.run(Hotplug.unplug(slot))).isEqualTo(Errno.ENODEV);
        assertThat(rig.run(Hotplug.plug(slot))).isZero();
        assertThat(rig.run(Hotplug.plug(slot))).isEqualTo(Errno.EBUSY);
        assertThat(slot.function().present()).isTrue();
        assertThat(rig.run(Hotplug.unplug(slot))).isZero();
        assertThat(slot.function().present()).isFalse();
        assertThat(rig.driver.log()).containsExactly("probe_device", "release_device");
    }

    @Test
    void shouldTakeADeviceBackOutIfTheDriverRefusesIt() {
        rig.driver.fail("probe_device", Errno.ENODEV);

        assertThat(rig.run(Hotplug.plug(slot))).isEqualTo(Errno.ENODEV);

        assertThat(slot.function().present()).isFalse();
        assertThat(slot.device().get()).isNull();
    }

    @Test
    void shouldAskForTheDeviceUntilItsFileIsClosed() {
        rig.run(Hotplug.plug(slot));
        VfioDevice device = Rig.device(slot);
        VfioFile file = rig.open(device);
        rig.bind(file);
        List<String> order = new ArrayList<>();

        rig.start(Hotplug.unplug(slot), errno -> order.add("unplugged " + errno));
        rig.start(Vfio.waitRequest(file), errno -> order.add("requested " + errno));
        rig.simulation.scheduler().runUntil(15 * SECOND);
        assertThat(order).containsExactly("requested 0");
        assertThat(rig.run(Vfio.open(device))).isEqualTo(Errno.ENODEV);
        rig.close(file);

        assertThat(order).containsExactly("requested 0", "unplugged 0");
        assertThat(rig.driver.log()).endsWith("release_device");
    }

    @Test
    void shouldHoldUpEveryOtherHotplugMeanwhile() {
        rig.run(Hotplug.plug(slot));
        VfioFile file = rig.open(Rig.device(slot));
        PciSlot other = rig.slot("net1", 0x108, rig.driver);
        List<String> order = new ArrayList<>();
        rig.start(Hotplug.unplug(slot), errno -> order.add("unplugged"));
        rig.simulation.scheduler().runUntil(SECOND);

        var waiting = rig.start(Hotplug.plug(other), errno -> order.add("plugged"));
        rig.settle();

        assertThat(order).isEmpty();
        assertThat(waiting.waitingFor()).isEqualTo("lock pci_rescan_remove_lock");
        assertThat(rig.run(Vfio.close(file))).isZero();
        assertThat(order).containsExactly("unplugged", "plugged");
    }

    @Test
    void shouldTakeAwayASurpriseRemovedDeviceAtOnceButWaitForItsFile() {
        rig.run(Hotplug.plug(slot));
        VfioFile file = rig.open(Rig.device(slot));
        rig.bind(file);
        slot.function().setBusMaster(true);
        List<String> order = new ArrayList<>();

        rig.start(Hotplug.surpriseRemove(slot), errno -> order.add("removed " + errno));
        rig.settle();
        assertThat(slot.function().present()).isFalse();
        assertThat(slot.function().busMaster()).isFalse();
        assertThat(order).isEmpty();
        rig.close(file);

        assertThat(order).containsExactly("removed 0");
    }

    @Test
    void shouldStopDmaBeforeItDetaches() {
        rig.run(Hotplug.plug(slot));
        VfioFile file = rig.open(Rig.device(slot));
        rig.bind(file);
        assertThat(rig.attach(file, rig.ioasAlloc())).isZero();
        slot.function().setBusMaster(true);
        List<Boolean> busMaster = new ArrayList<>();
        // The observer's own look is no part of a step.
        rig.simulation.world().record(null);
        rig.driver.onOperation(name -> busMaster.add(slot.function().busMaster()));

        rig.close(file);

        assertThat(busMaster).isNotEmpty().doesNotContain(true);
    }

    @Test
    void shouldNotGiveOneDeviceToTwoContexts() {
        rig.run(Hotplug.plug(slot));
        VfioFile first = rig.open(Rig.device(slot));
        VfioFile second = rig.open(Rig.device(slot));
        rig.bind(first);

        assertThat(rig.run(Vfio.bind(second, rig.ctx))).isEqualTo(Errno.EINVAL);

        rig.close(first);
        rig.bind(second);
    }
}

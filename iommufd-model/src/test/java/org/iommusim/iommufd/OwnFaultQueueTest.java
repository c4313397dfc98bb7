package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.program.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A driver that puts devices into the fault queue by itself. */
class OwnFaultQueueTest {
    private final Rig rig = new Rig();

    private int run(@Nullable Call<?> call) {
        assertThat(call).isNotNull();
        return rig.run(call);
    }

    private int request() {
        return rig.run(rig.driver.pageRequest(0, new IommuFault(IommuFault.LAST_PAGE, 0, 1, IommuFault.READ, 0x1000)));
    }

    @Test
    void shouldLeaveTheQueueToTheDriver() {
        rig.driver.ownFaultQueue();
        VfioFile file = rig.open(rig.plug("net0", 0x100));
        int dev = rig.bind(file);
        int ioas = rig.ioasAlloc();
        Fault fault = rig.faultQueueAlloc();
        int hwpt = rig.hwptAlloc(dev, ioas, HwptPagingAlloc.FAULT_ID_VALID, fault.id());
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(rig.driver.count("enable_iopf")).isEqualTo(1);
        assertThat(request()).isEqualTo(Errno.EINVAL); // a handler, and no queue
        assertThat(rig.violations()).singleElement().asString().contains("net0 is not on a fault queue");

        assertThat(run(rig.driver.joinFaultQueue(0))).isZero();
        assertThat(request()).isZero();
        assertThat(rig.run(Vfio.detach(file))).isZero();
        assertThat(rig.driver.count("disable_iopf")).isEqualTo(1);
        assertThat(run(rig.driver.leaveFaultQueue(0))).isZero();
        assertThat(rig.violations()).hasSize(1);
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    /** A group that is not complete, and one that nobody has taken over, do not outlive it. */
    @Test
    void shouldAnswerWhatIsPendingWhenADeviceLeaves() {
        rig.driver.ownFaultQueue();
        VfioFile file = rig.open(rig.plug("net0", 0x100));
        int dev = rig.bind(file);
        Fault fault = rig.faultQueueAlloc();
        int hwpt = rig.hwptAlloc(dev, rig.ioasAlloc(), HwptPagingAlloc.FAULT_ID_VALID, fault.id());
        assertThat(run(rig.driver.joinFaultQueue(0))).isZero();
        assertThat(rig.attach(file, hwpt)).isZero();
        rig.run(rig.driver.pageRequest(0, new IommuFault(0, 0, 1, IommuFault.READ, 0x1000)));
        assertThat(run(rig.driver.leaveFaultQueue(0))).isZero();
        assertThat(run(rig.driver.joinFaultQueue(0))).isZero();
        assertThat(request()).isZero();
        assertThat(rig.run(Vfio.detach(file))).isZero();
        assertThat(rig.driver.responses()).containsExactly("net0 1 1");
        assertThat(run(rig.driver.leaveFaultQueue(0))).isZero();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }
}

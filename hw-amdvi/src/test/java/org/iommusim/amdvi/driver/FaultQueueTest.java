package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.kernel.NothingToDo;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.variant.Variant;
import org.junit.jupiter.api.Test;

/** When a device joins and leaves the fault queue, and in which order with its hardware. */
class FaultQueueTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
    private final DevData dev = bed.withAts(5);

    /** The core: writes down who joins and leaves; a report of a request ends when it may. */
    private static final class Core implements FaultCore {
        private final DriverTestbed bed;
        final List<String> log = new ArrayList<>();
        final WaitQueue released;
        boolean slow;

        Core(DriverTestbed bed) {
            this.bed = bed;
            released = new WaitQueue(bed.sim.world(), "released");
        }

        @Override
        public Call<?> reportDeviceFault(IommuMaster master, IommuFault fault) {
            log.add("report");
            return new Call<>(
                    Program.<Report>named("report")
                            .await(
                                    "may end",
                                    Footprint.LOCAL,
                                    f -> released,
                                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                                    f -> !slow)
                            .build(),
                    new Report(bed));
        }

        @Override
        public Call<?> queueAddDevice(IommuMaster master) {
            log.add("add " + master.function().name());
            return NothingToDo.call(bed.sim.world());
        }

        @Override
        public Call<?> queueRemoveDevice(IommuMaster master) {
            log.add("remove " + master.function().name());
            return NothingToDo.call(bed.sim.world());
        }
    }

    private static final class Report extends Frame {
        Report(DriverTestbed bed) {
            super(bed.sim.world());
        }
    }

    private static Core attach(DriverTestbed bed, DevData dev, int flags) {
        Core core = new Core(bed);
        bed.driver.connect(dev, core);
        bed.ok(bed.driver.attachDev(dev, bed.paging(flags)));
        return core;
    }

    @Test
    void shouldJoinTheQueueWhenPageRequestsAreOn() {
        Core core = attach(bed, dev, IommuDriver.ALLOC_PASID);
        assertThat(core.log).containsExactly("add " + dev.function().name());
        assertThat(bed.steps)
                .containsSubsequence(
                        "pdev_enable_cap_pri: pci_enable_pri",
                        "amd_iommu_iopf_add_device: dev_data->ppr = true",
                        "update_dte256: write_dte_lower128");
        assertThat(Dte.PPR.isSet(bed.dte(5)[0])).isTrue();
        bed.assertClean();
    }

    /** As in 7.3: the device can still ask when it is not in the queue any more. */
    @Test
    void shouldLeaveTheQueueBeforeHardwareIsOff() {
        Core core = attach(bed, dev, IommuDriver.ALLOC_PASID);
        bed.steps.clear();
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        assertThat(core.log).endsWith("remove " + dev.function().name());
        assertThat(bed.steps)
                .containsSubsequence(
                        "amd_iommu_iopf_remove_device: dev_data->ppr = false",
                        "pdev_disable_caps: pci_disable_pri",
                        "update_dte256: write_dte_lower128");
        assertThat(dev.ppr.get()).isZero();
        bed.assertClean();
    }

    @Test
    void shouldStayOutOfTheQueueWithHostTables() {
        Core core = attach(bed, dev, 0);
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        assertThat(core.log).isEmpty();
        assertThat(dev.ppr.get()).isZero();
        bed.assertClean();
    }

    /** Whether a domain wants the requests is not asked: user space's handlers make no difference. */
    @Test
    void shouldSeeToItsQueueItself() {
        assertThat(bed.driver.ownsFaultQueue()).isTrue();
    }

    private static DriverTestbed mended() {
        return DriverTestbed.fake(
                FakeAmdVi.ALL,
                AmdViVariants.all().stream()
                        .filter(v -> v.name().equals("amd-leaves-fault-queue-last"))
                        .toArray(Variant[]::new));
    }

    @Test
    void shouldLeaveTheQueueAtLastIfMended() {
        DriverTestbed mended = mended();
        DevData other = mended.withAts(5);
        Core core = attach(mended, other, IommuDriver.ALLOC_PASID);
        mended.steps.clear();
        mended.ok(mended.driver.attachDev(other, mended.driver.blockedDomain()));
        assertThat(core.log).endsWith("remove " + other.function().name());
        assertThat(mended.steps)
                .containsSubsequence(
                        "pdev_disable_caps: pci_disable_pri",
                        "update_dte256: write_dte_lower128",
                        "amd_iommu_iopf_remove_device: dev_data->ppr = false");
        mended.assertClean();
    }

    @Test
    void shouldWaitForRequestsInTheLogAndForTheirReports() {
        DriverTestbed mended = mended();
        DevData other = mended.withAts(5);
        Core core = attach(mended, other, IommuDriver.ALLOC_PASID);
        core.slow = true;
        mended.fake().register64(Reg.PPR_TAIL, 16); // no interrupt yet
        List<Integer> detached = mended.start(mended.driver.attachDev(other, mended.driver.blockedDomain()));
        mended.sim.scheduler().run();
        assertThat(detached).isEmpty();
        mended.fake().register64(Reg.PPR_TAIL, 0);
        PageRequest asked = new PageRequest(5, 7, 0x7000, 3, true, true, false, false, false);
        mended.fake().log(Reg.PPR_LOG_BASE, Reg.PPR_TAIL, "ppr-log", Ppr.word0(asked), Ppr.word1(asked));
        mended.sim.scheduler().run();
        assertThat(mended.fake().register64(Reg.PPR_HEAD)).isEqualTo(16);
        assertThat(core.log).endsWith("report"); // the log is empty, the report is not through
        assertThat(detached).isEmpty();
        core.slow = false;
        core.released.wakeAll();
        mended.sim.scheduler().run();
        assertThat(core.log).endsWith("remove " + other.function().name());
        assertThat(detached).containsExactly(0);
        mended.assertClean();
    }
}

package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.kernel.NothingToDo;
import org.iommusim.hw.pcie.PageRequester;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** Event log and PPR log: who reads them, and what becomes of what is in them. */
class ThreadsTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);

    private void event(int deviceId) {
        long w0 = Event.word0(Event.IO_PAGE_FAULT, deviceId, Event.RW);
        bed.fake().log(Reg.EVT_LOG_BASE, Reg.EVT_TAIL, "event-log", w0, 0x4000);
    }

    private void request(PageRequest request) {
        request(Ppr.word0(request), Ppr.word1(request));
    }

    private void request(long w0, long w1) {
        bed.fake().log(Reg.PPR_LOG_BASE, Reg.PPR_TAIL, "ppr-log", w0, w1);
    }

    private static PageRequest asked(int pasid, boolean last) {
        return new PageRequest(5, pasid, 0x7000, 3, last, true, false, false, false);
    }

    @Test
    void shouldTellOfEveryEventAndClearIt() {
        for (int i = 0; i < 600; i++) { // more than the ring holds
            event(i);
            bed.sim.scheduler().run();
        }
        assertThat(bed.events)
                .hasSize(600)
                .last()
                .isEqualTo("IO_PAGE_FAULT device=0x257 domain=0 flags=0x20 addr=0x4000");
        assertThat(bed.fake().register64(Reg.EVT_HEAD)).isEqualTo(bed.fake().register64(Reg.EVT_TAIL));
        assertThat(bed.iommu().events().word(0, 0)).isZero();
        bed.assertClean();
    }

    /**
     * The real unit, whose interrupt is missing when a condition comes up right behind the acknowledgement (erratum 1312), and
     * whose records come behind their interrupts (errata 732, 733).
     */
    @Test
    void shouldLookAgainBeforeItIsThrough() {
        DriverTestbed real =
                DriverTestbed.real("guest-tables", Map.of("status_race_cycles", 100_000L, "late_records", 1L));
        real.ok(real.driver.probe());
        real.ok(real.driver.attachDev(real.master(5), real.driver.blockedDomain()));
        for (int i = 1; i <= 20; i++) {
            DmaRequest request = new DmaRequest();
            request.begin(i, 5, DmaRequest.NO_PASID, 0x1000L * i, 8, false, real.sim.now());
            request.enter(Station.FRONT_END, real.sim.now());
            real.device.accept(request, done -> {});
            real.sim.scheduler().runUntil(real.sim.now() + 700_000);
        }
        real.sim.scheduler().run();
        assertThat(real.events).hasSize(20);
    }

    @Test
    @Rule("AMDVI-PRI-04")
    void shouldRestartALogThatHasOverflowed() {
        bed.fake().register64(Reg.STATUS, Status.EVT_OVERFLOW | Status.EVT_LOG_INT);
        bed.fake().controls.clear();
        event(5);
        bed.sim.scheduler().run();
        assertThat(bed.fake().controls).extracting(Control.EVENT_LOG_EN::isSet).containsExactly(false, true);
        assertThat(bed.fake().register64(Reg.STATUS)).isZero();
        assertThat(bed.messages).containsExactly("IOMMU Event log restarting");
        bed.fake().register64(Reg.STATUS, Status.PPR_OVERFLOW | Status.PPR_INT);
        bed.fake().controls.clear();
        request(asked(7, true));
        bed.sim.scheduler().run();
        assertThat(bed.fake().controls).extracting(Control.PPR_LOG_EN::isSet).containsExactly(false, true);
        assertThat(bed.fake().register64(Reg.STATUS)).isZero();
        bed.assertClean();
    }

    private List<IommuFault> handled(DevData dev) {
        List<IommuFault> faults = new ArrayList<>();
        bed.driver.connect(dev, (master, fault) -> {
            assertThat(master).isSameAs(dev);
            faults.add(fault);
            return NothingToDo.call(bed.sim.world());
        });
        return faults;
    }

    @Test
    @Rule("AMDVI-PRI-02")
    void shouldReportRequestsThatSomebodyHandles() {
        DevData dev = bed.withAts(5);
        List<IommuFault> faults = handled(dev);
        assertThat(bed.driver.enableIopf(dev)).isZero();
        bed.ok(bed.driver.attachDev(dev, bed.paging(IommuDriver.ALLOC_PASID)));
        bed.fake().commands.clear();
        request(asked(7, true));
        bed.sim.scheduler().run();
        int both = IommuFault.PASID_VALID | IommuFault.LAST_PAGE;
        assertThat(faults).containsExactly(new IommuFault(both, 7, 3, IommuFault.READ, 0x7000));
        bed.ok(bed.driver.pageResponse(dev, faults.get(0), IommuFault.RESP_SUCCESS));
        assertThat(bed.fake().commands).containsExactly("COMPLETE_PPR_REQUEST device=0x5 pasid=7 tag=3 status=0");
        bed.driver.disableIopf(dev);
        assertThat(dev.iopfUsers().get()).isZero();
        bed.assertClean();
    }

    /** Page requests of a function go with the PASIDs of its domain. */
    @Test
    @Rule("AMDVI-PRI-05")
    void shouldSwitchThePageRequestsOfTheFunctionOnAndOff() {
        DevData dev = bed.withAts(5);
        PageRequester pages = dev.function().atc().pages();
        bed.ok(bed.driver.attachDev(dev, bed.paging(IommuDriver.ALLOC_PASID)));
        assertThat(pages.enabled()).isTrue();
        bed.ok(bed.driver.attachDev(dev, bed.driver.blockedDomain()));
        assertThat(pages.enabled()).isFalse();
        bed.assertClean();
    }

    @Test
    @Rule("AMDVI-PRI-01")
    void shouldRefuseRequestsThatNobodyCanServe() {
        request(asked(7, true)); // no such device
        bed.sim.scheduler().run();
        DevData dev = bed.withAts(5);
        List<IommuFault> faults = handled(dev);
        request(asked(-1, true)); // requests without a PASID are never served
        request(asked(0, true));
        request(asked(0, false)); // of a group, the last one is answered
        request(asked(bed.driver.iommu().pasids(), true));
        PageRequest odd = asked(7, true);
        request(Ppr.word0(odd) | Ppr.RVSD.mask(), Ppr.word1(odd));
        bed.sim.scheduler().run();
        assertThat(faults).isEmpty();
        assertThat(bed.fake().commands)
                .containsExactly(
                        "COMPLETE_PPR_REQUEST device=0x5 pasid=7 tag=3 status=2",
                        "COMPLETE_PPR_REQUEST device=0x5 tag=3 status=2",
                        "COMPLETE_PPR_REQUEST device=0x5 pasid=0 tag=3 status=2",
                        "COMPLETE_PPR_REQUEST device=0x5 pasid=65536 tag=3 status=2",
                        "COMPLETE_PPR_REQUEST device=0x5 pasid=7 tag=3 status=2");
        bed.assertClean();
    }

    @Test
    @Rule("AMDVI-PRI-03")
    void shouldWantPageRequestsOnBothEnds() {
        assertThat(bed.driver.enableIopf(bed.master(5))).isEqualTo(Errno.ENODEV);
        DriverTestbed host = DriverTestbed.fake(FakeAmdVi.HOST_ONLY);
        assertThat(host.driver.enableIopf(host.withAts(5))).isEqualTo(Errno.ENODEV);
    }
}

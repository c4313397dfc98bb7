package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.pcie.PageRequester;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The two interrupt threads: page requests and fault records. */
class PageRequestsTest {
    private final DriverTestbed bed = DriverTestbed.fake(FakeVtd.SCALABLE);
    private final List<IommuFault> reported = new ArrayList<>();
    private final DeviceInfo device;

    PageRequestsTest() {
        bed.ok(bed.driver.probe());
        device = bed.withAts(5);
        bed.driver.connect(device, (master, fault) -> {
            reported.add(fault);
            return bed.driver.pageResponse(master, fault, IommuFault.RESP_SUCCESS);
        });
        bed.fake().commands.clear();
    }

    private static PageRequest request(int rid, int pasid, boolean last, boolean write, boolean privileged) {
        return new PageRequest(rid, pasid, 0x7000, 9, last, !write, write, false, privileged);
    }

    /** As hardware writes a request: it interrupts only if nothing was pending. */
    private void put(PageRequest request) {
        long base = bed.fake().register64(Reg.PQA) & Reg.PQA_BASE;
        long tail = bed.fake().register64(Reg.PQT);
        bed.memory.write64(base + tail, PageReq.word0(request));
        bed.memory.write64(base + tail + 8, PageReq.word1(request));
        bed.fake().register64(Reg.PQT, PageRequests.next(tail));
        boolean pending = (bed.fake().register(Reg.PRS) & Reg.PRS_PPR) != 0;
        bed.fake().register(Reg.PRS, Reg.PRS_PPR);
        if (!pending) {
            bed.fake().raise("page-request");
        }
    }

    private void arrive(PageRequest... requests) {
        for (PageRequest request : requests) {
            put(request);
        }
        bed.sim.scheduler().run();
    }

    @Test
    @Rule("VTD-PRI-04")
    void shouldReportRequestsAndAnswerGroups() {
        arrive(request(5, 7, false, false, false), request(5, 7, true, true, false));
        assertThat(reported)
                .containsExactly(
                        new IommuFault(IommuFault.PASID_VALID, 7, 9, IommuFault.READ, 0x7000),
                        new IommuFault(IommuFault.PASID_VALID | IommuFault.LAST_PAGE, 7, 9, IommuFault.WRITE, 0x7000));
        assertThat(bed.fake().commands).hasSize(1);
        assertThat(bed.fake().commands.get(0)).contains("page-group-response", "pasid=7");
        assertThat(bed.fake().register64(Reg.PQH)).isEqualTo(bed.fake().register64(Reg.PQT));
        assertThat(bed.fake().register(Reg.PRS)).isZero();
        bed.assertClean();
    }

    @Test
    @Rule("VTD-PRI-02")
    @Rule("VTD-PRI-04")
    void shouldRefuseWhatNobodyCanServe() {
        arrive(request(6, 7, true, true, false), request(5, 7, true, true, true), request(5, 7, false, true, true));
        assertThat(reported).isEmpty();
        assertThat(bed.fake().commands).hasSize(2); // who wants no answer gets none
        bed.assertClean();
    }

    @Test
    @Rule("VTD-PRI-02")
    void shouldRefuseWhatMakesNoSense() {
        arrive(
                new PageRequest(5, 7, 1L << 60, 1, true, true, false, false, false),
                new PageRequest(5, 7, 0x7000, 2, true, true, false, true, false));
        assertThat(reported).isEmpty();
        assertThat(bed.fake().commands).hasSize(2).allMatch(text -> text.contains("page-group-response"));
        bed.assertClean();
    }

    /** A second request arrives after any number of the handler's steps; what is behind the index it has read, interrupts. */
    @Test
    @Rule("VTD-PRI-01")
    void shouldLoseNoRequestThatArrivesMeanwhile() {
        for (int steps = 1; steps < 40; steps++) {
            PageRequestsTest fresh = new PageRequestsTest();
            int[] left = {steps};
            fresh.bed.afterEachStep(() -> {
                if (--left[0] == 0) {
                    fresh.put(request(5, 8, true, true, false));
                }
            });
            fresh.arrive(request(5, 7, true, true, false));
            assertThat(fresh.reported).as("after %d steps", steps).hasSize(left[0] > 0 ? 1 : 2);
        }
    }

    @Test
    @Rule("VTD-PRI-05")
    void shouldClearAnOverflowWhenTheQueueIsEmpty() {
        put(request(5, 7, true, true, false));
        bed.fake().register(Reg.PRS, Reg.PRS_PPR | Reg.PRS_PRO);
        bed.afterEachStep(() -> {
            if ((bed.fake().register(Reg.PRS) & Reg.PRS_PRO) == 0) {
                assertThat(bed.fake().register64(Reg.PQH)).isEqualTo(bed.fake().register64(Reg.PQT));
            }
        });
        bed.fake().raise("page-request");
        bed.sim.scheduler().run();
        assertThat(bed.fake().register(Reg.PRS)).isZero();
        assertThat(reported).hasSize(1);
    }

    @Test
    @Rule("VTD-PRI-03")
    void shouldDropStopMarkers() {
        arrive(new PageRequest(5, 7, 0, 0, true, false, false, false, false));
        assertThat(reported).isEmpty();
        assertThat(bed.fake().commands).isEmpty();
    }

    /** A request lies in the queue, and nobody has been told of it. */
    private void lies(PageRequest late) {
        long base = bed.fake().register64(Reg.PQA) & Reg.PQA_BASE;
        bed.memory.write64(base, PageReq.word0(late));
        bed.memory.write64(base + 8, PageReq.word1(late));
        bed.fake().register64(Reg.PQT, PageReq.BYTES);
    }

    /** Starts to block the PASID, or the device itself, that a domain was attached to. */
    private List<Integer> block(int pasid) {
        DmarPaging domain = bed.paging(0);
        bed.ok(attach(domain, pasid, null));
        return bed.start(attach(bed.driver.blockedDomain(), pasid, domain));
    }

    private Call<?> attach(IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        return pasid == 0 ? bed.driver.attachDev(device, domain) : bed.driver.setDevPasid(device, domain, pasid, old);
    }

    private void waitsUntilReported(int pasid, PageRequest late) {
        lies(late);
        List<Integer> answer = block(pasid);
        bed.sim.scheduler().run();
        assertThat(answer).isEmpty();
        bed.fake().raise("page-request");
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
        assertThat(reported).hasSize(1);
        bed.assertClean();
    }

    @Test
    @Rule("VTD-PRI-06")
    void shouldWaitForRequestsThatAreInTheQueue() {
        waitsUntilReported(7, request(5, 7, true, true, false));
    }

    @Test
    @Rule("VTD-PRI-06")
    void shouldWaitForRequestsOfTheDeviceItself() {
        waitsUntilReported(0, request(5, -1, true, true, false));
    }

    private void waitsNotFor(int pasid, PageRequest others) {
        lies(others);
        List<Integer> answer = block(pasid);
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
        assertThat(reported).isEmpty();
    }

    @Test
    @Rule("VTD-PRI-06")
    void shouldNotWaitForRequestsOfOthers() {
        waitsNotFor(7, request(6, 7, true, true, false));
    }

    @Test
    @Rule("VTD-PRI-06")
    void shouldNotWaitForRequestsOfAnotherPasid() {
        waitsNotFor(7, request(5, 8, true, true, false));
    }

    @Test
    @Rule("VTD-PRI-06")
    void shouldNotWaitForRequestsOfTheDeviceWhenAPasidLeaves() {
        waitsNotFor(7, request(5, -1, true, true, false));
    }

    @Test
    void shouldSwitchThePageRequestsOfTheFunctionOnAndOff() {
        PageRequester pages = device.function().atc().pages();
        assertThat(pages.enabled()).isTrue();
        bed.ok(bed.driver.releaseDevice(device));
        assertThat(pages.enabled()).isFalse();
        bed.assertClean();
    }

    @Test
    void shouldCountWhoHasAFaultHandler() {
        assertThat(bed.driver.enableIopf(device)).isZero();
        assertThat(device.iopfUsers().get()).isEqualTo(1);
        bed.driver.disableIopf(device);
        assertThat(device.iopfUsers().get()).isZero();
        assertThat(bed.driver.enableIopf(bed.master(6))).isEqualTo(Errno.ENODEV);
    }

    @Test
    void shouldTakeFaultRecordsFromTheFirstPendingOneOn() {
        bed.fake().fault(6, Frcd.word0(0x1000), Frcd.word1(5, 5, -1, Frcd.TYPE_WRITE, false, false, 0));
        bed.fake().fault(7, Frcd.word0(0x2000), Frcd.word1(6, 5, 7, Frcd.TYPE_READ, false, false, 0));
        bed.fake().fault(0, Frcd.word0(0x3000), Frcd.word1(6, 5, -1, Frcd.TYPE_READ, false, false, 0));
        bed.sim.scheduler().run();
        assertThat(bed.events).hasSize(3);
        assertThat(bed.events.get(0)).contains("addr=0x1000");
        assertThat(bed.events.get(2)).contains("addr=0x3000");
        assertThat(bed.fake().register(Reg.FSTS) & Reg.FSTS_PPF).isZero();
        bed.assertClean();
    }
}

package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
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

    private void arrive(PageRequest... requests) {
        long base = bed.fake().register64(Reg.PQA) & Reg.PQA_BASE;
        for (PageRequest request : requests) {
            long tail = bed.fake().register64(Reg.PQT);
            bed.memory.write64(base + tail, PageReq.word0(request));
            bed.memory.write64(base + tail + 8, PageReq.word1(request));
            bed.fake().register64(Reg.PQT, PageRequests.next(tail));
        }
        bed.fake().register(Reg.PRS, Reg.PRS_PPR);
        bed.fake().raise("page-request");
        bed.sim.scheduler().run();
    }

    @Test
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
    void shouldRefuseWhatNobodyCanServe() {
        arrive(request(6, 7, true, true, false), request(5, 7, true, true, true), request(5, 7, false, true, true));
        assertThat(reported).isEmpty();
        assertThat(bed.fake().commands).hasSize(2); // who wants no answer gets none
        bed.assertClean();
    }

    @Test
    void shouldDropStopMarkers() {
        arrive(new PageRequest(5, 7, 0, 0, true, false, false, false, false));
        assertThat(reported).isEmpty();
        assertThat(bed.fake().commands).isEmpty();
    }

    @Test
    void shouldWaitForRequestsThatAreInTheQueue() {
        DmarPaging domain = bed.paging(0);
        bed.ok(bed.driver.setDevPasid(device, domain, 7, null));
        long base = bed.fake().register64(Reg.PQA) & Reg.PQA_BASE;
        PageRequest late = request(5, 7, true, true, false);
        bed.memory.write64(base, PageReq.word0(late));
        bed.memory.write64(base + 8, PageReq.word1(late));
        bed.fake().register64(Reg.PQT, PageReq.BYTES);
        List<Integer> answer = bed.start(bed.driver.setDevPasid(device, bed.driver.blockedDomain(), 7, domain));
        bed.sim.scheduler().run();
        assertThat(answer).isEmpty();
        bed.fake().raise("page-request");
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
        assertThat(reported).hasSize(1);
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

package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** Page requests: recorded, or answered without software; page group responses. */
class PageRequestQueueTest {
    private static final int NONE = DmaRequest.NO_PASID;
    private static final int ENTRIES = 0x1000 / PageReq.BYTES;

    private final ControlBed bed = ControlBed.plain().enableQueue();

    PageRequestQueueTest() {
        bed.write64(Reg.PQH, 0);
        bed.write64(Reg.PQT, 0);
        bed.write64(Reg.PQA, ControlBed.PAGES);
    }

    private void arrive(int group, boolean last, int pasid) {
        arrive(new PageRequest(ControlBed.FUNCTION, pasid, 0x5000, group, last, true, false, false, false));
    }

    private void arrive(PageRequest request) {
        bed.unit.pages().arrived(request);
        bed.run();
    }

    private int tail() {
        return bed.read(Reg.PQT);
    }

    private void fill() {
        for (int i = 1; i < ENTRIES; i++) {
            arrive(i, false, NONE);
        }
    }

    @Test
    @Rule("VTD-PRQ-01")
    void shouldRecordWhatIsAskedFor() {
        bed.memory.write64(ControlBed.PAGES + 16, -1);
        bed.memory.write64(ControlBed.PAGES + 24, -1);
        arrive(new PageRequest(ControlBed.FUNCTION, 0x12345, 0xabc_d000, 0x155, true, true, true, true, true));
        arrive(new PageRequest(ControlBed.OTHER, NONE, 0x5000, 3, false, false, true, true, true));
        assertThat(bed.memory.read64(ControlBed.PAGES)).isEqualTo(0x31_2345_0010_0101L);
        assertThat(bed.memory.read64(ControlBed.PAGES + 8)).isEqualTo(0xabc_daafL);
        assertThat(bed.memory.read64(ControlBed.PAGES + 16)).isZero();
        assertThat(bed.memory.read64(ControlBed.PAGES + 24)).isZero();
        assertThat(bed.memory.read64(ControlBed.PAGES + 32)).isEqualTo(0x18_0001L);
        assertThat(bed.memory.read64(ControlBed.PAGES + 40)).isEqualTo(0x501aL);
        assertThat(tail()).isEqualTo(64);
        assertThat(bed.notes).isEmpty();
    }

    @Test
    @Rule("VTD-PRQ-02")
    void shouldTellOfTheLastOfAGroupOnly() {
        bed.unmask(Reg.PECTL);
        arrive(1, false, NONE);
        assertThat(bed.read(Reg.PRS)).isZero();
        arrive(1, true, NONE);
        arrive(2, true, NONE);
        assertThat(bed.read(Reg.PRS)).isEqualTo(Reg.PRS_PPR);
        assertThat(bed.interrupts).containsExactly("page-request");
        bed.write(Reg.PRS, Reg.PRS_PPR);
        assertThat(bed.read(Reg.PRS)).isZero();
        arrive(3, true, NONE);
        assertThat(bed.interrupts).hasSize(2);
    }

    @Test
    @Rule("VTD-PRQ-02")
    void shouldTakeRequestsThatComeTogetherInOrder() {
        for (int group = 1; group <= 3; group++) {
            bed.unit
                    .pages()
                    .arrived(
                            new PageRequest(ControlBed.FUNCTION, NONE, 0x5000, group, true, true, false, false, false));
        }
        bed.run();
        assertThat(tail()).isEqualTo(3 * PageReq.BYTES);
        for (int i = 0; i < 3; i++) {
            long word = bed.memory.read64(ControlBed.PAGES + PageReq.BYTES * i + 8);
            assertThat(PageReq.PRG_INDEX.getInt(word)).isEqualTo(i + 1);
        }
    }

    @Test
    @Rule("VTD-PRQ-03")
    void shouldForgetAPendingInterruptThatIsServiced() {
        arrive(1, true, NONE);
        assertThat(bed.read(Reg.PECTL)).isEqualTo(Reg.EVENT_IM | Reg.EVENT_IP);
        bed.write(Reg.PRS, Reg.PRS_PPR);
        assertThat(bed.read(Reg.PECTL)).isEqualTo(Reg.EVENT_IM);
    }

    @Test
    @Rule("VTD-PRQ-04")
    @Rule("VTD-PRQ-05")
    void shouldOverflowUntilAcknowledged() {
        fill();
        assertThat(bed.read(Reg.PRS)).isZero();
        arrive(1, true, NONE);
        assertThat(bed.read(Reg.PRS)).isEqualTo(Reg.PRS_PRO);
        arrive(2, false, NONE);
        arrive(3, true, 7);
        arrive(new PageRequest(ControlBed.FUNCTION, 7, 0, 0, true, false, false, false, false));
        assertThat(bed.notes).containsExactly("respond 1 SUCCESS", "respond 3 pasid 7 SUCCESS");
        assertThat(bed.counter("prq.recorded")).isEqualTo(ENTRIES - 1);
        assertThat(bed.counter("prq.lost")).isEqualTo(4);
        assertThat(bed.counter("prq.auto_responses")).isEqualTo(2);
        // There is room, but the overflow is not acknowledged.
        bed.write64(Reg.PQH, tail());
        bed.write(Reg.PRS, Reg.PRS_PPR);
        arrive(4, true, NONE);
        assertThat(bed.notes).hasSize(3);
        int before = tail();
        bed.write(Reg.PRS, Reg.PRS_PRO);
        arrive(5, true, NONE);
        assertThat(tail()).isEqualTo(before + PageReq.BYTES & 0xfff);
        assertThat(bed.notes).hasSize(3);
    }

    @Test
    @Rule("VTD-PRQ-06")
    void shouldAnswerWithAFailureWhatItCannotWrite() {
        bed.write64(Reg.PQA, 1L << 38);
        arrive(1, true, 7);
        arrive(2, false, NONE);
        assertThat(bed.notes).containsExactly("respond 1 pasid 7 RESPONSE_FAILURE");
        assertThat(tail()).isZero();
    }

    @Test
    @Rule("VTD-PRQ-07")
    void shouldAnswerWhatTheConfigurationForbids() {
        bed.refusals.addAll(List.of(PageResponse.INVALID_REQUEST, PageResponse.INVALID_REQUEST));
        arrive(1, true, NONE);
        arrive(1, false, NONE);
        arrive(2, true, NONE);
        assertThat(bed.notes).containsExactly("respond 1 INVALID_REQUEST");
        assertThat(tail()).isEqualTo(PageReq.BYTES);
    }

    @Test
    @Rule("VTD-PRQ-05")
    void shouldRecordStopMarkersAndNeverAnswerThem() {
        PageRequest stop = new PageRequest(ControlBed.FUNCTION, 7, 0, 0, true, false, false, false, false);
        arrive(stop);
        assertThat(tail()).isEqualTo(PageReq.BYTES);
        bed.refusals.add(PageResponse.INVALID_REQUEST);
        arrive(stop);
        assertThat(bed.notes).isEmpty();
    }

    @Test
    @Rule("VTD-PRQ-08")
    void shouldSendResponses() {
        bed.put(
                Inv.pageGroupResponse0(ControlBed.FUNCTION, NONE, Inv.RESPONSE_SUCCESS),
                Inv.pageGroupResponse1(511, true));
        bed.put(Inv.pageGroupResponse0(ControlBed.FUNCTION, 9, Inv.RESPONSE_INVALID), Inv.pageGroupResponse1(2, true));
        bed.put(Inv.pageGroupResponse0(ControlBed.FUNCTION, NONE, 2), Inv.pageGroupResponse1(3, true));
        bed.put(Inv.pageGroupResponse0(0x99, NONE, Inv.RESPONSE_FAILURE), Inv.pageGroupResponse1(4, true));
        bed.put(
                Inv.pageGroupResponse0(ControlBed.FUNCTION, NONE, Inv.RESPONSE_FAILURE),
                Inv.pageGroupResponse1(5, true));
        bed.ring();
        bed.run();
        assertThat(bed.notes)
                .containsExactly(
                        "respond 511 SUCCESS",
                        "respond 2 pasid 9 INVALID_REQUEST",
                        "respond 3 RESPONSE_FAILURE",
                        "respond 5 RESPONSE_FAILURE");
    }

    @Test
    @Rule("VTD-PRQ-09")
    void shouldLetAWaitDrainPageRequests() {
        bed.holdsChecks = true;
        arrive(1, true, 7);
        bed.submitWait(1);
        bed.submit(Inv.waitWrite0(1, false, true), ControlBed.STATUS);
        bed.run();
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.done(0)).isFalse();
        arrive(2, true, 7);
        bed.unit.pages().checked(null);
        bed.run();
        assertThat(tail()).isEqualTo(PageReq.BYTES);
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("VTD-PRQ-09")
    void shouldReserveDrainingAndResponsesWithoutPageRequests() {
        ControlBed without = new ControlBed(Map.of("prs", 0L)).enableQueue();
        without.submit(Inv.waitWrite0(1, false, true), ControlBed.STATUS);
        without.run();
        assertThat(without.read(Reg.IQERCD)).isEqualTo(Reg.IQEI_RESERVED);
        ControlBed other = new ControlBed(Map.of("prs", 0L)).enableQueue();
        other.submit(Inv.pageGroupResponse0(ControlBed.FUNCTION, NONE, 0), 0);
        other.run();
        assertThat(other.read(Reg.IQERCD)).isEqualTo(Reg.IQEI_TYPE);
    }
}

package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Page requests: recorded, refused, or answered without software; answers by software. */
class PprLogTest {
    private static final int NONE = DmaRequest.NO_PASID;

    private final ControlBed bed = ControlBed.running();

    private static PageRequest request(int group, boolean last, int pasid) {
        return new PageRequest(ControlBed.FUNCTION, pasid, 0x5678, group, last, true, false, false, false);
    }

    private static PageRequest stopMarker() {
        return new PageRequest(ControlBed.FUNCTION, 7, 0, 0, true, false, false, false, false);
    }

    private void arrive(int group, boolean last, int pasid) {
        arrive(request(group, last, pasid));
    }

    private void arrive(PageRequest request) {
        bed.unit.pages().arrived(request);
        bed.run();
    }

    private long tail() {
        return bed.read(Reg.PPR_TAIL);
    }

    private boolean has(long bits) {
        return (bed.read(Reg.STATUS) & bits) == bits;
    }

    private void fill() {
        for (int i = 1; i < ControlBed.ENTRIES; i++) {
            arrive(i, false, NONE);
        }
    }

    @Test
    @Rule("AMDVI-PPR-01")
    void shouldRecordWhatIsAskedFor() {
        arrive(new PageRequest(0x4228, 0x54321, 0x7fff_1234_5678L, 0x1ff, true, true, true, true, false));
        arrive(2, false, NONE);
        assertThat(bed.memory.read64(ControlBed.PAGES)).isEqualTo(0x1166_17ff_4321_4228L);
        assertThat(bed.memory.read64(ControlBed.PAGES + 8)).isEqualTo(0x7fff_1234_5000L);
        assertThat(bed.memory.read64(ControlBed.PAGES + 16)).isEqualTo(0x1004_0002_0000_0010L);
        assertThat(tail()).isEqualTo(32);
        assertThat(bed.notes).isEmpty();
        assertThat(bed.counter("pprlog.recorded")).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-PPR-02")
    void shouldTellOfEveryRecord() {
        bed.enable(Control.PPR_INT_EN);
        arrive(1, false, NONE);
        assertThat(has(Status.PPR_INT)).isTrue();
        assertThat(bed.interrupts).containsExactly("ppr-log");
        arrive(2, true, NONE);
        assertThat(bed.interrupts).hasSize(1);
        bed.write(Reg.STATUS, Status.PPR_INT);
        arrive(3, false, NONE);
        assertThat(bed.interrupts).hasSize(2);
    }

    @Test
    @Rule("AMDVI-PPR-03")
    void shouldOverflowWithOneEntryUnusedAndAnswerNobody() {
        bed.enable(Control.PPR_INT_EN);
        fill();
        assertThat(tail()).isEqualTo(0xff0);
        assertThat(has(Status.PPR_LOG_RUN)).isTrue();
        bed.write(Reg.STATUS, Status.PPR_INT);
        arrive(1, true, NONE);
        arrive(2, true, NONE);
        assertThat(has(Status.PPR_OVERFLOW)).isTrue();
        assertThat(has(Status.PPR_LOG_RUN)).isFalse();
        assertThat(bed.notes).isEmpty();
        assertThat(bed.interrupts).hasSize(2);
        assertThat(bed.counter("pprlog.unanswered")).isEqualTo(2);
        assertThat(bed.counter("pprlog.lost")).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-PPR-04")
    void shouldStayStoppedUntilSoftwareStartsItAgain() {
        fill();
        arrive(1, true, NONE);
        bed.write(Reg.PPR_HEAD, tail());
        bed.disable(Control.PPR_LOG_EN);
        bed.enable(Control.PPR_LOG_EN);
        arrive(2, true, NONE);
        assertThat(tail()).as("not acknowledged").isEqualTo(0xff0);
        bed.write(Reg.STATUS, Status.PPR_OVERFLOW);
        arrive(3, true, NONE);
        assertThat(tail()).as("not switched on again").isEqualTo(0xff0);
        bed.disable(Control.PPR_LOG_EN);
        bed.enable(Control.PPR_LOG_EN);
        arrive(4, true, NONE);
        assertThat(tail()).isZero();
        assertThat(Ppr.TAG.get(bed.memory.read64(ControlBed.PAGES + 0xff0))).isEqualTo(4);
    }

    @ParameterizedTest
    @Rule("AMDVI-PPR-05")
    @CsvSource({
        "0x0, respond 3 pasid 7 SUCCESS",
        "0x1, respond 3 pasid 7 INVALID_REQUEST",
        "0x2, respond 3 pasid 7 RESPONSE_FAILURE",
        "0xf, respond 3 pasid 7 RESPONSE_FAILURE",
        "0x10, respond 3 SUCCESS"
    })
    void shouldAnswerWhatItCannotTakeIfAskedTo(int rules, String answer) {
        bed.write(Reg.PPR_AUTO_RSP, rules);
        bed.enable(Control.PPR_AUTO_RSP_EN);
        fill();
        assertThat(bed.notes).isEmpty();
        arrive(2, false, 7);
        arrive(stopMarker());
        arrive(3, true, 7);
        assertThat(bed.notes).containsExactly(answer);
        assertThat(bed.counter("pprlog.auto_responses")).isEqualTo(1);
        assertThat(bed.counter("pprlog.unanswered")).isZero();
    }

    /** PCIe: only a failure has the PASID whether the function wants it or not. */
    @ParameterizedTest
    @Rule("AMDVI-PPR-13")
    @CsvSource({"0x0, respond 3 SUCCESS", "0x1, respond 3 INVALID_REQUEST", "0x2, respond 3 pasid 7 RESPONSE_FAILURE"})
    void shouldLeaveThePasidOutOfAnswersUnlessTheEntryWantsIt(int rules, String answer) {
        bed.answersWithPasid = false;
        bed.write(Reg.PPR_AUTO_RSP, rules);
        bed.enable(Control.PPR_AUTO_RSP_EN);
        fill();
        arrive(3, true, 7);
        assertThat(bed.notes).containsExactly(answer);
    }

    @Test
    @Rule("AMDVI-PPR-06")
    void shouldAnswerEverythingIfAskedTo() {
        bed.enable(Control.PPR_AUTO_RSP_AON);
        arrive(1, true, NONE);
        assertThat(tail()).as("answers are not enabled").isEqualTo(16);
        bed.enable(Control.PPR_AUTO_RSP_EN);
        arrive(2, false, NONE);
        arrive(2, true, NONE);
        assertThat(tail()).isEqualTo(16);
        assertThat(bed.notes).containsExactly("respond 2 SUCCESS");
        assertThat(has(Status.PPR_OVERFLOW)).isFalse();
    }

    @Test
    @Rule("AMDVI-PPR-07")
    void shouldFailWhatNobodyListensFor() {
        bed.disable(Control.PPR_EN);
        arrive(1, false, NONE);
        arrive(1, true, 7);
        bed.enable(Control.PPR_EN);
        bed.disable(Control.PPR_LOG_EN);
        arrive(2, true, NONE);
        bed.enable(Control.PPR_LOG_EN);
        bed.disable(Control.IOMMU_EN);
        arrive(3, true, NONE);
        assertThat(bed.notes)
                .containsExactly(
                        "respond 1 pasid 7 RESPONSE_FAILURE",
                        "respond 2 RESPONSE_FAILURE",
                        "respond 3 RESPONSE_FAILURE");
        assertThat(tail()).isZero();
    }

    @Test
    @Rule("AMDVI-PPR-08")
    void shouldLogWhatIsNotAllowedAndLeaveTheAnswerToSoftware() {
        bed.refusals = 4;
        arrive(0x155, true, 0x54321);
        arrive(0x155, false, NONE);
        arrive(stopMarker());
        arrive(3, true, 0);
        arrive(4, true, NONE);
        assertThat(bed.event(0)).isEqualTo(0x9200_1555_4321_0010L);
        assertThat(bed.eventAddress(0)).isEqualTo(0x5000);
        assertThat(bed.event(1)).isEqualTo(0x9001_0155_0000_0010L);
        assertThat(bed.event(2)).isEqualTo(0x9201_0000_0007_0010L);
        assertThat(bed.event(3)).as("PASID 0 is a PASID").isEqualTo(0x9200_0003_0000_0010L);
        assertThat(Event.text(bed.event(0), 0)).contains("pasid=344865 tag=341");
        assertThat(bed.notes).isEmpty();
        assertThat(tail()).isEqualTo(16);
    }

    @Test
    @Rule("AMDVI-PPR-09")
    void shouldKeepStopMarkersOutIfAskedTo() {
        arrive(stopMarker());
        assertThat(tail()).isEqualTo(16);
        bed.enable(Control.BLK_STOP_MRK_EN);
        arrive(stopMarker());
        assertThat(tail()).isEqualTo(16);
        arrive(1, true, 7);
        assertThat(tail()).isEqualTo(32);
    }

    @Test
    @Rule("AMDVI-PPR-10")
    void shouldFailWhatItCannotWrite() {
        bed.busFaults.abortWrites(ControlBed.PAGES, 16);
        arrive(1, true, 7);
        arrive(2, false, NONE);
        assertThat(bed.notes).containsExactly("respond 1 pasid 7 RESPONSE_FAILURE");
        assertThat(tail()).isZero();
        assertThat(has(Status.PPR_INT)).isFalse();
    }

    @Test
    @Rule("AMDVI-PPR-01")
    void shouldTakeRequestsThatComeTogetherInOrder() {
        bed.holdsChecks = true;
        for (int group = 1; group <= 3; group++) {
            bed.unit.pages().arrived(request(group, true, NONE));
        }
        bed.holdsChecks = false;
        bed.unit.pages().checked(true, true);
        bed.pass(10_000);
        assertThat(tail()).as("memory takes its time").isZero();
        bed.run();
        assertThat(tail()).isEqualTo(48);
        for (int i = 0; i < 3; i++) {
            assertThat(Ppr.TAG.get(bed.memory.read64(ControlBed.PAGES + 16L * i)))
                    .isEqualTo(i + 1);
        }
    }

    @Test
    @Rule("AMDVI-PPR-11")
    void shouldTellOfTheTailBeforeTheRecordIfAskedTo() {
        ControlBed late = new ControlBed(Map.of("late_records", 1L), ControlBed.ALL).start();
        late.unit.pages().arrived(request(1, true, NONE));
        assertThat(late.read(Reg.PPR_TAIL)).isEqualTo(16);
        assertThat(late.read(Reg.STATUS) & Status.PPR_INT).isNotZero();
        assertThat(late.memory.read64(ControlBed.PAGES)).isZero();
        late.run();
        assertThat(late.read(Reg.PPR_TAIL)).isEqualTo(16);
        assertThat(late.memory.read64(ControlBed.PAGES)).isNotZero();
    }

    @Test
    @Rule("AMDVI-PPR-12")
    void shouldSendAnswersOfSoftware() {
        bed.put(Cmd.completePprRequest0(ControlBed.FUNCTION, 0), Cmd.completePprRequest1(511, Cmd.PPR_SUCCESS));
        bed.put(
                Cmd.completePprRequest0(ControlBed.FUNCTION, 9),
                Cmd.completePprRequest1(2, Cmd.PPR_INVALID) | Cmd.GN.mask());
        bed.put(Cmd.completePprRequest0(ControlBed.OTHER, 0), Cmd.completePprRequest1(3, Cmd.PPR_FAILURE));
        bed.put(Cmd.completePprRequest0(0x99, 0), Cmd.completePprRequest1(4, Cmd.PPR_SUCCESS));
        bed.put(Cmd.completePprRequest0(ControlBed.FUNCTION, 0), Cmd.completePprRequest1(5, 0xf));
        bed.ring();
        bed.run();
        assertThat(bed.notes)
                .containsExactly(
                        "respond 511 SUCCESS",
                        "respond 2 pasid 9 INVALID_REQUEST",
                        "respond 3 RESPONSE_FAILURE",
                        "respond 5 RESPONSE_FAILURE");
    }
}

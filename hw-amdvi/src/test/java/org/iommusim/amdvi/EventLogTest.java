package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** Events: written in order, lost in an overflow, told by an interrupt. */
class EventLogTest {
    private static final long FAULT = Event.word0(Event.IO_PAGE_FAULT, 0x28, Event.RW);

    private final ControlBed bed = ControlBed.running();

    private static void record(ControlBed bed, int number) {
        bed.unit.events().record(FAULT, 0x1000L * number);
    }

    private void fill() {
        for (int i = 1; i < ControlBed.ENTRIES; i++) {
            record(bed, i);
        }
        bed.run();
    }

    private boolean has(long bits) {
        return (bed.read(Reg.STATUS) & bits) == bits;
    }

    @Test
    @Rule("AMDVI-EVT-01")
    void shouldWriteRecordsInOrder() {
        record(bed, 1);
        record(bed, 2);
        assertThat(bed.events()).isZero();
        bed.run();
        assertThat(bed.events()).isEqualTo(2);
        assertThat(bed.event(0)).isEqualTo(0x2020_0000_0000_0028L);
        assertThat(bed.eventAddress(0)).isEqualTo(0x1000);
        assertThat(bed.event(1)).isEqualTo(FAULT);
        assertThat(bed.eventAddress(1)).isEqualTo(0x2000);
        assertThat(bed.event(2)).isZero();
        assertThat(has(Status.EVT_LOG_INT)).as("EventIntEn=0").isFalse();
        assertThat(bed.counter("evtlog.recorded")).isEqualTo(2);
        bed.enable(Control.EVENT_INT_EN);
        record(bed, 3);
        bed.run();
        assertThat(has(Status.EVT_LOG_INT)).isTrue();
    }

    /** As one unit does it: EventLogRun says nothing of the overflow, and the log goes on when EventOverflow is cleared. */
    @Test
    void shouldGoOnByItselfAfterAnOverflowIfItRunsWhenFull() {
        ControlBed other = new ControlBed(Map.of("log_runs_when_full", 1L), ControlBed.ALL).start();
        for (int i = 0; i <= ControlBed.ENTRIES; i++) {
            record(other, i);
        }
        other.run();
        long status = other.read(Reg.STATUS);
        assertThat(status & (Status.EVT_OVERFLOW | Status.EVT_LOG_RUN))
                .isEqualTo(Status.EVT_OVERFLOW | Status.EVT_LOG_RUN);
        other.write(Reg.EVT_HEAD, other.read(Reg.EVT_TAIL));
        record(other, 1);
        other.run();
        assertThat(other.read(Reg.EVT_HEAD)).as("nothing is logged").isEqualTo(other.read(Reg.EVT_TAIL));
        other.write(Reg.STATUS, Status.EVT_OVERFLOW);
        record(other, 2);
        other.run();
        assertThat(other.read(Reg.EVT_HEAD)).isNotEqualTo(other.read(Reg.EVT_TAIL));
    }

    @Test
    @Rule("AMDVI-EVT-02")
    void shouldDropRecordsWhileItDoesNotRun() {
        bed.disable(Control.EVENT_LOG_EN);
        record(bed, 1);
        bed.enable(Control.EVENT_LOG_EN);
        bed.run();
        assertThat(bed.events()).isZero();
        assertThat(bed.counter("evtlog.dropped")).isEqualTo(1);
        record(bed, 2);
        record(bed, 3);
        bed.disable(Control.EVENT_LOG_EN);
        bed.run();
        assertThat(bed.events()).isZero();
        assertThat(bed.event(0)).isZero();
        assertThat(bed.counter("evtlog.dropped")).isEqualTo(3);
    }

    @Test
    @Rule("AMDVI-EVT-03")
    void shouldOverflowWithOneEntryUnused() {
        fill();
        assertThat(bed.events()).isEqualTo(ControlBed.ENTRIES - 1);
        assertThat(has(Status.EVT_LOG_RUN)).isTrue();
        assertThat(has(Status.EVT_OVERFLOW)).isFalse();
        record(bed, 0);
        bed.run();
        assertThat(has(Status.EVT_OVERFLOW)).isTrue();
        assertThat(has(Status.EVT_LOG_RUN)).isFalse();
        assertThat(bed.event(ControlBed.ENTRIES - 1)).isZero();
        assertThat(bed.counter("evtlog.lost")).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-EVT-04")
    void shouldStayStoppedUntilSoftwareStartsItAgain() {
        fill();
        record(bed, 0);
        // There is room, and the overflow is acknowledged.
        bed.write(Reg.EVT_HEAD, bed.read(Reg.EVT_TAIL));
        bed.write(Reg.STATUS, Status.EVT_OVERFLOW);
        record(bed, 1);
        bed.run();
        assertThat(bed.events()).isEqualTo(ControlBed.ENTRIES - 1);
        assertThat(bed.counter("evtlog.dropped")).isEqualTo(1);
        bed.disable(Control.EVENT_LOG_EN);
        bed.enable(Control.EVENT_LOG_EN);
        assertThat(has(Status.EVT_LOG_RUN)).isTrue();
        record(bed, 2);
        bed.run();
        assertThat(bed.read(Reg.EVT_TAIL)).isZero();
        assertThat(bed.eventAddress(ControlBed.ENTRIES - 1)).isEqualTo(0x2000);
    }

    @Test
    @Rule("AMDVI-EVT-04")
    void shouldNotStartBeforeTheOverflowIsAcknowledged() {
        fill();
        record(bed, 0);
        bed.disable(Control.EVENT_LOG_EN);
        bed.enable(Control.EVENT_LOG_EN);
        assertThat(has(Status.EVT_LOG_RUN)).isFalse();
        bed.write(Reg.STATUS, Status.EVT_OVERFLOW);
        assertThat(has(Status.EVT_LOG_RUN)).isFalse();
    }

    @Test
    @Rule("AMDVI-EVT-05")
    void shouldLoseWhatCannotBeWritten() {
        bed.busFaults.abortWrites(ControlBed.EVENTS, 16);
        record(bed, 1);
        bed.run();
        assertThat(bed.events()).isZero();
        assertThat(has(Status.EVT_LOG_INT)).isFalse();
        assertThat(has(Status.EVT_LOG_RUN)).isTrue();
        assertThat(bed.counter("evtlog.lost")).isEqualTo(1);
        bed.busFaults.clear();
        record(bed, 2);
        bed.run();
        assertThat(bed.eventAddress(0)).isEqualTo(0x2000);
    }

    @Test
    @Rule("AMDVI-EVT-06")
    void shouldTellOfTheTailBeforeTheRecordIfAskedTo() {
        ControlBed late = new ControlBed(Map.of("late_records", 1L), ControlBed.ALL).start();
        late.enable(Control.EVENT_INT_EN);
        record(late, 1);
        record(late, 2);
        assertThat(late.events()).isEqualTo(1);
        assertThat(late.event(0)).isZero();
        late.run();
        assertThat(late.events()).isEqualTo(2);
        assertThat(late.eventAddress(0)).isEqualTo(0x1000);
        assertThat(late.eventAddress(1)).isEqualTo(0x2000);
        assertThat(late.interrupts).containsExactly("event-log");
    }
}

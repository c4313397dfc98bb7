package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.GaRecord;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** Interrupts for guests that do not run: written in order, lost in an overflow, told by an interrupt and by the tail in memory. */
class GaLogTest {
    private final ControlBed bed = ControlBed.running().startGuests();

    private static void record(ControlBed bed, int tag) {
        bed.unit.guests().record(ControlBed.FUNCTION, tag);
    }

    private void fill() {
        for (int tag = 1; tag < ControlBed.ENTRIES; tag++) {
            record(bed, tag);
        }
        bed.run();
    }

    private int records() {
        return (int) (bed.read(Reg.GA_TAIL) / GaRecord.BYTES);
    }

    private long at(int number) {
        return bed.memory.read64(ControlBed.GUESTS + 8L * number);
    }

    private long tailInMemory() {
        return bed.memory.read64(ControlBed.GUESTS_TAIL);
    }

    private boolean has(long bits) {
        return (bed.read(Reg.STATUS) & bits) == bits;
    }

    @Test
    @Rule("AMDVI-GA-01")
    void shouldWriteRecordsInOrder() {
        record(bed, 1);
        record(bed, 0x8765_4321);
        assertThat(records()).isZero();
        bed.run();
        assertThat(records()).isEqualTo(2);
        assertThat(at(0)).isEqualTo(0x1000_0010_0000_0001L);
        assertThat(at(1)).isEqualTo(0x1000_0010_8765_4321L);
        assertThat(at(2)).isZero();
        assertThat(has(Status.GA_LOG_INT)).as("GAIntEn=0").isTrue();
        assertThat(bed.interrupts).isEmpty();
        bed.enable(Control.GA_INT_EN);
        bed.run();
        assertThat(bed.interrupts).containsExactly("ga-log");
        assertThat(bed.counter("galog.recorded")).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-GA-02")
    void shouldStoreTheTailBehindTheRecordAndBeforeTheInterrupt() {
        record(bed, 1);
        while (records() == 0) {
            assertThat(at(0)).isZero();
            bed.sim.scheduler().step();
        }
        assertThat(at(0)).isNotZero();
        assertThat(tailInMemory()).isZero();
        while (tailInMemory() == 0) {
            assertThat(has(Status.GA_LOG_INT)).isFalse();
            bed.sim.scheduler().step();
        }
        assertThat(tailInMemory()).isEqualTo(8);
        assertThat(has(Status.GA_LOG_INT)).isTrue();
    }

    /** Records come faster than stores: the last store tells of all. */
    @Test
    @Rule("AMDVI-GA-02")
    void shouldStoreTheTailOfAllThatIsThere() {
        for (int tag = 1; tag <= 5; tag++) {
            record(bed, tag);
        }
        bed.run();
        assertThat(tailInMemory()).isEqualTo(40);
    }

    @Test
    @Rule("AMDVI-GA-02")
    void shouldStoreNoTailWithoutAnAddress() {
        bed.disable(Control.GA_LOG_EN);
        bed.write(Reg.GA_LOG_TAIL_ADDRESS, 0);
        bed.enable(Control.GA_LOG_EN);
        record(bed, 1);
        bed.run();
        assertThat(bed.memory.read64(0)).isZero();
        assertThat(has(Status.GA_LOG_INT)).isTrue();
    }

    @Test
    @Rule("AMDVI-GA-02")
    void shouldTellOfARecordWhoseTailCannotBeStored() {
        bed.busFaults.abortWrites(ControlBed.GUESTS_TAIL, 8);
        record(bed, 1);
        bed.run();
        assertThat(tailInMemory()).isZero();
        assertThat(records()).isEqualTo(1);
        assertThat(has(Status.GA_LOG_INT | Status.GA_LOG_RUN)).isTrue();
    }

    @Test
    @Rule("AMDVI-GA-03")
    void shouldDropRecordsWhileItDoesNotRun() {
        bed.disable(Control.GA_LOG_EN);
        record(bed, 1);
        bed.enable(Control.GA_LOG_EN);
        bed.run();
        assertThat(records()).isZero();
        assertThat(bed.counter("galog.dropped")).isEqualTo(1);
        record(bed, 2);
        record(bed, 3);
        bed.disable(Control.GA_LOG_EN);
        bed.run();
        assertThat(at(0)).isZero();
        assertThat(bed.counter("galog.dropped")).isEqualTo(3);
    }

    @Test
    @Rule("AMDVI-GA-04")
    void shouldOverflowWithOneEntryUnused() {
        bed.enable(Control.GA_INT_EN);
        fill();
        assertThat(records()).isEqualTo(ControlBed.ENTRIES - 1);
        assertThat(has(Status.GA_LOG_RUN)).isTrue();
        assertThat(has(Status.GA_LOG_OVERFLOW)).isFalse();
        bed.write(Reg.STATUS, Status.GA_LOG_INT);
        bed.interrupts.clear();
        record(bed, 0);
        bed.run();
        assertThat(has(Status.GA_LOG_OVERFLOW)).isTrue();
        assertThat(has(Status.GA_LOG_RUN)).isFalse();
        assertThat(has(Status.GA_LOG_INT)).isFalse();
        assertThat(bed.interrupts).containsExactly("ga-log");
        assertThat(at(ControlBed.ENTRIES - 1)).isZero();
        assertThat(bed.counter("galog.lost")).isEqualTo(1);
    }

    /** As the kernel's {@code amd_iommu_restart_ga_log} does it. */
    @Test
    @Rule("AMDVI-GA-05")
    void shouldStayStoppedUntilSoftwareStartsItAgain() {
        fill();
        record(bed, 0);
        bed.write(Reg.GA_HEAD, bed.read(Reg.GA_TAIL));
        bed.write(Reg.STATUS, Status.GA_LOG_OVERFLOW);
        record(bed, 1);
        bed.run();
        assertThat(records()).isEqualTo(ControlBed.ENTRIES - 1);
        bed.disable(Control.GA_LOG_EN);
        bed.enable(Control.GA_LOG_EN);
        assertThat(has(Status.GA_LOG_RUN)).isTrue();
        record(bed, 2);
        bed.run();
        assertThat(bed.read(Reg.GA_TAIL)).as("it is a ring").isZero();
        assertThat(GaRecord.TAG.get(at(ControlBed.ENTRIES - 1))).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-GA-05")
    void shouldNotStartBeforeTheOverflowIsAcknowledged() {
        fill();
        record(bed, 0);
        bed.disable(Control.GA_LOG_EN);
        bed.enable(Control.GA_LOG_EN);
        assertThat(has(Status.GA_LOG_RUN)).isFalse();
        bed.write(Reg.STATUS, Status.GA_LOG_OVERFLOW);
        assertThat(has(Status.GA_LOG_RUN)).isFalse();
    }

    @Test
    @Rule("AMDVI-GA-06")
    void shouldLoseWhatCannotBeWritten() {
        bed.busFaults.abortWrites(ControlBed.GUESTS, 8);
        record(bed, 1);
        bed.run();
        assertThat(records()).isZero();
        assertThat(has(Status.GA_LOG_INT)).isFalse();
        assertThat(has(Status.GA_LOG_RUN)).isTrue();
        assertThat(bed.counter("galog.lost")).isEqualTo(1);
        bed.busFaults.clear();
        record(bed, 2);
        bed.run();
        assertThat(GaRecord.TAG.get(at(0))).isEqualTo(2);
    }
}

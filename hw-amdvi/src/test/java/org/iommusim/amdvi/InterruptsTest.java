package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The unit's own interrupts: which condition sends which message, when, and where to. */
class InterruptsTest {
    private static final long MESSAGE = 0x50_0000;

    private final ControlBed bed = ControlBed.plain();

    private void raise(long bit) {
        bed.unit.status().raise(bit);
        bed.run();
    }

    @ParameterizedTest
    @Rule("AMDVI-INT-01")
    @CsvSource({
        "0, EVENT_INT_EN, event-log",
        "2, COM_WAIT_INT_EN, event-log",
        "5, PPR_INT_EN, ppr-log",
        "6, PPR_INT_EN, ppr-log",
        "9, GA_INT_EN, ga-log",
        "10, GA_INT_EN, ga-log"
    })
    void shouldTellAConditionByItsInterrupt(int bit, String enable, String source) throws ReflectiveOperationException {
        BitField field = (BitField) Control.class.getField(enable).get(null);
        bed.write(
                Reg.CONTROL,
                (Control.EVENT_INT_EN.mask()
                                | Control.COM_WAIT_INT_EN.mask()
                                | Control.PPR_INT_EN.mask()
                                | Control.GA_INT_EN.mask())
                        & ~field.mask());
        raise(1L << bit);
        assertThat(bed.interrupts).isEmpty();
        assertThat(bed.read(Reg.STATUS)).isEqualTo(1L << bit);
        bed.enable(field);
        bed.run();
        assertThat(bed.interrupts).containsExactly(source);
        bed.enable(field);
        bed.run();
        raise(1L << bit);
        assertThat(bed.interrupts).as("it is known").hasSize(1);
        bed.write(Reg.STATUS, 1L << bit);
        raise(1L << bit);
        assertThat(bed.interrupts).hasSize(2);
    }

    @Test
    @Rule("AMDVI-INT-01")
    void shouldSetEventLogIntOnlyWhileItsInterruptIsEnabled() {
        bed.enable(Control.COM_WAIT_INT_EN);
        raise(Status.EVT_LOG_INT);
        assertThat(bed.read(Reg.STATUS)).isZero();
        bed.enable(Control.EVENT_INT_EN);
        bed.run();
        assertThat(bed.interrupts).as("it was not remembered").isEmpty();
        raise(Status.EVT_LOG_INT);
        assertThat(bed.read(Reg.STATUS)).isEqualTo(Status.EVT_LOG_INT);
        assertThat(bed.interrupts).containsExactly("event-log");
    }

    @Test
    @Rule("AMDVI-INT-02")
    void shouldSendAMessageForWhatCameUpWhileOneWasOnItsWay() {
        bed.enable(Control.EVENT_INT_EN, Control.COM_WAIT_INT_EN);
        bed.unit.status().raise(Status.EVT_LOG_INT);
        bed.unit.status().raise(Status.COM_WAIT_INT);
        bed.unit.status().raise(Status.EVT_OVERFLOW);
        bed.run();
        assertThat(bed.interrupts).containsExactly("event-log", "event-log");
    }

    @Test
    @Rule("AMDVI-INT-03")
    void shouldWriteAMessageToMemoryAndLoseOneThatReachesNothing() {
        bed.unit.registers().write(Reg.MSI_ADDR_LO, 4, MESSAGE);
        bed.unit.registers().write(Reg.MSI_DATA, 4, 0x8000_0041L);
        bed.enable(Control.EVENT_INT_EN);
        raise(Status.EVT_LOG_INT);
        assertThat(bed.memory.read64(MESSAGE)).isEqualTo(0x8000_0041L);
        assertThat(bed.interrupts).containsExactly("event-log");
        bed.unit.registers().write(Reg.MSI_ADDR_HI, 4, 7);
        raise(Status.EVT_OVERFLOW);
        assertThat(bed.interrupts).hasSize(1);
    }

    @ParameterizedTest
    @Rule("AMDVI-INT-04")
    @CsvSource({"0x170, 0, event-log", "0x178, 6, ppr-log", "0x180, 10, ga-log"})
    void shouldSendX2apicMessages(int register, int bit, String source) {
        // Where they would go by MSI there is nothing.
        bed.unit.registers().write(Reg.MSI_ADDR_HI, 4, 7);
        bed.enable(Control.EVENT_INT_EN, Control.PPR_INT_EN, Control.GA_INT_EN, Control.INT_CAP_XT_EN);
        bed.write(register, 0x1200_0141_3456_7804L);
        raise(1L << bit);
        assertThat(bed.interrupts).containsExactly(source);
    }

    @Test
    @Rule("AMDVI-INT-04")
    void shouldMakeX2apicMessagesOfTheirRegister() {
        assertThat(UnitInterrupt.x2apicAddress(0x1200_0141_3456_7804L)).isEqualTo(0x1234_5600_fee7_8004L);
        assertThat(UnitInterrupt.x2apicData(0x1200_0141_3456_7804L)).isEqualTo(0x141);
        assertThat(UnitInterrupt.x2apicAddress(0)).isEqualTo(0xfee0_0000L);
    }

    @Test
    @Rule("AMDVI-INT-05")
    void shouldMissWhatComesUpRightAfterItsBitIsClearedIfAskedTo() {
        ControlBed racing = new ControlBed(Map.of("status_race_cycles", 10L), ControlBed.ALL);
        racing.enable(Control.EVENT_INT_EN, Control.PPR_INT_EN);
        racing.unit.status().raise(Status.EVT_LOG_INT);
        racing.run();
        racing.write(Reg.STATUS, Status.EVT_LOG_INT);
        racing.pass(5_000);
        racing.unit.status().raise(Status.EVT_LOG_INT);
        racing.unit.status().raise(Status.PPR_INT);
        racing.run();
        assertThat(racing.read(Reg.STATUS)).isEqualTo(Status.EVT_LOG_INT | Status.PPR_INT);
        assertThat(racing.interrupts).containsExactly("event-log", "ppr-log");
        // Software that looks again finds it, and clears it once more.
        racing.write(Reg.STATUS, Status.EVT_LOG_INT);
        racing.pass(10_000);
        racing.unit.status().raise(Status.EVT_LOG_INT);
        racing.run();
        assertThat(racing.interrupts).containsExactly("event-log", "ppr-log", "event-log");
    }

    @Test
    @Rule("AMDVI-INT-05")
    void shouldCountFromTheLastBitThatIsCleared() {
        ControlBed racing = new ControlBed(Map.of("status_race_cycles", 10L), ControlBed.ALL);
        racing.enable(Control.PPR_INT_EN);
        racing.unit.status().raise(Status.PPR_INT);
        racing.run();
        racing.write(Reg.STATUS, Status.PPR_INT);
        racing.pass(6_000);
        racing.unit.status().raise(Status.PPR_INT);
        racing.write(Reg.STATUS, Status.PPR_INT);
        racing.pass(6_000);
        racing.unit.status().raise(Status.PPR_INT);
        racing.run();
        assertThat(racing.interrupts).containsExactly("ppr-log");
    }
}

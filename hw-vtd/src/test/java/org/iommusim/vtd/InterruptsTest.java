package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages of events: masks, pending bits, addresses. */
class InterruptsTest {
    private static final long MESSAGE = 0x40_0000;

    private final ControlBed bed = ControlBed.plain();

    private void raise() {
        bed.unit.interrupts().fault().raise();
    }

    @Test
    @Rule("VTD-INT-01")
    void shouldHoldAMessageBackWhileMasked() {
        raise();
        bed.run();
        assertThat(bed.interrupts).isEmpty();
        assertThat(bed.read(Reg.FECTL)).isEqualTo(Reg.EVENT_IM | Reg.EVENT_IP);
        bed.unmask(Reg.FECTL);
        assertThat(bed.read(Reg.FECTL)).isZero();
        bed.run();
        assertThat(bed.interrupts).containsExactly("fault");
        bed.write(Reg.FECTL, Reg.EVENT_IM);
        bed.write(Reg.FECTL, Reg.EVENT_IP);
        bed.run();
        assertThat(bed.interrupts).as("IP is read-only").hasSize(1);
    }

    @ParameterizedTest
    @Rule("VTD-INT-02")
    @CsvSource({"0x38, fault", "0xa0, inv-completion", "0xe0, page-request"})
    void shouldSendEachEventByItsOwnName(int control, String name) {
        bed.unmask(control);
        bed.unit.interrupts().fault().raise();
        bed.unit.interrupts().completion().raise();
        bed.unit.interrupts().pageRequest().raise();
        bed.run();
        assertThat(bed.interrupts).containsExactly(name);
    }

    @Test
    @Rule("VTD-INT-03")
    void shouldWriteMessagesToMemoryAndLoseThoseThatReachNothing() {
        bed.write(Reg.FECTL + Reg.EVENT_DATA, 0x77);
        bed.write(Reg.FECTL + Reg.EVENT_ADDR, (int) MESSAGE | 3);
        bed.write(Reg.FECTL, 0);
        raise();
        bed.run();
        assertThat(bed.memory.read(MESSAGE, 4)).isEqualTo(0x77);
        assertThat(bed.interrupts).containsExactly("fault");
        bed.write(Reg.FECTL + Reg.EVENT_UADDR, 0x7);
        raise();
        bed.run();
        assertThat(bed.interrupts).hasSize(1);
    }

    @Test
    @Rule("VTD-INT-04")
    void shouldSendAgainWhatCameUpWhileAMessageWasOnItsWay() {
        bed.unmask(Reg.FECTL);
        raise();
        raise();
        assertThat(bed.read(Reg.FECTL)).isEqualTo(Reg.EVENT_IP);
        raise();
        bed.run();
        assertThat(bed.interrupts).containsExactly("fault", "fault");
        raise();
        // Too late for the mask.
        bed.write(Reg.FECTL, Reg.EVENT_IM);
        bed.run();
        assertThat(bed.interrupts).hasSize(3);
    }

    @Test
    @Rule("VTD-INT-05")
    void shouldTellOfAWaitOnlyIfTheLastOneIsServiced() {
        bed.enableQueue();
        bed.unmask(Reg.IECTL);
        bed.submit(Inv.waitInterrupt0(), 0);
        bed.run();
        bed.submit(Inv.waitInterrupt0(), 0);
        bed.run();
        assertThat(bed.interrupts).containsExactly("inv-completion");
        assertThat(bed.read(Reg.ICS)).isEqualTo(Reg.ICS_IWC);
        bed.write(Reg.ICS, Reg.ICS_IWC);
        assertThat(bed.read(Reg.ICS)).isZero();
        bed.write(Reg.IECTL, Reg.EVENT_IM);
        bed.submit(Inv.waitInterrupt0(), 0);
        bed.run();
        assertThat(bed.read(Reg.IECTL)).isEqualTo(Reg.EVENT_IM | Reg.EVENT_IP);
        bed.write(Reg.ICS, Reg.ICS_IWC);
        assertThat(bed.read(Reg.IECTL)).isEqualTo(Reg.EVENT_IM);
        bed.submit(Inv.waitInterrupt0(), 0);
        bed.run();
        bed.write(Reg.IECTL, 0);
        bed.run();
        assertThat(bed.interrupts).hasSize(2);
    }
}

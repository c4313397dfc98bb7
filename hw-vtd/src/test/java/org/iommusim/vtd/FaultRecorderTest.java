package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** Fault recording registers, FSTS, and the fault event. */
class FaultRecorderTest {
    private final ControlBed bed = new ControlBed(Map.of("nfr", 2L));

    private static Fault fault(int sid, long address) {
        return new Fault(FaultReason.NO_WRITE, sid, -1, address, Frcd.TYPE_WRITE, false, false, Frcd.AT_UNTRANSLATED);
    }

    private void record(int sid) {
        bed.unit.faults().record(fault(sid, 0x1000L * sid));
        bed.run();
    }

    private long record(int index, int word) {
        return bed.read64(bed.cap.faultRecordOffset() + 16 * index + 8 * word);
    }

    private void clear(int index) {
        bed.write(bed.cap.faultRecordOffset() + 16 * index + 12, 1 << 31);
    }

    private int status() {
        return bed.read(Reg.FSTS);
    }

    @Test
    @Rule("VTD-FLT-01")
    void shouldRecordWhatIsSaid() {
        bed.unit
                .faults()
                .record(new Fault(
                        FaultReason.SM_NO_WRITE,
                        0x1234,
                        0xabcde,
                        0x12_3456_7890L,
                        Frcd.TYPE_ATOMIC,
                        true,
                        true,
                        Frcd.AT_TRANSLATED));
        assertThat(record(0, 0)).isEqualTo(0x12_3456_7000L);
        assertThat(record(0, 1)).isEqualTo(0xeabc_de85_f000_1234L);
        assertThat(status()).isEqualTo(Reg.FSTS_PPF);
    }

    @Test
    @Rule("VTD-FLT-02")
    void shouldUseTheRegistersInTurnAndSayWhichWasFirst() {
        record(1);
        record(2);
        assertThat(status()).isEqualTo(Reg.FSTS_PPF);
        clear(0);
        assertThat(status()).isEqualTo(Reg.FSTS_PPF);
        clear(1);
        assertThat(status()).isZero();
        record(3);
        clear(0);
        record(4);
        assertThat(Frcd.SID.getInt(record(1, 1))).isEqualTo(4);
        assertThat(status()).isEqualTo(Reg.FSTS_PPF | 1 << Reg.FSTS_FRI_SHIFT);
    }

    @Test
    @Rule("VTD-FLT-03")
    void shouldOverflowUntilSoftwareHasSeenIt() {
        record(1);
        record(2);
        record(3);
        assertThat(status()).isEqualTo(Reg.FSTS_PPF | Reg.FSTS_PFO);
        clear(0);
        clear(1);
        // There is room, but the overflow is not cleared.
        record(4);
        assertThat(status()).isEqualTo(Reg.FSTS_PFO);
        assertThat(bed.counter("faults.lost")).isEqualTo(2);
        bed.write(Reg.FSTS, Reg.FSTS_PFO);
        assertThat(status()).isZero();
        record(5);
        assertThat(Frcd.SID.getInt(record(0, 1))).isEqualTo(5);
    }

    @Test
    @Rule("VTD-FLT-04")
    void shouldCollapseFaultsOfASource() {
        record(1);
        record(1);
        assertThat(Frcd.F.isSet(record(1, 1))).isFalse();
        assertThat(bed.counter("faults.collapsed")).isEqualTo(1);
        record(2);
        record(2);
        assertThat(bed.counter("faults.collapsed")).isEqualTo(2);
        assertThat(bed.counter("faults.recorded")).isEqualTo(2);
        ControlBed all = new ControlBed(Map.of("nfr", 1L, "collapse_faults", 0L));
        all.unit.faults().record(fault(1, 0));
        all.unit.faults().record(fault(1, 0));
        assertThat(all.read(Reg.FSTS)).isEqualTo(Reg.FSTS_PPF | Reg.FSTS_PFO);
    }

    @Test
    @Rule("VTD-FLT-05")
    void shouldClearOnlyFAndOnlyByOne() {
        record(1);
        bed.write(bed.cap.faultRecordOffset() + 12, 0);
        bed.write(bed.cap.faultRecordOffset() + 8, -1);
        bed.write(bed.cap.faultRecordOffset(), -1);
        assertThat(status()).isEqualTo(Reg.FSTS_PPF);
        assertThat(record(0, 0)).isEqualTo(0x1000);
        clear(0);
        assertThat(record(0, 1)).isEqualTo(0x5_0000_0001L);
        assertThat(status()).isZero();
        clear(0);
        assertThat(record(0, 1)).isEqualTo(0x5_0000_0001L);
    }

    @Test
    @Rule("VTD-FLT-06")
    void shouldInterruptOnlyIfNothingWasPending() {
        bed.unmask(Reg.FECTL);
        record(1);
        record(2);
        record(3);
        bed.unit.faults().queueError(Reg.FSTS_ICE);
        bed.run();
        assertThat(bed.interrupts).containsExactly("fault");
        clear(0);
        clear(1);
        bed.write(Reg.FSTS, Reg.FSTS_PFO);
        record(4);
        assertThat(bed.interrupts).as("ICE is still there").hasSize(1);
        clear(0);
        bed.write(Reg.FSTS, Reg.FSTS_ICE);
        record(5);
        assertThat(bed.interrupts).hasSize(2);
    }

    @Test
    @Rule("VTD-FLT-07")
    void shouldForgetAPendingInterruptWhenEverythingIsServiced() {
        record(9);
        clear(0);
        assertThat(bed.read(Reg.FECTL)).isEqualTo(Reg.EVENT_IM);
        record(1);
        assertThat(bed.read(Reg.FECTL)).isEqualTo(Reg.EVENT_IM | Reg.EVENT_IP);
        bed.enableQueue();
        bed.submit(Inv.WAIT, 0);
        bed.run();
        clear(1);
        assertThat(bed.read(Reg.FECTL)).isEqualTo(Reg.EVENT_IM | Reg.EVENT_IP);
        assertThat(status()).isEqualTo(Reg.FSTS_IQE);
        bed.memory.write64(ControlBed.QUEUE, Inv.iecGlobal0());
        bed.write(Reg.FSTS, Reg.FSTS_IQE);
        assertThat(bed.read(Reg.FECTL)).isEqualTo(Reg.EVENT_IM);
        bed.unmask(Reg.FECTL);
        bed.run();
        assertThat(bed.interrupts).isEmpty();
    }
}

package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** Invalidations of device TLBs: what functions are sent, what waits wait for, and what becomes of those that stay silent. */
class DeviceTlbTest {
    private static final int GONE = 0x99;

    private final ControlBed bed = new ControlBed(Map.of("devtlb_timeout_us", 100L)).enableQueue();

    private static void put(ControlBed in, int sid) {
        in.put(Inv.deviceTlb0(sid, 0, 0), Inv.deviceTlb1(0x1000, 0));
    }

    private void put(int sid) {
        put(bed, sid);
    }

    private int sourceOfTimeout() {
        return bed.read(Reg.IQERCD + 4) & 0xffff;
    }

    @Test
    @Rule("VTD-DTLB-01")
    void shouldSayWhatIsInvalid() {
        bed.put(Inv.deviceTlb0(ControlBed.FUNCTION, 0, 0), Inv.deviceTlb1(0x7000, 1));
        bed.put(Inv.pasidDeviceTlb0(ControlBed.FUNCTION, 5, 0, 0), Inv.pasidDeviceTlb1(0x5000, 0));
        bed.put(
                Inv.pasidDeviceTlb0(ControlBed.FUNCTION, 5, 0, 0),
                Inv.pasidDeviceTlb1(0x5000, 52) | Inv.PASID_GLOBAL.mask());
        bed.ring();
        bed.pass(ControlBed.US);
        assertThat(bed.notes)
                .containsExactly(
                        "invalidate 0 0x6000/13",
                        "invalidate 1 pasid 5 0x5000/12",
                        "invalidate 2 pasid 5 global 0x0/64");
    }

    @Test
    @Rule("VTD-DTLB-02")
    void shouldLetOnlyWaitsWaitForCompletions() {
        bed.submitWait(0);
        put(ControlBed.FUNCTION);
        bed.submitWait(1);
        bed.submit(Inv.iecGlobal0(), 0);
        bed.pass(ControlBed.US);
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.done(1)).isFalse();
        assertThat(bed.notes).contains("interrupt entries 0/16");
        bed.complete(0);
        assertThat(bed.done(1)).isTrue();
    }

    @Test
    @Rule("VTD-DTLB-02")
    void shouldLetAWaitWaitForEachTagOfItsOwn() {
        put(ControlBed.FUNCTION);
        put(ControlBed.FUNCTION);
        bed.submitWait(0);
        put(ControlBed.FUNCTION);
        bed.ring();
        bed.pass(ControlBed.US);
        bed.complete(1);
        assertThat(bed.done(0)).isFalse();
        bed.complete(0);
        assertThat(bed.done(0)).as("the third came later").isTrue();
    }

    @Test
    @Rule("VTD-DTLB-12")
    void shouldWaitForAsManyCompletionsAsTheySay() {
        bed.submit(Inv.deviceTlb0(ControlBed.FUNCTION, 0, 0), Inv.deviceTlb1(0x5000, 0));
        bed.submitWait(0);
        bed.pass(ControlBed.US);
        for (int answers = 0; answers < 3; answers++) {
            assertThat(bed.done(0)).isFalse();
            bed.unit.atcs().completed(ControlBed.FUNCTION, 1, 3);
            bed.pass(ControlBed.US);
        }
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("VTD-DTLB-03")
    void shouldWaitForATagAndObserveTheLimit() {
        for (int i = 0; i < 4; i++) {
            put(ControlBed.FUNCTION);
        }
        bed.ring();
        bed.pass(ControlBed.US);
        assertThat(bed.notes).hasSize(3);
        bed.complete(1);
        assertThat(bed.notes).hasSize(4).last().isEqualTo("invalidate 1 0x1000/12");
        ControlBed one = ControlBed.plain().enableQueue();
        for (int i = 0; i < 2; i++) {
            one.put(Inv.deviceTlb0(ControlBed.FUNCTION, 0, 1), Inv.deviceTlb1(0x1000, 0));
        }
        one.ring();
        one.pass(ControlBed.US);
        assertThat(one.notes).hasSize(1);
        assertThat(one.read(Reg.IQH)).isEqualTo(0x20);
        one.complete(0);
        assertThat(one.notes).hasSize(2);
    }

    @Test
    @Rule("VTD-DTLB-03")
    void shouldNotBeHelpedByATagOfAnotherFunction() {
        bed.put(Inv.deviceTlb0(ControlBed.OTHER, 0, 0), Inv.deviceTlb1(0x9000, 0));
        for (int i = 0; i < 2; i++) {
            bed.put(Inv.deviceTlb0(ControlBed.FUNCTION, 0, 1), Inv.deviceTlb1(0x1000, 0));
        }
        bed.submitWait(0);
        bed.pass(ControlBed.US);
        bed.unit.atcs().completed(ControlBed.OTHER, 1, 1);
        bed.pass(ControlBed.US);
        assertThat(bed.notes).containsExactly("invalidate 0 0x9000/12", "invalidate 1 0x1000/12");
        bed.complete(1);
        assertThat(bed.notes).hasSize(3);
        assertThat(bed.done(0)).isFalse();
        bed.complete(0);
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("VTD-DTLB-04")
    void shouldAbortAllPendingWaitsAtATimeout() {
        bed.unmask(Reg.FECTL);
        put(GONE);
        bed.submitWait(0);
        put(ControlBed.FUNCTION);
        bed.submitWait(1);
        bed.submitWait(2);
        bed.pass(50 * ControlBed.US);
        bed.complete(1);
        int head = bed.read(Reg.IQH);
        bed.run();
        assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_ITE);
        assertThat(sourceOfTimeout()).isEqualTo(GONE);
        assertThat(bed.interrupts).containsExactly("fault");
        assertThat(bed.read(Reg.IQH)).as("it does not go back").isEqualTo(head).isEqualTo(bed.read(Reg.IQT));
        for (int wait = 0; wait < 3; wait++) {
            assertThat(bed.done(wait)).isFalse();
        }
        assertThat(bed.counter("invq.aborted_waits")).isEqualTo(3);
        bed.write(Reg.FSTS, Reg.FSTS_ITE);
        bed.run();
        for (int wait = 0; wait < 3; wait++) {
            assertThat(bed.done(wait))
                    .as("nobody is told after the error is cleared")
                    .isFalse();
        }
    }

    /** Else the late status could be taken for that of the next wait in the same place. */
    @Test
    @Rule("VTD-DTLB-11")
    void shouldTellOfATimeoutBehindTheStatusThatIsOnItsWay() {
        bed.flights.add(0);
        bed.put(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true), 0);
        bed.submitWait(0);
        put(ControlBed.FUNCTION);
        bed.submitWait(1);
        while (bed.notes.size() < 2) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.pass(100 * ControlBed.US - 15_000);
        bed.landed(0);
        while (bed.read(Reg.FSTS) == 0) {
            assertThat(bed.done(0)).isFalse();
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        assertThat(bed.done(0)).isTrue();
        bed.run();
        assertThat(bed.done(1)).isFalse();
        assertThat(sourceOfTimeout()).isEqualTo(ControlBed.FUNCTION);
        bed.write(Reg.FSTS, Reg.FSTS_ITE);
        bed.run();
        assertThat(bed.done(1)).isFalse();
    }

    @Test
    @Rule("VTD-DTLB-05")
    void shouldFetchNothingUntilTheTimeoutIsCleared() {
        put(GONE);
        bed.submit(Inv.waitFence0(), 0);
        bed.run();
        assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_ITE);
        bed.submitWait(0);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        assertThat(bed.read(Reg.IQH)).isEqualTo(0x20);
        bed.write(Reg.FSTS, Reg.FSTS_ITE);
        bed.run();
        assertThat(bed.done(0)).isTrue();
    }

    /** A kernel submits the batch again; as long as the device is silent, every round ends so. */
    @Test
    @Rule("VTD-DTLB-06")
    void shouldTimeOutAgainEachTimeABatchIsRetried() {
        for (int round = 0; round < 3; round++) {
            put(ControlBed.FUNCTION);
            bed.submitWait(0);
            bed.run();
            assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_ITE);
            bed.write(Reg.FSTS, Reg.FSTS_ITE);
        }
        put(ControlBed.FUNCTION);
        bed.submitWait(0);
        bed.pass(ControlBed.US);
        bed.complete(0);
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("VTD-DTLB-07")
    void shouldWaitForEverWithoutATimeout() {
        ControlBed patient = new ControlBed(Map.of("devtlb_timeout_us", 0L)).enableQueue();
        for (int i = 0; i < 4; i++) {
            put(patient, GONE);
        }
        patient.submitWait(0);
        patient.run();
        assertThat(patient.read(Reg.FSTS)).isZero();
        assertThat(patient.done(0)).isFalse();
        assertThat(patient.read(Reg.IQH)).as("no tag is left").isEqualTo(0x40);
    }

    @Test
    @Rule("VTD-DTLB-08")
    void shouldTellOfCompletionsThatNobodyWaitsFor() {
        put(ControlBed.FUNCTION);
        bed.ring();
        bed.run();
        bed.write(Reg.FSTS, Reg.FSTS_ITE);
        bed.complete(0);
        assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_ICE);
        assertThat(bed.read(Reg.IQERCD + 4)).isEqualTo(ControlBed.FUNCTION << 16 | ControlBed.FUNCTION);
        bed.unit.atcs().completed(ControlBed.OTHER, 1, 1);
        assertThat(bed.read(Reg.IQERCD + 4) >>> 16).as("the first").isEqualTo(ControlBed.FUNCTION);
        bed.submitWait(0);
        bed.run();
        assertThat(bed.done(0)).as("it stops nothing").isTrue();
    }

    @Test
    @Rule("VTD-DTLB-09")
    void shouldKeepTheFirstSource() {
        put(GONE);
        put(ControlBed.OTHER);
        bed.ring();
        bed.run();
        assertThat(sourceOfTimeout()).isEqualTo(GONE);
    }

    @Test
    @Rule("VTD-DTLB-10")
    void shouldTakeAndIgnoreThemWithoutDeviceTlbs() {
        ControlBed without = new ControlBed(Map.of("dt", 0L, "prs", 0L)).enableQueue();
        put(without, GONE);
        without.put(Inv.pasidDeviceTlb0(GONE, DmaRequest.NO_PASID & 0xfffff, 0, 0), 0);
        without.submitWait(0);
        without.run();
        assertThat(without.done(0)).isTrue();
        assertThat(without.read(Reg.FSTS)).isZero();
    }
}

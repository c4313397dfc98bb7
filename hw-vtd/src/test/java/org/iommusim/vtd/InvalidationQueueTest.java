package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Descriptors: what they do, when IQH moves, what a wait waits for, how errors stop the queue. */
class InvalidationQueueTest {
    private static final long GLOBAL = Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true);

    private final ControlBed bed = ControlBed.plain().enableQueue();

    private int head() {
        return bed.read(Reg.IQH);
    }

    private int error() {
        return bed.read(Reg.IQERCD) & 0xf;
    }

    @Test
    @Rule("VTD-QI-01")
    void shouldCarryOutDescriptorsInOrder() {
        bed.put(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0), 0);
        bed.put(Inv.context0(Inv.G_CONTEXT_DOMAIN, 1, 0, 0), 0);
        bed.put(Inv.context0(Inv.G_CONTEXT_DEVICE, 1, 2, 3), 0);
        bed.put(GLOBAL, 0);
        bed.put(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, 1, true, true), 0);
        bed.put(Inv.iotlb0(Inv.G_IOTLB_PAGE, 1, true, true), Inv.pages1(0x5000, 0, true));
        bed.put(Inv.pasidCache0(Inv.G_PASID_CACHE_DOMAIN, 1, 0), 0);
        bed.put(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, 1, 2), 0);
        bed.put(Inv.pasidCache0(Inv.G_PASID_CACHE_GLOBAL, 0, 0), 0);
        bed.put(Inv.pasidIotlb0(Inv.G_PASID_ALL, 1, 2), 0);
        bed.put(Inv.pasidIotlb0(Inv.G_PASID_PAGE, 1, 2), Inv.pages1(0x5000, 3, false));
        bed.put(Inv.iecGlobal0(), 0);
        bed.put(Inv.iecIndex0(5, 2), 0);
        bed.ring();
        bed.run();
        assertThat(bed.notes)
                .containsExactly(
                        "CONTEXT_GLOBAL",
                        "CONTEXT_DOMAIN",
                        "CONTEXT_DEVICE",
                        "IOTLB_GLOBAL",
                        "IOTLB_DOMAIN",
                        "IOTLB_PAGE",
                        "PASID_CACHE_DOMAIN",
                        "PASID_CACHE_PASID",
                        "PASID_CACHE_GLOBAL",
                        "PASID_IOTLB_ALL",
                        "PASID_IOTLB_PAGE",
                        "interrupt entries 0/16",
                        "interrupt entries 5/2");
        assertThat(head()).isEqualTo(13 * 16);
    }

    @Test
    @Rule("VTD-QI-02")
    void shouldMoveTheHeadBeforeAnythingIsComplete() {
        bed.flights.add(0);
        bed.put(GLOBAL, 0);
        bed.submitWait(0);
        bed.run();
        assertThat(head()).isEqualTo(bed.read(Reg.IQT));
        assertThat(bed.done(0)).isFalse();
        bed.landed(0);
        bed.run();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.notes).containsExactly("IOTLB_GLOBAL", "complete 1");
    }

    @Test
    @Rule("VTD-QI-03")
    void shouldWaitForNothingLater() {
        bed.put(GLOBAL, 0);
        bed.flights.add(1);
        bed.submitWait(0);
        bed.put(GLOBAL, 0);
        bed.submitWait(1);
        bed.run();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.done(1)).isFalse();
        bed.landed(1);
        bed.run();
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.notes).containsExactly("IOTLB_GLOBAL", "complete 1", "IOTLB_GLOBAL", "complete 1");
        assertThat(bed.counter("invq.waits")).isEqualTo(2);
        assertThat(bed.counter("invq.consumed")).isEqualTo(4);
    }

    @Test
    @Rule("VTD-QI-03")
    void shouldTellEachPromiseOnce() {
        bed.flights.add(0);
        for (int i = 0; i < 3; i++) {
            bed.put(GLOBAL, 0);
            bed.put(GLOBAL, 0);
            bed.submitWait(i);
        }
        bed.run();
        bed.landed(0);
        bed.run();
        assertThat(bed.notes).hasSize(9).endsWith("complete 2", "complete 2", "complete 2");
    }

    @Test
    @Rule("VTD-QI-01")
    void shouldNeedNoTimeIfAskedTo() {
        ControlBed quick = new ControlBed(Map.of("descriptor_cycles", 0L, "invalidate_cycles", 0L)).enableQueue();
        quick.put(GLOBAL, 0);
        quick.submitWait(0);
        long from = quick.sim.now();
        quick.run();
        assertThat(quick.done(0)).isTrue();
        assertThat(quick.notes).containsExactly("IOTLB_GLOBAL", "complete 1");
        // A cycle to start, and three accesses to memory.
        assertThat(quick.sim.now() - from).isLessThan(100_000);
    }

    @Test
    @Rule("VTD-QI-04")
    void shouldCompleteWaitsInOrder() {
        bed.put(GLOBAL, 0);
        bed.flights.add(0);
        for (int i = 0; i < 3; i++) {
            bed.submitWait(i);
        }
        bed.run();
        bed.landed(0);
        assertThat(bed.done(0)).isFalse();
        bed.pass(40_000);
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.done(1)).isFalse();
        bed.run();
        assertThat(bed.done(2)).isTrue();
    }

    @Test
    @Rule("VTD-QI-05")
    void shouldFetchNothingBehindAFence() {
        bed.put(GLOBAL, 0);
        bed.flights.add(0);
        int behind = bed.put(Inv.waitFence0(), 0) + 16;
        bed.put(Inv.iecGlobal0(), 0);
        bed.ring();
        bed.run();
        assertThat(head()).isEqualTo(behind);
        assertThat(bed.notes).containsExactly("IOTLB_GLOBAL");
        bed.landed(0);
        bed.run();
        assertThat(bed.notes).containsExactly("IOTLB_GLOBAL", "interrupt entries 0/16");
    }

    @Test
    @Rule("VTD-QI-06")
    void shouldWrapAround() {
        for (int i = 0; i < 300; i++) {
            bed.submit(Inv.iecGlobal0(), 0);
            bed.run();
        }
        assertThat(bed.notes).hasSize(300);
        assertThat(head()).isEqualTo(300 * 16 & 0xfff);
    }

    @Test
    @Rule("VTD-QI-07")
    void shouldReadWideDescriptors() {
        ControlBed wide = ControlBed.plain();
        wide.write64(Reg.IQA, ControlBed.QUEUE | Reg.IQA_DW | 1);
        wide.write64(Reg.RTADDR, (long) Reg.TTM_SCALABLE << Reg.RTADDR_TTM_SHIFT);
        wide.command(Reg.SRTP);
        wide.command(Reg.QIE);
        wide.memory.write64(ControlBed.QUEUE, Inv.iecGlobal0());
        wide.memory.write64(ControlBed.QUEUE + 32, Inv.iecGlobal0());
        wide.memory.write64(ControlBed.QUEUE + 32 + 24, 1);
        wide.write64(Reg.IQT, 0x40);
        wide.run();
        assertThat(wide.read(Reg.IQH)).isEqualTo(0x20);
        assertThat(wide.read(Reg.IQERCD)).isEqualTo(Reg.IQEI_RESERVED);
        wide.memory.write64(ControlBed.QUEUE + 32 + 24, 0);
        wide.write(Reg.FSTS, Reg.FSTS_IQE);
        wide.run();
        assertThat(wide.read(Reg.IQH)).isEqualTo(0x40);
        wide.write64(Reg.IQT, 0x50);
        wide.run();
        assertThat(wide.read(Reg.IQERCD)).isEqualTo(Reg.IQEI_TAIL_ALIGNMENT);
    }

    @Test
    @Rule("VTD-QI-08")
    void shouldRefuseNarrowDescriptorsInScalableMode() {
        bed.write64(Reg.RTADDR, (long) Reg.TTM_SCALABLE << Reg.RTADDR_TTM_SHIFT);
        bed.command(Reg.SRTP);
        bed.submit(Inv.iecGlobal0(), 0);
        bed.run();
        assertThat(error()).isEqualTo(Reg.IQEI_WIDTH);
        assertThat(head()).isZero();
    }

    static Stream<Arguments> illegal() {
        return Stream.of(
                Arguments.of(0xfL, 0L, Reg.IQEI_TYPE),
                Arguments.of(0L, 0L, Reg.IQEI_TYPE),
                Arguments.of((long) Inv.CONTEXT, 0L, Reg.IQEI_RESERVED),
                Arguments.of((long) Inv.WAIT, 0L, Reg.IQEI_RESERVED),
                Arguments.of(Inv.waitWrite0(1, false, false), 1L << 40, Reg.IQEI_RESERVED),
                Arguments.of(Inv.iecGlobal0(), 1L, Reg.IQEI_RESERVED));
    }

    @ParameterizedTest
    @MethodSource("illegal")
    @Rule("VTD-QI-09")
    @Rule("VTD-QI-10")
    void shouldStopAtAnIllegalDescriptorUntilItIsCorrected(long w0, long w1, int reason) {
        bed.unmask(Reg.FECTL);
        bed.put(Inv.iecGlobal0(), 0);
        int wrong = bed.put(w0, w1);
        bed.submitWait(0);
        bed.run();
        assertThat(head()).isEqualTo(wrong);
        assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_IQE);
        assertThat(error()).isEqualTo(reason);
        assertThat(bed.counter("invq.errors")).isEqualTo(1);
        assertThat(bed.interrupts).containsExactly("fault");
        // A tail does not help; what a kernel does is to put the wait in its place, and to clear IQE.
        bed.submitWait(1);
        bed.run();
        assertThat(head()).isEqualTo(wrong);
        bed.memory.write64(ControlBed.QUEUE + wrong, Inv.waitWrite0(1, false, false));
        bed.memory.write64(ControlBed.QUEUE + wrong + 8, ControlBed.STATUS + 8);
        bed.write(Reg.FSTS, Reg.FSTS_IQE);
        bed.run();
        assertThat(bed.read(Reg.FSTS)).isZero();
        assertThat(List.of(bed.done(0), bed.done(1), bed.done(2))).containsOnly(true);
    }

    @Test
    @Rule("VTD-QI-10")
    void shouldTryAgainOnlyAtATailIfAskedTo() {
        ControlBed other = new ControlBed(Map.of("iq_retry_at_tail", 1L, "iq_error_info", 0L)).enableQueue();
        other.submit(Inv.WAIT, 0);
        other.run();
        other.write(Reg.FSTS, Reg.FSTS_IQE);
        other.run();
        assertThat(other.read(Reg.FSTS)).isZero();
        other.submitWait(0);
        other.run();
        assertThat(other.read(Reg.FSTS)).isEqualTo(Reg.FSTS_IQE);
        assertThat(other.read(Reg.IQH)).isZero();
        assertThat(other.read(Reg.IQERCD)).isZero();
        other.memory.write64(ControlBed.QUEUE, Inv.iecGlobal0());
        other.write(Reg.FSTS, Reg.FSTS_IQE);
        other.ring();
        other.run();
        assertThat(other.done(0)).isTrue();
    }

    /** As recorded: a tail written while the error stands does not count. */
    @Test
    @Rule("VTD-QI-10")
    void shouldNotTryAgainForATailWrittenDuringTheError() {
        ControlBed other = new ControlBed(Map.of("iq_retry_at_tail", 1L)).enableQueue();
        other.submit(Inv.WAIT, 0);
        other.run();
        other.submitWait(0);
        other.run();
        other.write(Reg.FSTS, Reg.FSTS_IQE);
        other.run();
        assertThat(other.read(Reg.FSTS)).isZero();
        assertThat(other.read(Reg.IQH)).isZero();
    }

    @Test
    @Rule("VTD-QI-11")
    void shouldStopAtATailBeyondTheQueue() {
        bed.write64(Reg.IQT, 0x1000);
        bed.run();
        assertThat(bed.read(Reg.FSTS)).isEqualTo(Reg.FSTS_IQE);
        assertThat(error()).isEqualTo(Reg.IQEI_TAIL);
        assertThat(head()).isZero();
    }

    @Test
    @Rule("VTD-QI-12")
    void shouldStopWhereItCannotReadADescriptor() {
        ControlBed nowhere = ControlBed.plain();
        nowhere.write64(Reg.IQA, 1L << 38);
        nowhere.command(Reg.QIE);
        nowhere.write64(Reg.IQT, 0x10);
        nowhere.run();
        assertThat(nowhere.read(Reg.FSTS)).isEqualTo(Reg.FSTS_IQE);
        assertThat(nowhere.read(Reg.IQERCD)).isEqualTo(Reg.IQEI_FETCH);
    }

    @Test
    @Rule("VTD-QI-13")
    void shouldLoseAStatusThatCannotBeWritten() {
        bed.busFaults.abortWrites(ControlBed.STATUS, 4);
        bed.submitWait(0);
        bed.submitWait(1);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.read(Reg.FSTS)).isZero();
    }

    @Test
    @Rule("VTD-QI-14")
    void shouldTellNobodyOfWaitsWhenItIsDisabled() {
        bed.put(GLOBAL, 0);
        bed.flights.add(0);
        bed.submitWait(0);
        bed.run();
        bed.write(Reg.GCMD, 0);
        bed.run();
        assertThat(bed.read(Reg.GSTS)).isZero();
        bed.landed(0);
        bed.run();
        assertThat(bed.done(0)).isFalse();
    }
}

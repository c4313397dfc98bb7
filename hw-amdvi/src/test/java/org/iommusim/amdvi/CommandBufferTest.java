package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands: what they do, when the head moves, what a COMPLETION_WAIT waits for, how errors stop the buffer. */
class CommandBufferTest {
    private static final long DTE = Cmd.invalidateDevtabEntry0(0x28);

    private final ControlBed bed = ControlBed.running();

    private long head() {
        return bed.read(Reg.CMD_HEAD);
    }

    private boolean runs() {
        return (bed.read(Reg.STATUS) & Status.CMD_BUF_RUN) != 0;
    }

    @Test
    @Rule("AMDVI-CMD-01")
    void shouldCarryOutCommandsInOrder() {
        bed.put(DTE, 0);
        bed.put(Cmd.invalidateIommuPages0(7, 0), Cmd.pages1(0x5000, 12));
        bed.put(Cmd.invalidateIommuPages0(7, 0), Cmd.allPages1() | Cmd.PDE.mask());
        bed.put(Cmd.invalidateIommuPages0(7, 3), Cmd.pages1(0x20_0000, 21) | Cmd.GN.mask());
        bed.put(Cmd.invalidateInterruptTable0(0x28), 0);
        bed.put(Cmd.invalidateIommuAll0(), 0);
        bed.ring();
        bed.run();
        assertThat(bed.notes)
                .containsExactly(
                        "INVALIDATE_DEVTAB_ENTRY device=0x28",
                        "INVALIDATE_IOMMU_PAGES domain=7 addr=0x5000 size=2^12",
                        "INVALIDATE_IOMMU_PAGES domain=7 all PDE",
                        "INVALIDATE_IOMMU_PAGES domain=7 pasid=3 addr=0x200000 size=2^21",
                        "INVALIDATE_INTERRUPT_TABLE device=0x28",
                        "INVALIDATE_IOMMU_ALL");
        assertThat(head()).isEqualTo(6 * 16);
        assertThat(bed.counter("cmdbuf.consumed")).isEqualTo(6);
    }

    @Test
    @Rule("AMDVI-CMD-02")
    void shouldMoveTheHeadBeforeAnythingIsComplete() {
        bed.flights.add(0);
        bed.put(DTE, 0);
        bed.submitWait(0);
        bed.run();
        assertThat(head()).isEqualTo(bed.read(Reg.CMD_TAIL));
        assertThat(bed.done(0)).isFalse();
        bed.landed(0);
        bed.run();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.notes).containsExactly("INVALIDATE_DEVTAB_ENTRY device=0x28", "complete 1");
    }

    @Test
    @Rule("AMDVI-CMD-03")
    void shouldWaitForNothingLater() {
        bed.put(DTE, 0);
        bed.flights.add(1);
        bed.submitWait(0);
        bed.put(DTE, 0);
        bed.submitWait(1);
        bed.run();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.done(1)).isFalse();
        bed.landed(1);
        bed.run();
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.counter("cmdbuf.waits")).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-CMD-04")
    void shouldStoreAllOfTheSecondWord() {
        bed.submit(Cmd.completionWaitStore0(ControlBed.STORE), 0x1234_5678_9abc_def0L);
        bed.run();
        assertThat(bed.memory.read64(ControlBed.STORE)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(bed.read(Reg.STATUS) & Status.COM_WAIT_INT).isZero();
    }

    @Test
    @Rule("AMDVI-CMD-05")
    void shouldSayThatAWaitIsCompleteAfterItsStore() {
        bed.enable(Control.COM_WAIT_INT_EN);
        bed.unit.interrupts().connect(source -> bed.notes.add(source + " " + bed.done(0)));
        bed.submit(Cmd.completionWaitStore0(ControlBed.STORE) | Cmd.I_INTERRUPT.mask(), 1);
        bed.run();
        assertThat(bed.notes).containsExactly("complete 0", "complete 0", "event-log true");
        assertThat(bed.read(Reg.STATUS) & Status.COM_WAIT_INT).isNotZero();
    }

    @Test
    @Rule("AMDVI-CMD-05")
    void shouldSayThatAWaitIsCompleteWithoutAMessageIfItIsNotEnabled() {
        bed.submit(Cmd.completionWait0() | Cmd.I_INTERRUPT.mask(), 0);
        bed.run();
        assertThat(bed.read(Reg.STATUS) & Status.COM_WAIT_INT).isNotZero();
        assertThat(bed.interrupts).isEmpty();
        bed.enable(Control.COM_WAIT_INT_EN);
        bed.run();
        assertThat(bed.interrupts).containsExactly("event-log");
    }

    @Test
    @Rule("AMDVI-CMD-06")
    void shouldFetchNothingBehindAWaitThatFlushes() {
        bed.put(DTE, 0);
        bed.flights.add(0);
        int behind = bed.put(Cmd.completionWait0() | Cmd.F_FLUSH.mask(), 0) + 16;
        bed.put(Cmd.invalidateInterruptTable0(1), 0);
        bed.ring();
        bed.run();
        assertThat(head()).isEqualTo(behind);
        bed.landed(0);
        bed.run();
        assertThat(bed.notes)
                .containsExactly("INVALIDATE_DEVTAB_ENTRY device=0x28", "INVALIDATE_INTERRUPT_TABLE device=0x1");
    }

    /** One without f that completes first lets nothing pass. */
    @Test
    @Rule("AMDVI-CMD-06")
    void shouldKeepTheFenceUntilItsOwnWaitIsComplete() {
        bed.put(DTE, 0);
        bed.flights.add(0);
        bed.submitWait(0);
        bed.put(DTE, 0);
        bed.flights.add(1);
        bed.put(Cmd.completionWait0() | Cmd.F_FLUSH.mask(), 0);
        bed.put(Cmd.invalidateInterruptTable0(1), 0);
        bed.ring();
        bed.run();
        bed.landed(0);
        bed.run();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.notes).doesNotContain("INVALIDATE_INTERRUPT_TABLE device=0x1");
        bed.landed(1);
        bed.run();
        assertThat(bed.notes).endsWith("INVALIDATE_INTERRUPT_TABLE device=0x1");
    }

    @Test
    @Rule("AMDVI-CMD-07")
    void shouldWrapAround() {
        for (int i = 0; i < 300; i++) {
            bed.submit(DTE, 0);
            bed.run();
        }
        assertThat(bed.notes).hasSize(300);
        assertThat(head()).isEqualTo(300 * 16 & 0xfff);
    }

    @Test
    @Rule("AMDVI-CMD-01")
    void shouldNeedNoTimeIfAskedTo() {
        ControlBed quick =
                new ControlBed(Map.of("command_cycles", 0L, "invalidate_cycles", 0L), ControlBed.ALL).start();
        quick.put(DTE, 0);
        quick.submitWait(0);
        long from = quick.sim.now();
        quick.run();
        assertThat(quick.done(0)).isTrue();
        // A cycle to start, and three accesses to memory.
        assertThat(quick.sim.now() - from).isLessThan(100_000);
    }

    @Test
    @Rule("AMDVI-CMD-08")
    void shouldHandAHintOnAndWaitForNothing() {
        bed.put(Cmd.prefetchIommuPages0(0x28, 0, 2), Cmd.pages1(0x5000, 12));
        bed.submitWait(0);
        bed.run();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.notes)
                .containsExactly(
                        "prefetch PREFETCH_IOMMU_PAGES device=0x28 addr=0x5000 size=2^12 count=2", "complete 0");
        assertThat(bed.prefetchesStopped).isZero();
        bed.disable(Control.CMD_BUF_EN);
        assertThat(bed.prefetchesStopped).isEqualTo(1);
    }

    static Stream<Arguments> illegal() {
        return Stream.of(
                Arguments.of(0L, 0L),
                Arguments.of(9L << 60, 0L),
                Arguments.of(15L << 60, 0L),
                Arguments.of(DTE | 1 << 16, 0L),
                Arguments.of(DTE, 1L),
                Arguments.of(Cmd.completionWait0() | 1L << 52, 0L),
                Arguments.of(Cmd.invalidateIommuAll0() | 1, 0L));
    }

    @ParameterizedTest
    @MethodSource("illegal")
    @Rule("AMDVI-CMD-09")
    void shouldStopAtAnIllegalCommandUntilItIsSwitchedOffAndOn(long w0, long w1) {
        bed.put(DTE, 0);
        int wrong = bed.put(w0, w1);
        bed.submitWait(0);
        bed.run();
        assertThat(head()).isEqualTo(wrong);
        assertThat(runs()).isFalse();
        assertThat(bed.event(0)).isEqualTo((long) Event.ILLEGAL_COMMAND_ERROR << 60);
        assertThat(bed.eventAddress(0)).isEqualTo(ControlBed.COMMANDS + wrong);
        assertThat(bed.counter("cmdbuf.errors")).isEqualTo(1);
        // Neither a tail nor a head helps.
        bed.submitWait(1);
        bed.write(Reg.CMD_HEAD, wrong + 16);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        bed.disable(Control.CMD_BUF_EN);
        bed.enable(Control.CMD_BUF_EN);
        bed.run();
        assertThat(runs()).isTrue();
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.events()).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-CMD-10")
    void shouldStopWhereThereIsNoCommand() {
        bed.disable(Control.CMD_BUF_EN);
        bed.write(Reg.CMD_BUF_BASE, Reg.ringBase(1L << 38, Reg.LEN_MIN));
        bed.enable(Control.CMD_BUF_EN);
        bed.write(Reg.CMD_TAIL, 0x20);
        bed.run();
        assertThat(runs()).isFalse();
        assertThat(head()).isZero();
        assertThat(bed.event(0))
                .isEqualTo(Event.HW_TYPE.with((long) Event.COMMAND_HARDWARE_ERROR << 60, Event.HW_MASTER_ABORT));
        assertThat(bed.eventAddress(0)).isEqualTo(1L << 38);
        assertThat(bed.events()).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-CMD-10")
    void shouldStopWhereTheBusAbortsACommand() {
        bed.busFaults.abortReads(ControlBed.COMMANDS + 16, 16);
        bed.put(DTE, 0);
        bed.submitWait(0);
        bed.run();
        assertThat(runs()).isFalse();
        assertThat(head()).isEqualTo(16);
        assertThat(Event.HW_TYPE.getInt(bed.event(0))).isEqualTo(Event.HW_TARGET_ABORT);
        assertThat(bed.eventAddress(0)).isEqualTo(ControlBed.COMMANDS + 16);
        bed.busFaults.clear();
        bed.disable(Control.CMD_BUF_EN);
        bed.enable(Control.CMD_BUF_EN);
        bed.run();
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("AMDVI-CMD-11")
    void shouldLetWaitsBeforeAnErrorComplete() {
        bed.put(DTE, 0);
        bed.flights.add(0);
        bed.submitWait(0);
        bed.submit(0, 0);
        bed.run();
        assertThat(runs()).isFalse();
        bed.landed(0);
        bed.run();
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("AMDVI-CMD-12")
    void shouldLoseAStoreThatCannotBeWritten() {
        bed.busFaults.abortWrites(ControlBed.STORE, 8);
        bed.submitWait(0);
        bed.submitWait(1);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.events()).isZero();
    }

    @Test
    @Rule("AMDVI-CMD-13")
    void shouldGiveUpWaitsWhenItIsSwitchedOff() {
        bed.put(DTE, 0);
        bed.flights.add(0);
        bed.put(Cmd.completionWaitStore0(ControlBed.STORE) | Cmd.F_FLUSH.mask(), 1);
        bed.submitWait(1);
        bed.run();
        bed.disable(Control.CMD_BUF_EN);
        assertThat(runs()).isFalse();
        bed.landed(0);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        assertThat(bed.counter("cmdbuf.aborted_waits")).isEqualTo(1);
        bed.enable(Control.CMD_BUF_EN);
        bed.run();
        assertThat(bed.done(1)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 20_000, 34_000})
    @Rule("AMDVI-CMD-13")
    void shouldLeaveACommandWhereItIsWhenItIsSwitchedOffBeforeItTakesEffect(int ps) {
        bed.submit(DTE, 0);
        bed.pass(ps);
        bed.disable(Control.CMD_BUF_EN);
        bed.run();
        assertThat(bed.notes).isEmpty();
        assertThat(head()).isZero();
        bed.enable(Control.CMD_BUF_EN);
        bed.run();
        assertThat(bed.notes).hasSize(1);
    }

    @Test
    @Rule("AMDVI-CMD-14")
    void shouldFetchNothingUnlessTheUnitIsOn() {
        ControlBed other = ControlBed.plain();
        other.write(Reg.CMD_BUF_BASE, Reg.ringBase(ControlBed.COMMANDS, Reg.LEN_MIN));
        other.enable(Control.CMD_BUF_EN);
        other.submitWait(0);
        other.run();
        assertThat(other.read(Reg.STATUS)).isZero();
        assertThat(other.done(0)).isFalse();
        other.enable(Control.IOMMU_EN);
        other.run();
        assertThat(other.done(0)).isTrue();
        other.disable(Control.IOMMU_EN);
        assertThat(other.read(Reg.STATUS)).isZero();
    }

    @Test
    @Rule("AMDVI-CMD-15")
    void shouldKnowOnlyWhatTheUnitOffers() {
        for (long w0 : new long[] {
            Cmd.invalidateIommuAll0(),
            Cmd.completePprRequest0(0x10, 0),
            Cmd.OPCODE.with(0, Cmd.PREFETCH_IOMMU_PAGES),
            Cmd.invalidateIotlbPages0(0x10, 0x10, 0, 0)
        }) {
            ControlBed less = new ControlBed(Map.of("iotlb_sup", 0L), new Efr(0, 0)).start();
            less.submit(w0, 0);
            less.run();
            assertThat(Event.code(less.event(0))).isEqualTo(Event.ILLEGAL_COMMAND_ERROR);
        }
    }
}

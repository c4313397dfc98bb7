package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** INVALIDATE_IOTLB_PAGES: requests to functions, tags, limits, waits, and functions that do not answer. */
class DeviceTlbTest {
    private static final long MS = 1_000_000_000L;

    private final ControlBed bed = ControlBed.running();

    private static long toFunction(int mostPending) {
        return Cmd.invalidateIotlbPages0(ControlBed.FUNCTION, ControlBed.FUNCTION, mostPending, 0);
    }

    private void timeout(int code) {
        bed.write(Reg.CONTROL, Control.INV_TIMEOUT.with(bed.read(Reg.CONTROL), code));
    }

    @Test
    @Rule("AMDVI-ATC-01")
    void shouldSendWhatTheCommandSays() {
        bed.put(toFunction(0), Cmd.pages1(0x1234_5000, 12));
        bed.put(
                Cmd.invalidateIotlbPages0(ControlBed.OTHER, 0, 0, 0x54321),
                Cmd.pages1(0x4000_0000, 30) | Cmd.GN.mask());
        bed.put(Cmd.invalidateIotlbPages0(ControlBed.OTHER, 0, 0, 5), Cmd.allPages1());
        bed.ring();
        bed.pass(ControlBed.US);
        assertThat(bed.notes)
                .containsExactly(
                        "invalidate 0 0x12345000/12", "invalidate 1 pasid 344865 0x40000000/30", "invalidate 2 0x0/64");
    }

    @Test
    @Rule("AMDVI-ATC-02")
    void shouldWaitForAnswersOfWhatWasFetchedBefore() {
        bed.put(toFunction(0), Cmd.allPages1());
        bed.submitWait(0);
        bed.put(toFunction(0), Cmd.allPages1());
        bed.submitWait(1);
        bed.pass(ControlBed.US);
        assertThat(bed.read(Reg.CMD_HEAD)).isEqualTo(0x40);
        assertThat(bed.done(0)).isFalse();
        bed.complete(0);
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.done(1)).isFalse();
        bed.complete(1);
        assertThat(bed.done(1)).isTrue();
        assertThat(bed.notes).contains("complete 1");
    }

    /** PCIe: a function that sends its completions in several traffic classes says how many there are. */
    @Test
    @Rule("AMDVI-ATS-20")
    void shouldWaitForAsManyCompletionsAsThereAre() {
        bed.put(toFunction(0), Cmd.allPages1());
        bed.submitWait(0);
        bed.pass(ControlBed.US);
        bed.unit.atcs().completed(ControlBed.FUNCTION, 1, 2);
        bed.pass(ControlBed.US);
        assertThat(bed.done(0)).isFalse();
        bed.unit.atcs().completed(ControlBed.FUNCTION, 1, 2);
        bed.pass(ControlBed.US);
        assertThat(bed.done(0)).isTrue();
    }

    @Test
    @Rule("AMDVI-ATS-21")
    void shouldTakeNoCompletionOfSomebodyElse() {
        bed.put(toFunction(0), Cmd.allPages1());
        bed.submitWait(0);
        bed.pass(ControlBed.US);
        bed.unit.atcs().completed(ControlBed.OTHER, 1, 1);
        bed.unit.atcs().completed(ControlBed.FUNCTION, 2, 1);
        bed.pass(ControlBed.US);
        assertThat(bed.done(0)).isFalse();
        bed.complete(0);
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.events()).isZero();
    }

    @Test
    @Rule("AMDVI-ATC-03")
    void shouldWaitForATag() {
        for (int i = 0; i < 4; i++) {
            bed.put(toFunction(0), Cmd.pages1(0x1000L * i, 12));
        }
        bed.put(Cmd.invalidateInterruptTable0(1), 0);
        bed.ring();
        bed.pass(ControlBed.US);
        assertThat(bed.notes).hasSize(3);
        assertThat(bed.read(Reg.CMD_HEAD)).isEqualTo(0x40);
        bed.complete(1);
        assertThat(bed.notes)
                .containsExactly(
                        "invalidate 0 0x0/12",
                        "invalidate 1 0x1000/12",
                        "invalidate 2 0x2000/12",
                        "invalidate 1 0x3000/12",
                        "INVALIDATE_INTERRUPT_TABLE device=0x1");
    }

    @Test
    @Rule("AMDVI-ATC-04")
    void shouldSendAFunctionNoMoreThanItTakes() {
        bed.put(toFunction(1), Cmd.allPages1());
        bed.put(toFunction(1), Cmd.allPages1());
        bed.put(Cmd.invalidateIotlbPages0(ControlBed.OTHER, 0, 1, 0), Cmd.allPages1());
        bed.ring();
        bed.pass(ControlBed.US);
        assertThat(bed.notes).hasSize(1);
        bed.complete(0);
        assertThat(bed.notes).hasSize(3);
    }

    @ParameterizedTest
    @Rule("AMDVI-ATC-05")
    @CsvSource({"1, 1", "2, 10", "3, 100", "4, 1000", "5, 10000", "6, 100000"})
    void shouldTellOfAFunctionThatDoesNotAnswerInTime(int code, int ms) {
        timeout(code);
        bed.put(Cmd.invalidateDevtabEntry0(0x28), 0);
        int at = bed.put(toFunction(0), Cmd.allPages1());
        bed.submitWait(0);
        bed.pass(ms * MS);
        assertThat(bed.events()).isZero();
        assertThat(bed.done(0)).isFalse();
        bed.pass(ControlBed.US);
        assertThat(bed.event(0)).isEqualTo((long) Event.IOTLB_INV_TIMEOUT << 60 | ControlBed.FUNCTION);
        assertThat(bed.eventAddress(0)).isEqualTo(ControlBed.COMMANDS + at);
        assertThat(bed.done(0)).isTrue();
        assertThat(bed.read(Reg.STATUS) & Status.CMD_BUF_RUN).isNotZero();
        assertThat(bed.counter("cmdbuf.timeouts")).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-ATC-05")
    void shouldWaitForEverWithoutATimeout() {
        bed.put(toFunction(0), Cmd.allPages1());
        bed.submitWait(0);
        bed.run();
        assertThat(bed.done(0)).isFalse();
        assertThat(bed.events()).isZero();
    }

    @Test
    @Rule("AMDVI-ATC-06")
    void shouldTellOfEachSilentFunctionWithItsOwnCommand() {
        timeout(1);
        bed.put(toFunction(0), Cmd.allPages1());
        bed.put(Cmd.invalidateIotlbPages0(0x99, 0, 0, 0), Cmd.allPages1());
        bed.put(Cmd.invalidateIotlbPages0(ControlBed.OTHER, 0, 0, 0), Cmd.allPages1());
        bed.submitWait(0);
        bed.pass(ControlBed.US);
        bed.complete(0);
        bed.run();
        assertThat(bed.events()).isEqualTo(2);
        assertThat(bed.event(0)).isEqualTo(0x7000_0000_0000_0099L);
        assertThat(bed.eventAddress(0)).isEqualTo(ControlBed.COMMANDS + 0x10);
        assertThat(bed.event(1)).isEqualTo(0x7000_0000_0000_0018L);
        assertThat(bed.eventAddress(1)).isEqualTo(ControlBed.COMMANDS + 0x20);
        assertThat(bed.done(0)).isTrue();
        // An answer that comes now is nobody's.
        bed.unit.atcs().completed(ControlBed.OTHER, 1 << 2, 1);
        bed.run();
        assertThat(bed.events()).isEqualTo(2);
    }

    @Test
    @Rule("AMDVI-ATC-07")
    void shouldGiveUpACommandThatWaitsForATagWhenTheBufferIsSwitchedOff() {
        for (int i = 0; i < 4; i++) {
            bed.put(toFunction(0), Cmd.pages1(0x1000L * i, 12));
        }
        bed.ring();
        bed.pass(ControlBed.US);
        bed.disable(Control.CMD_BUF_EN);
        bed.enable(Control.CMD_BUF_EN);
        bed.submit(Cmd.invalidateInterruptTable0(1), 0);
        bed.pass(ControlBed.US);
        assertThat(bed.notes).hasSize(4).endsWith("INVALIDATE_INTERRUPT_TABLE device=0x1");
        bed.complete(0);
        assertThat(bed.notes).hasSize(4);
    }

    /** As one unit does it: nobody is asked, and nobody waits. */
    @Test
    void shouldSkipFunctionsWithoutATlbIfItDoesThat() {
        ControlBed unit = new ControlBed(Map.of("iotlb_skips_nobody", 1L), ControlBed.ALL).start();
        unit.put(Cmd.invalidateIotlbPages0(0x99, 0, 0, 0), Cmd.allPages1());
        unit.submitWait(0);
        unit.run();
        assertThat(unit.done(0)).isTrue();
        assertThat(unit.notes).noneMatch(note -> note.startsWith("invalidate 0"));
    }

    @Test
    @Rule("AMDVI-ATC-08")
    void shouldIgnoreATypeThatItDoesNotKnow() {
        ControlBed plain = new ControlBed(Map.of(), ControlBed.ALL).start();
        plain.submit(toFunction(0), Cmd.pages1(0x5000, 12) | 0x30);
        plain.pass(ControlBed.US);
        assertThat(plain.notes).containsExactly("invalidate 0 0x5000/12");
    }
}

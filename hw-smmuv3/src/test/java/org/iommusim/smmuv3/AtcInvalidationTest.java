package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;

/** CMD_ATC_INV, and what CMD_SYNC makes of its end. */
class AtcInvalidationTest {
    private static final long NS = 1_000;

    private final AtsBed ats = AtsBed.plain();

    private void send(int sid, int ssid, boolean global, long address, int size) {
        ats.bed.put(Cmd.atcInv0(sid, ssid, global), Cmd.atcInv1(address, size));
        ats.bed.ring();
    }

    private void sync() {
        ats.bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        ats.bed.ring();
    }

    private void pass(long nanoseconds) {
        ats.bed.sim.scheduler().runUntil(ats.bed.sim.now() + nanoseconds * NS);
    }

    private void complete(int tag) {
        ats.bed.device.invalidated(AtsBed.S1, 1 << tag, 1);
        pass(1000);
    }

    private int reason(AtsBed in) {
        return (in.bed.read(Reg.CMDQ_CONS) & Reg.CMDQ_CONS_ERR) >>> Reg.CMDQ_CONS_ERR_SHIFT;
    }

    @Test
    @Rule("SMMU-ATS-24")
    void shouldSayWhatIsInvalid() {
        send(AtsBed.S1, -1, true, 0x7000, 1);
        pass(1000);
        complete(0);
        send(AtsBed.S1, 5, true, 0x5000, 0);
        pass(1000);
        complete(0);
        send(AtsBed.S1, 5, false, 0x5000, 52);
        pass(1000);
        assertThat(ats.sent)
                .containsExactly(
                        "invalidate 0 0x6000/13",
                        "invalidate 0 pasid 5 global 0x5000/12",
                        "invalidate 0 pasid 5 0x0/64");
    }

    @Test
    @Rule("SMMU-ATS-25")
    void shouldBeIllegalWithoutAtsOrWithAnImpossibleSize() {
        send(AtsBed.S1, -1, false, 0, 53);
        pass(1000);
        assertThat(reason(ats)).isEqualTo(Reg.CERROR_ILL);
        AtsBed without = new AtsBed(Map.of("ats", 0L));
        without.bed.command(Cmd.atcInv0(AtsBed.S1, -1, false), 0);
        assertThat(reason(without)).isEqualTo(Reg.CERROR_ILL);
    }

    @Test
    @Rule("SMMU-ATS-26")
    void shouldBeIgnoredWhileDisabledAndForOtherStreams() {
        send(AtsBed.S2, -1, false, 0, 0);
        sync();
        pass(1000);
        ats.disable();
        send(AtsBed.S1, -1, false, 0, 0);
        sync();
        pass(1000);
        assertThat(ats.bed.consumed()).isTrue();
        assertThat(ats.sent).isEmpty();
    }

    @Test
    @Rule("SMMU-ATS-27")
    void shouldWaitForATag() {
        AtsBed one = new AtsBed(Map.of("atc_tags", 1L));
        for (int i = 0; i < 2; i++) {
            one.bed.put(Cmd.atcInv0(AtsBed.S1, -1, false), Cmd.atcInv1(0x1000 * i, 0));
        }
        one.bed.ring();
        one.bed.sim.scheduler().runUntil(one.bed.sim.now() + 1000 * NS);
        assertThat(one.sent).hasSize(1);
        one.bed.device.invalidated(AtsBed.S1, 1, 1);
        assertThat(one.sent).hasSize(2);

        // Three tags, but the function takes two.
        for (int i = 0; i < 3; i++) {
            send(AtsBed.S1, -1, false, 0x1000 * i, 0);
        }
        pass(1000);
        assertThat(ats.sent).hasSize(2);
        complete(1);
        assertThat(ats.sent).hasSize(3);
    }

    @Test
    @Rule("SMMU-ATS-28")
    @Rule("SMMU-ATS-30")
    void shouldLetSyncWaitForEveryCompletion() {
        send(AtsBed.S1, -1, false, 0x1000, 0);
        send(AtsBed.S1, -1, false, 0x2000, 0);
        sync();
        pass(1000);
        complete(0);
        assertThat(ats.bed.consumed()).isFalse();
        ats.bed.device.invalidated(AtsBed.S1, 1 << 1, 2);
        pass(1000);
        assertThat(ats.bed.consumed()).isFalse();
        // A free tag, and another function: nothing changes.
        ats.bed.device.invalidated(AtsBed.S1, 1 << 2 | 1 << 0 | 1 << 20, 1);
        ats.bed.device.invalidated(AtsBed.S2, 1 << 1, 2);
        pass(1000);
        assertThat(ats.bed.consumed()).isFalse();
        ats.bed.device.invalidated(AtsBed.S1, 1 << 1, 2);
        pass(1000);
        assertThat(ats.bed.consumed()).isTrue();
    }

    @Test
    @Rule("SMMU-ATS-29")
    void shouldStopAtTheSyncAfterATimeout() {
        send(AtsBed.S1, -1, false, 0x1000, 0);
        send(AtsBed.S1, -1, false, 0x2000, 0);
        int command = ats.bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        ats.bed.ring();
        pass(999_000);
        assertThat(reason(ats)).isEqualTo(Reg.CERROR_NONE);
        pass(2_000);
        assertThat(reason(ats)).isEqualTo(Reg.CERROR_ATC_INV_SYNC);
        assertThat(ats.bed.read(Reg.CMDQ_CONS) & Reg.Q_INDEX).isEqualTo(command);
        assertThat(ats.bed.interrupts).contains("gerror");
        // It is too late for the answer.
        complete(0);
        ats.bed.write(Reg.GERRORN, ats.bed.read(Reg.GERROR));
        pass(1000);
        assertThat(ats.bed.consumed()).isTrue();
    }
}

package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Pri;
import org.iommusim.smmuv3.spec.Reg;
import org.junit.jupiter.api.Test;

/** Page requests: recorded, or answered without software. */
class PriQueueTest {
    private static final int NONE = -1;

    private final AtsBed ats = AtsBed.plain();

    PriQueueTest() {
        ats.bed.write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_PRIQ | Reg.IRQ_CTRL_GERROR);
        ats.control(Reg.CR0_PRIQEN);
    }

    private int recorded() {
        return ats.bed.read(Reg.PRIQ_PROD) & Reg.Q_INDEX;
    }

    private boolean overflow() {
        return (ats.bed.read(Reg.PRIQ_PROD) & Reg.Q_OVERFLOW) != 0;
    }

    @Test
    @Rule("SMMU-PRI-01")
    void shouldRecordWhatIsAskedFor() {
        ats.page(new PageRequest(AtsBed.S1, 0x12345, 0xabc_d000, 0x155, true, true, true, true, true));
        ats.page(new PageRequest(AtsBed.S2, NONE, 0x5000, 3, false, false, true, true, true));
        assertThat(ats.bed.memory.read64(AtsBed.PAGES)).isEqualTo(0xfc01_2345_0000_0003L);
        assertThat(ats.bed.memory.read64(AtsBed.PAGES + 8)).isEqualTo(0xabc_d155L);
        assertThat(ats.bed.memory.read64(AtsBed.PAGES + 16)).isEqualTo(Pri.WRITE.mask() | AtsBed.S2);
        assertThat(recorded()).isEqualTo(2);
        assertThat(ats.sent).isEmpty();
        assertThat(Pri.text(0xfc01_2345_0000_0003L, 0xabc_d155L))
                .isEqualTo("sid=0x3 ssid=74565 addr=0xabcd000 group=341 read write last");
    }

    @Test
    @Rule("SMMU-PRI-02")
    void shouldFailThemWhileDisabled() {
        ats.control(0);
        ats.page(1, true, 7);
        ats.page(2, false, NONE);
        ats.bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_PRIQEN);
        ats.run();
        ats.page(3, true, NONE);
        assertThat(ats.sent)
                .containsExactly(
                        "respond 1 RESPONSE_FAILURE", "respond 2 RESPONSE_FAILURE", "respond 3 RESPONSE_FAILURE");
        assertThat(recorded()).isZero();
    }

    @Test
    @Rule("SMMU-PRI-03")
    @Rule("SMMU-PRI-04")
    @Rule("SMMU-PRI-05")
    void shouldOverflowUntilAcknowledged() {
        ats.page(1, false, NONE);
        ats.page(1, false, NONE);
        ats.page(1, false, NONE);
        assertThat(overflow()).isTrue();
        ats.page(1, true, 7);
        ats.page(2, true, NONE);
        ats.page(new PageRequest(AtsBed.S1, 7, 0, 0, true, false, false, false, false));
        assertThat(ats.sent).containsExactly("respond 1 pasid 7 SUCCESS", "respond 2 SUCCESS");
        // There is room, but the overflow is not acknowledged.
        ats.bed.write(Reg.PRIQ_CONS, recorded());
        ats.page(3, true, NONE);
        assertThat(recorded()).isEqualTo(2);
        assertThat(overflow()).isTrue();
        ats.bed.write(Reg.PRIQ_CONS, ats.bed.read(Reg.PRIQ_PROD));
        ats.page(4, true, NONE);
        assertThat(recorded()).isEqualTo(3);
        assertThat(ats.sent).hasSize(3);
    }

    @Test
    @Rule("SMMU-PRI-05")
    void shouldRecordStopMarkersAndNeverAnswerThem() {
        PageRequest stop = new PageRequest(AtsBed.S1, 7, 0, 0, true, false, false, false, false);
        ats.page(stop);
        assertThat(recorded()).isEqualTo(1);
        ats.control(0);
        ats.page(stop);
        assertThat(ats.sent).isEmpty();
    }

    @Test
    @Rule("SMMU-PRI-06")
    void shouldFailThemAfterAnAbortedWrite() {
        ats.control(0);
        ats.bed.write64(Reg.PRIQ_BASE, 0x8_0000_0000L | AtsBed.LOG2_PAGES);
        ats.control(Reg.CR0_PRIQEN);
        ats.page(1, true, 7);
        assertThat(ats.bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_PRIQ_ABT_ERR);
        ats.page(2, true, 7);
        assertThat(ats.sent).containsExactly("respond 1 RESPONSE_FAILURE", "respond 2 RESPONSE_FAILURE");
        assertThat(recorded()).isZero();
    }

    @Test
    @Rule("SMMU-PRI-07")
    void shouldInterruptWhenNotEmptyOrForLastRequests() {
        ats.page(1, false, NONE);
        ats.page(1, true, NONE);
        assertThat(ats.bed.interrupts).containsExactly("priq");
        ats.bed.interrupts.clear();
        ats.bed.write(Reg.PRIQ_CONS, ats.bed.read(Reg.PRIQ_PROD));
        ats.bed.write(Reg.IRQ_CTRL, 0);
        ats.run();
        ats.bed.write64(Reg.PRIQ_IRQ_CFG0, 0x23_0000);
        ats.bed.write(Reg.PRIQ_IRQ_CFG1, 77);
        ats.bed.write(Reg.PRIQ_IRQ_CFG2, Reg.PRIQ_IRQ_CFG2_LO);
        ats.bed.write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_PRIQ);
        ats.run();
        ats.page(1, false, NONE);
        assertThat(ats.bed.interrupts).isEmpty();
        ats.page(1, true, NONE);
        assertThat(ats.bed.interrupts).containsExactly("priq");
        assertThat(ats.bed.memory.read(0x23_0000, 4)).isEqualTo(77);
    }

    @Test
    @Rule("SMMU-PRI-08")
    void shouldSendResponses() {
        ats.bed.command(Cmd.priResp0(AtsBed.S1, NONE), Cmd.priResp1(1, Cmd.PRI_DENY));
        ats.bed.command(Cmd.priResp0(AtsBed.S1, 9), Cmd.priResp1(2, Cmd.PRI_FAIL));
        ats.bed.command(Cmd.priResp0(AtsBed.S1, NONE) | 9 << 12, Cmd.priResp1(511, Cmd.PRI_SUCC));
        assertThat(ats.sent)
                .containsExactly(
                        "respond 1 RESPONSE_FAILURE", "respond 2 pasid 9 INVALID_REQUEST", "respond 511 SUCCESS");
        assertThat(ats.bed.consumed()).isTrue();
    }

    @Test
    @Rule("SMMU-PRI-09")
    void shouldRefuseResponsesWithoutPriOrOfAReservedKind() {
        ats.bed.command(Cmd.priResp0(AtsBed.S1, NONE), Cmd.priResp1(1, 3));
        assertThat(ats.bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_CMDQ_ERR);
        AtsBed without = new AtsBed(Map.of("pri", 0L));
        without.bed.command(Cmd.priResp0(AtsBed.S1, NONE), Cmd.priResp1(1, Cmd.PRI_SUCC));
        assertThat(without.bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_CMDQ_ERR);
    }

    @Test
    @Rule("SMMU-PRI-10")
    void shouldIgnoreResponsesWhileDisabledAndToOtherStreams() {
        ats.bed.command(Cmd.priResp0(AtsBed.S2, NONE), Cmd.priResp1(1, Cmd.PRI_SUCC));
        ats.disable();
        ats.bed.command(Cmd.priResp0(AtsBed.S1, NONE), Cmd.priResp1(1, Cmd.PRI_SUCC));
        assertThat(ats.sent).isEmpty();
        assertThat(ats.bed.consumed()).isTrue();
    }

    @Test
    @Rule("SMMU-PRI-11")
    void shouldProtectAndReserveRegisters() {
        ats.bed.write64(Reg.PRIQ_BASE, 0x1000);
        assertThat(ats.bed.device.mmioRead(Reg.PRIQ_BASE, 8)).isEqualTo(AtsBed.PAGES | AtsBed.LOG2_PAGES);
        AtsBed without = new AtsBed(Map.of("pri", 0L));
        assertThat(without.bed.device.mmioRead(Reg.PRIQ_BASE, 8)).isZero();
        without.bed.write(Reg.PRIQ_CONS, 1);
        assertThat(without.bed.read(Reg.PRIQ_CONS)).isZero();
    }
}

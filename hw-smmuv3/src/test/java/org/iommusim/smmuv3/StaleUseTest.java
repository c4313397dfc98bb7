package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.check.Violation;
import org.iommusim.smmuv3.spec.Cmd;
import org.junit.jupiter.api.Test;

/** Each mistake that a device can be given is noticed, and says what happened; a device without mistakes is not blamed. */
class StaleUseTest {
    private static final int SID = 8;
    private static final int VMID = 9;
    private static final int ASID = 5;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x1_0000;
    private static final long IPA_TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2020_0000L;
    private static final long IOVA = 0x40_0000L;

    private final Smmuv3Testbed bed =
            Smmuv3Testbed.of("mmu-600", Map.of("link_down_cycles", 300L)).enable();
    private final Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, TABLES, 0);
    private final Vmsav8Tables stage2 = new Vmsav8Tables(bed.memory, IPA_TABLES, 0);

    private void stage1Only() {
        bed.words(CD, Smmuv3Testbed.cd(stage1.root(), ASID));
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, VMID));
    }

    /** Tables and CD of stage 1 are where they are in both spaces. */
    private void nested() {
        for (long ipa = Smmuv3Testbed.FREE; ipa < IPA_TABLES; ipa += 0x1000) {
            stage2.map(ipa, ipa, Vmsav8Tables.S2_PAGE);
        }
        bed.words(CD, Smmuv3Testbed.cd(stage1.root(), ASID));
        bed.ste(SID, Smmuv3Testbed.nestedSte(CD, stage2.root(), VMID));
    }

    private void faulty(Consumer<Faults> mistake) {
        mistake.accept(bed.device.faults());
    }

    private void sync() {
        bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.ring();
        bed.sim.scheduler().run();
    }

    private void tlbi(long address) {
        bed.put(Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID), Cmd.tlbi1(address, true));
    }

    private void reads(long expected) {
        DmaRequest request = bed.dmaRead(SID, IOVA);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(expected);
    }

    private List<Violation> violations() {
        return bed.sim.violations().violations();
    }

    private void blamed(String... parts) {
        assertThat(violations()).hasSize(1);
        assertThat(violations().get(0).checker()).isEqualTo("stale-translation");
        assertThat(violations().get(0).message())
                .startsWith("smmu0: a request of stream 0x8 for 0x400000 uses ")
                .contains(parts);
    }

    private String word(long address) {
        return "at 0x" + Long.toHexString(address) + ", which was ";
    }

    private static String text(long value) {
        return "0x" + Long.toHexString(value);
    }

    @Test
    void shouldNoticeATlbiThatMissesBlocks() {
        faulty(f -> f.missesBlocks = true);
        stage1Only();
        stage1.mapBlock(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        reads(OLD);
        stage1.mapBlock(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        tlbi(IOVA + 0x5000);
        reads(OLD); // not complete yet
        assertThat(violations()).isEmpty();
        sync();
        reads(OLD);
        blamed(
                "an entry of smmu0.tbu0.utlb, made from the stage-1 entry " + word(stage1.entry(IOVA, 2)),
                text(OLD | Vmsav8Tables.S1_PAGE),
                " and " + text(NEW | Vmsav8Tables.S1_PAGE) + " when TLBI_NH_VA",
                "; complete by CMD_SYNC");
    }

    @Test
    void shouldNoticeASyncThatDoesNotWait() {
        faulty(f -> f.syncDoesNotWait = true);
        slowRead();
        blamed("what it read itself, made from the stage-1 entry " + word(stage1.entry(IOVA, 3)));
    }

    /** The access is carried out long after its translation. */
    private void slowRead() {
        stage1Only();
        stage1.map(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        bed.dataPs = 50_000_000;
        DmaRequest request = bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        stage1.map(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        tlbi(IOVA);
        sync();
    }

    @Test
    void shouldNoticeWhatAWalkUnderWayPutsBack() {
        faulty(f -> f.forgetsFlights = true);
        refill();
        reads(OLD);
        blamed("an entry of smmu0.tbu0.utlb, made from the stage-1 entry " + word(stage1.entry(IOVA, 3)));
    }

    @Test
    void shouldNotPutBackWhatWasInvalidated() {
        refill();
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    /** The invalidation comes when the walk has its leaf but has filled nothing yet; the SYNC comes when all is over. */
    private void refill() {
        stage1Only();
        stage1.map(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA, false));
        while (bed.device.flight(0).outcome != DmaOutcome.OK) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        stage1.map(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        tlbi(IOVA);
        bed.ring();
        bed.sim.scheduler().run();
        sync();
    }

    @Test
    void shouldNoticeACfgiThatForgetsContexts() {
        faulty(f -> f.forgetsContexts = true);
        moveContext();
        reads(OLD);
        blamed("an entry of smmu0.tbu0.utlb, made from the context " + word(CD), " when CFGI_CD");
    }

    @Test
    void shouldUseTheNewContextAfterCfgi() {
        moveContext();
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    private void moveContext() {
        stage1Only();
        stage1.map(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        Vmsav8Tables other = new Vmsav8Tables(bed.memory, TABLES + 0x8_0000, 0);
        other.map(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        reads(OLD);
        bed.words(CD, Smmuv3Testbed.cd(other.root(), ASID + 1));
        bed.put(Cmd.cfgiCd0(SID, 0), Cmd.leaf1(true));
        sync();
    }

    @Test
    void shouldNoticeATlbiThatForgetsCombinedEntries() {
        faulty(f -> f.missesNested = true);
        moveIpa(true);
        reads(OLD);
        blamed(
                "an entry of smmu0.tbu0.utlb, made from the stage-2 entry " + word(stage2.entry(NEW, 3)),
                " when TLBI_NH_ALL");
    }

    @Test
    void shouldAllowCombinedEntriesAfterTlbiOfStage2Alone() {
        moveIpa(false);
        reads(OLD);
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldUseTheNewPageAfterBothInvalidations() {
        moveIpa(true);
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    private void moveIpa(boolean both) {
        nested();
        stage1.map(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        stage2.map(NEW, OLD, Vmsav8Tables.S2_PAGE);
        reads(OLD);
        stage2.map(NEW, NEW, Vmsav8Tables.S2_PAGE);
        bed.put(Cmd.tlbi0(Cmd.TLBI_S2_IPA, VMID, 0), Cmd.tlbi1(NEW, true));
        sync();
        if (both) {
            bed.put(Cmd.tlbi0(Cmd.TLBI_NH_ALL, VMID, 0), 0);
            sync();
        }
    }

    /** One address of a block stands for all of it, for entries and for transactions under way. */
    @Test
    void shouldWaitForUsersOfTheSameBlock() {
        stage1Only();
        stage1.mapBlock(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        bed.dataPs = 50_000_000;
        bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        stage1.mapBlock(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        tlbi(IOVA + 0x5000);
        sync();
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldNotPutBackABlockThatWasInvalidatedByAnotherAddress() {
        stage1Only();
        stage1.mapBlock(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA, false));
        while (bed.device.flight(0).outcome != DmaOutcome.OK) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        stage1.mapBlock(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        tlbi(IOVA + 0x5000);
        sync();
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldDropABlockThatStage2HasSplit() {
        nested();
        stage2.map(OLD, OLD, Vmsav8Tables.S2_PAGE);
        stage2.map(NEW, NEW, Vmsav8Tables.S2_PAGE);
        stage1.mapBlock(IOVA, OLD, Vmsav8Tables.S1_PAGE);
        reads(OLD);
        stage1.mapBlock(IOVA, NEW, Vmsav8Tables.S1_PAGE);
        tlbi(IOVA + 0x5000);
        sync();
        reads(NEW);
        assertThat(violations()).isEmpty();
    }
}

package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands: what they invalidate, what CMD_SYNC waits for, and how the queue stops. */
class CommandQueueTest {
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long TABLES2 = Smmuv3Testbed.FREE + 0x20_0000;
    private static final int VMID = 1;
    private static final int ASID = 5;
    private static final int S1 = 3;
    private static final int S2 = 4;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600").enable();
    private final Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, TABLES, 0);
    private final Vmsav8Tables stage2 = new Vmsav8Tables(bed.memory, TABLES2, 0);

    /** Two streams whose translations of pages 5 and 6 are cached, while the tables say something else by now. */
    @BeforeEach
    void shouldCacheStaleTranslations() {
        bed.words(CD, Smmuv3Testbed.cd(stage1.root(), ASID));
        bed.ste(S1, Smmuv3Testbed.stage1Ste(CD, VMID));
        bed.ste(S2, Smmuv3Testbed.stage2Ste(stage2.root(), VMID));
        for (long page : new long[] {0x5000, 0x6000}) {
            stage1.map(page, 0x2000_0000 + page, Vmsav8Tables.S1_PAGE);
            stage2.map(page, 0x2000_0000 + page, Vmsav8Tables.S2_PAGE);
        }
        for (long page : new long[] {0x5000, 0x6000}) {
            bed.dmaRead(S1, page);
            bed.dmaRead(S2, page);
            stage1.map(page, 0x3000_0000 + page, Vmsav8Tables.S1_PAGE);
            stage2.map(page, 0x3000_0000 + page, Vmsav8Tables.S2_PAGE);
        }
    }

    private boolean stale(int sid, long page) {
        return bed.dmaRead(sid, page).physicalAddress() == 0x2000_0000 + page;
    }

    private void assertStale(boolean s1At5, boolean s1At6, boolean s2At5, boolean s2At6) {
        assertThat(bed.consumed()).isTrue();
        assertThat(stale(S1, 0x5000)).as("stage 1, page 5").isEqualTo(s1At5);
        assertThat(stale(S1, 0x6000)).as("stage 1, page 6").isEqualTo(s1At6);
        assertThat(stale(S2, 0x5000)).as("stage 2, page 5").isEqualTo(s2At5);
        assertThat(stale(S2, 0x6000)).as("stage 2, page 6").isEqualTo(s2At6);
    }

    @Test
    void shouldKeepWhatOtherCommandsConcern() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_ASID, VMID, ASID + 1), 0);
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_ALL, VMID + 1, 0), 0);
        bed.command(Cmd.tlbi0(Cmd.TLBI_S12_VMALL, VMID + 1, 0), 0);
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID + 1), Cmd.tlbi1(0x5000, false));
        bed.command(Cmd.PREFETCH_CONFIG, 0);
        assertStale(true, true, true, true);
    }

    @Test
    void shouldInvalidateOneAddress() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID), Cmd.tlbi1(0x5000, true));
        assertStale(false, true, true, true);
    }

    @Test
    void shouldInvalidateOneAddressOfAllSpaces() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VAA, VMID, 0), Cmd.tlbi1(0x6000, false));
        assertStale(true, false, true, true);
    }

    @Test
    void shouldInvalidateAnAddressSpace() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_ASID, VMID, ASID), 0);
        assertStale(false, false, true, true);
    }

    @Test
    void shouldInvalidateStage1OfAVm() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_ALL, VMID, 0), 0);
        assertStale(false, false, true, true);
    }

    @Test
    void shouldInvalidateAnIpa() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_S2_IPA, VMID, 0), Cmd.tlbi1(0x6000, true));
        assertStale(true, true, true, false);
    }

    @Test
    void shouldInvalidateAVm() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_S12_VMALL, VMID, 0), 0);
        assertStale(false, false, false, false);
    }

    @Test
    void shouldInvalidateEverything() {
        bed.command(Cmd.TLBI_NSNH_ALL, 0);
        assertStale(false, false, false, false);
    }

    /** Nothing is left of a command before, which had concerned something else. */
    @ParameterizedTest
    @ValueSource(ints = {Cmd.TLBI_S12_VMALL, Cmd.TLBI_NSNH_ALL, Cmd.TLBI_NH_ALL, Cmd.TLBI_NH_ASID})
    void shouldNotRepeatTheCommandBefore(int opcode) {
        bed.put(Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID + 1, ASID + 1), Cmd.tlbi1(0x7000, true));
        bed.command(Cmd.tlbi0(opcode, VMID, ASID), 0);
        boolean both = opcode == Cmd.TLBI_S12_VMALL || opcode == Cmd.TLBI_NSNH_ALL;
        assertStale(false, false, !both, !both);
    }

    @Test
    void shouldIgnoreTheBitsOfABaseBelowTheQueuesSize() {
        Smmuv3Testbed other = Smmuv3Testbed.of("mmu-600");
        other.write64(Reg.CMDQ_BASE, Smmuv3Testbed.COMMANDS | 0xe0 | Smmuv3Testbed.LOG2_COMMANDS);
        other.write(Reg.CR0, Reg.CR0_CMDQEN);
        other.sim.scheduler().run();
        other.put(Cmd.sync0(Cmd.CS_SEV), 0);
        other.put(Cmd.sync0(Cmd.CS_IRQ), 0);
        other.ring();
        other.sim.scheduler().run();
        assertThat(other.consumed()).isTrue();
        assertThat(other.interrupts).containsExactly("cmd-sync");
    }

    @Test
    void shouldInvalidateConfigurationOfAStreamOrAll() {
        bed.ste(S1, Ste.abort());
        bed.ste(S2, Ste.abort());
        bed.command(Cmd.cfgiSte0(S1), Cmd.leaf1(true));
        assertThat(bed.dmaRead(S1, 0x5000).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.dmaRead(S2, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);

        bed.command(Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(1));
        assertThat(bed.dmaRead(S2, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);
        bed.command(Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(2));
        assertThat(bed.dmaRead(S2, 0x5000).outcome()).isEqualTo(DmaOutcome.ABORT);

        bed.ste(S2, Ste.bypass());
        bed.command(Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(Cmd.RANGE_ALL));
        assertThat(bed.dmaRead(S2, 0x5000).outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldInvalidateAContext(boolean all) {
        long other = TABLES2 + 0x10_0000;
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, other, 0);
        tables.map(0x5000, 0x3800_0000, Vmsav8Tables.S1_PAGE);
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), 6));
        assertThat(stale(S1, 0x5000)).isTrue();

        bed.put(Cmd.cfgiCd0(S2, 0), Cmd.leaf1(true)); // another stream's, which the next command is not to repeat
        bed.command(all ? Cmd.cfgiCdAll0(S1) : Cmd.cfgiCd0(S1, 0), all ? 0 : Cmd.leaf1(true));

        assertThat(bed.dmaRead(S1, 0x5000).physicalAddress()).isEqualTo(0x3800_0000);
    }

    @Test
    void shouldWaitInSyncForAWalkInFlight() {
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_ALL, VMID, 0), 0);
        // A walk begins and reads what will be changed under it; the access is carried out late.
        bed.dataPs = 5_000_000;
        DmaRequest request = bed.issue(bed.request(S1, DmaRequest.NO_PASID, 0x5000, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + 230_000);
        stage1.map(0x5000, 0x2000_5000, Vmsav8Tables.S1_PAGE);
        bed.put(Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID), Cmd.tlbi1(0x5000, true));
        int tlbi = bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.ring();

        bed.sim.scheduler().runUntil(bed.sim.now() + 3_000_000);
        assertThat(request.translatedAt()).isPositive();
        assertThat(bed.done).doesNotContain(request);
        assertThat(bed.read(Reg.CMDQ_CONS))
                .as("the TLBI is consumed, the SYNC waits")
                .isEqualTo(tlbi);

        bed.sim.scheduler().run();
        assertThat(bed.done).contains(request);
        assertThat(bed.consumed()).isTrue();
        bed.dataPs = 0;
        assertThat(bed.dmaRead(S1, 0x5000).physicalAddress())
                .as("the walk in flight did not refill")
                .isEqualTo(0x2000_5000);
        assertThat(bed.done.get(bed.done.size() - 1).misses()).isEqualTo(1);
    }

    @Test
    @Rule("SMMU-CMD-06")
    void shouldWaitInSyncForEventsOfWhatHasEnded() {
        int before = bed.done.size();
        // Records take 30 ns each to be written, one after the other.
        for (int i = 0; i < 4; i++) {
            bed.issue(bed.request(0x40 + i, DmaRequest.NO_PASID, 0x5000, false));
        }
        while (bed.done.size() < before + 4) {
            bed.sim.scheduler().step();
        }
        assertThat(bed.events()).isLessThan(4);
        bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.ring();
        while (!bed.consumed()) {
            bed.sim.scheduler().step();
        }
        assertThat(bed.events()).isEqualTo(4);
    }

    @Test
    void shouldSignalSyncByAnMsi() {
        long target = Smmuv3Testbed.FREE + 0x8000;
        bed.memory.write64(target, 0x1_ffff_ffffL);
        bed.put(Cmd.syncMsi0(0), Cmd.syncMsi1(target));
        bed.ring();
        bed.sim.scheduler().run();

        assertThat(bed.memory.read64(target)).isEqualTo(0x1_0000_0000L);
        assertThat(bed.consumed()).isTrue();
    }

    @Test
    void shouldStopAtAnIllegalCommandUntilItIsAcknowledged() {
        int before = bed.read(Reg.CMDQ_CONS);
        bed.put(0x7f, 0);
        bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.ring();
        bed.sim.scheduler().run();

        assertThat(bed.read(Reg.CMDQ_CONS)).isEqualTo(before | Reg.CERROR_ILL << Reg.CMDQ_CONS_ERR_SHIFT);
        assertThat(bed.read(Reg.GERROR) ^ bed.read(Reg.GERRORN)).isEqualTo(Reg.GERROR_CMDQ_ERR);
        assertThat(bed.interrupts).containsExactly("gerror");

        // As the kernel does: the bad command is overwritten by a CMD_SYNC, then the error is acknowledged.
        long at = Smmuv3Testbed.COMMANDS + ((long) before % 16 << Cmd.SHIFT);
        bed.memory.write64(at, Cmd.sync0(Cmd.CS_SEV));
        bed.write(Reg.GERRORN, bed.read(Reg.GERROR));
        bed.sim.scheduler().run();

        assertThat(bed.consumed()).isTrue();
    }

    @Test
    void shouldRefuseWhatTheIdentificationRegistersDoNotOffer() {
        long[] absent = {
            Cmd.atcInv0(3, -1, false),
            Cmd.priResp0(3, -1),
            Cmd.resume0(3, true, false),
            Cmd.STALL_TERM | 3L << 32,
            Cmd.TLBI_EL2_ALL,
            Cmd.TLBI_NSNH_ALL | Cmd.SSEC.mask(),
            Cmd.sync0(3)
        };
        for (long command : absent) {
            Smmuv3Testbed fresh = Smmuv3Testbed.of("mmu-700").enable();
            fresh.put(command, 0);
            fresh.ring();
            fresh.sim.scheduler().run();
            assertThat(fresh.read(Reg.CMDQ_CONS) >>> Reg.CMDQ_CONS_ERR_SHIFT)
                    .as(Cmd.text(command, 0))
                    .isEqualTo(Reg.CERROR_ILL);
        }
    }

    @Test
    void shouldAcknowledgeItsDisableWhenTheCommandUnderWayIsDone() {
        bed.put(Cmd.TLBI_NSNH_ALL, 0);
        bed.put(Cmd.TLBI_NSNH_ALL, 0);
        bed.ring();
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000);
        bed.write(Reg.CR0, Reg.CR0_SMMUEN | Reg.CR0_EVENTQEN);
        bed.sim.scheduler().runUntil(bed.sim.now() + 20_000);
        assertThat(bed.read(Reg.CR0ACK) & Reg.CR0_CMDQEN).isNotZero();
        bed.sim.scheduler().run();

        assertThat(bed.read(Reg.CR0ACK) & Reg.CR0_CMDQEN).isZero();
        assertThat(bed.read(Reg.CMDQ_CONS)).isEqualTo(1);
    }

    @Test
    void shouldInvalidateARange() {
        Smmuv3Testbed ranged = Smmuv3Testbed.of("mmu-700").enable();
        Vmsav8Tables tables = new Vmsav8Tables(ranged.memory, TABLES, 0);
        ranged.words(CD, Smmuv3Testbed.cd(tables.root(), ASID));
        ranged.ste(S1, Smmuv3Testbed.stage1Ste(CD, VMID));
        for (long page = 0; page < 8; page++) {
            tables.map(page << 12, 0x2000_0000 + (page << 12), Vmsav8Tables.S1_PAGE);
            ranged.dmaRead(S1, page << 12);
        }
        for (long page = 0; page < 8; page++) {
            tables.map(page << 12, 0x3000_0000 + (page << 12), Vmsav8Tables.S1_PAGE);
        }
        // (2 + 1) x 2^1 pages of 4 KiB from page 1 on: pages 1 to 6.
        ranged.command(Cmd.tlbiRange0(Cmd.TLBI_NH_VA, VMID, ASID, 2, 1), Cmd.tlbiRange1(0x1000, true, 3, 1));

        for (long page = 0; page < 8; page++) {
            boolean stale = ranged.dmaRead(S1, page << 12).physicalAddress() < 0x3000_0000;
            assertThat(stale).as("page %d", page).isEqualTo(page == 0 || page == 7);
        }
    }

    @Test
    void shouldStopIfACommandCannotBeFetched() {
        Smmuv3Testbed other = Smmuv3Testbed.of("mmu-600");
        other.write64(Reg.CMDQ_BASE, 0x8_0000_0000L | 4);
        other.write(Reg.CR0, Reg.CR0_CMDQEN);
        other.sim.scheduler().run();
        other.write(Reg.CMDQ_PROD, 1);
        other.sim.scheduler().run();

        assertThat(other.read(Reg.CMDQ_CONS)).isEqualTo(Reg.CERROR_ABT << Reg.CMDQ_CONS_ERR_SHIFT);
        assertThat(other.read(Reg.GERROR)).isEqualTo(Reg.GERROR_CMDQ_ERR);
    }
}

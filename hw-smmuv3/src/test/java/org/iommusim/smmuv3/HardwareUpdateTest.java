package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** Accessed and dirty state that hardware keeps, in either stage, and through stage 2. */
class HardwareUpdateTest {
    private static final int SID = 3;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final long IOVA = 0x5000;
    private static final long DATA = 0x2000_3000;
    private static final long CLEAN = Vmsav8Tables.S1_READ_ONLY | Vmsav8.DBM;
    private static final long S2_CLEAN = Vmsav8Tables.S2_PAGE & ~Vmsav8.S2AP_WRITE | Vmsav8.DBM;

    private final Smmuv3Testbed bed = bed(2);
    private final Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);

    private static Smmuv3Testbed bed(long httu) {
        return Smmuv3Testbed.of("mmu-600", Map.of("httu", httu)).enable();
    }

    private static long[] cd(long root, boolean access, boolean dirty) {
        long[] cd = Smmuv3Testbed.cd(root, 5);
        Cd.HA.put(cd, access ? 1 : 0);
        Cd.HD.put(cd, dirty ? 1 : 0);
        return cd;
    }

    private void stage1(boolean access, boolean dirty, long leaf) {
        bed.words(CD, cd(tables.root(), access, dirty));
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));
        tables.map(IOVA, DATA, leaf);
    }

    private long leaf() {
        return bed.memory.read64(tables.entry(IOVA, 3));
    }

    private boolean dirty() {
        return (leaf() & Vmsav8.AP_READ_ONLY) == 0;
    }

    @Test
    @Rule("SMMU-HTTU-01")
    void shouldFaultOnAClearAccessFlagThatItMayNotSet() {
        stage1(false, false, Vmsav8Tables.S1_PAGE & ~Vmsav8.AF);
        long before = leaf();

        assertThat(bed.dmaRead(SID, IOVA).faultCode()).isEqualTo(Event.F_ACCESS);
        assertThat(leaf()).isEqualTo(before);
    }

    @Test
    @Rule("SMMU-HTTU-02")
    void shouldSetTheAccessFlag() {
        stage1(true, false, Vmsav8Tables.S1_PAGE & ~Vmsav8.AF);
        long before = leaf();

        assertThat(bed.dmaRead(SID, IOVA).physicalAddress()).isEqualTo(DATA);
        assertThat(leaf()).isEqualTo(before | Vmsav8.AF);
    }

    @Test
    @Rule("SMMU-HTTU-03")
    void shouldLeaveTheAccessFlagClearIfNobodyWantsIt() {
        long[] cd = cd(tables.root(), false, false);
        Cd.AFFD.put(cd, 1);
        bed.words(CD, cd);
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));
        tables.map(IOVA, DATA, Vmsav8Tables.S1_PAGE & ~Vmsav8.AF);

        assertThat(bed.dmaRead(SID, IOVA).physicalAddress()).isEqualTo(DATA);
        assertThat(leaf() & Vmsav8.AF).isZero();
    }

    @Test
    @Rule("SMMU-HTTU-04")
    void shouldNotSetTheAccessFlagOfAForbiddenAccess() {
        stage1(true, false, Vmsav8Tables.S1_READ_ONLY & ~Vmsav8.AF);

        assertThat(bed.dmaWrite(SID, IOVA).faultCode()).isEqualTo(Event.F_PERMISSION);
        assertThat(leaf() & Vmsav8.AF).isZero();
    }

    @Test
    @Rule("SMMU-HTTU-05")
    @Rule("SMMU-HTTU-06")
    @Rule("SMMU-HTTU-09")
    void shouldMakeACleanPageDirtyAtTheFirstWriteEvenIfItIsCached() {
        stage1(true, true, CLEAN);

        assertThat(bed.dmaRead(SID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(dirty()).isFalse();
        assertThat(bed.dmaWrite(SID, IOVA).physicalAddress()).isEqualTo(DATA);
        assertThat(dirty()).isTrue();
        assertThat(leaf() & Vmsav8.DBM).isNotZero();
        assertThat(bed.dmaWrite(SID, IOVA).misses()).isZero();
    }

    @Test
    @Rule("SMMU-HTTU-10")
    void shouldMakeAPageDirtyAgainAfterItWasCleanedAndInvalidated() {
        stage1(true, true, CLEAN);
        bed.dmaWrite(SID, IOVA);
        tables.map(IOVA, DATA, CLEAN);
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VA, 1, 5), Cmd.tlbi1(IOVA, true));

        bed.dmaRead(SID, IOVA);
        assertThat(dirty()).isFalse();
        bed.dmaWrite(SID, IOVA);
        assertThat(dirty()).isTrue();
    }

    @Test
    @Rule("SMMU-HTTU-07")
    void shouldTakeACleanPageAsReadOnlyWithoutDirtyState() {
        stage1(true, false, CLEAN);

        assertThat(bed.dmaWrite(SID, IOVA).faultCode()).isEqualTo(Event.F_PERMISSION);
        assertThat(dirty()).isFalse();
    }

    @Test
    @Rule("SMMU-HTTU-08")
    void shouldKeepReadOnlyPagesReadOnly() {
        stage1(true, true, Vmsav8Tables.S1_READ_ONLY);

        assertThat(bed.dmaWrite(SID, IOVA).faultCode()).isEqualTo(Event.F_PERMISSION);
        assertThat(dirty()).isFalse();
    }

    @Test
    @Rule("SMMU-HTTU-11")
    void shouldKeepStateInStage2() {
        long[] ste = Smmuv3Testbed.stage2Ste(tables.root(), 7);
        Ste.S2HA.put(ste, 1);
        Ste.S2HD.put(ste, 1);
        bed.ste(SID, ste);
        tables.map(IOVA, DATA, S2_CLEAN & ~Vmsav8.AF);

        bed.dmaRead(SID, IOVA);
        assertThat(leaf() & (Vmsav8.AF | Vmsav8.S2AP_WRITE)).isEqualTo(Vmsav8.AF);
        assertThat(bed.dmaWrite(SID, IOVA).physicalAddress()).isEqualTo(DATA);
        assertThat(leaf() & Vmsav8.S2AP_WRITE).isNotZero();
    }

    /** Stage 1 lies in guest memory from IPA 0x10000, in pages that stage 2 maps with these leaf bits. */
    private Vmsav8Tables nested(long tableLeaf) {
        for (long ipa = 0; ipa < 0x2_0000; ipa += 0x1000) {
            tables.map(ipa, GUEST + ipa, ipa < 0x1_0000 ? Vmsav8Tables.S2_PAGE : tableLeaf);
        }
        tables.mapBlock(0x4000_0000L, 0x2000_0000, Vmsav8Tables.S2_PAGE);
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, cd(stage1.root(), true, true));
        long[] ste = Smmuv3Testbed.nestedSte(0, tables.root(), 9);
        Ste.S2HA.put(ste, 1);
        Ste.S2HD.put(ste, 1);
        bed.ste(SID, ste);
        stage1.map(IOVA, 0x4000_3000L, CLEAN);
        return stage1;
    }

    @Test
    @Rule("SMMU-HTTU-12")
    @Rule("SMMU-HTTU-20")
    void shouldNotUpdateTablesThatStage2Protects() {
        Vmsav8Tables stage1 = nested(Vmsav8Tables.S2_PAGE & ~Vmsav8.S2AP_WRITE);
        long entry = stage1.entry(IOVA, 3);
        assertThat(bed.dmaRead(SID, IOVA).physicalAddress()).isEqualTo(DATA);

        for (int round = 0; round < 2; round++) {
            assertThat(bed.dmaWrite(SID, IOVA).faultCode()).isEqualTo(Event.F_PERMISSION);
            assertThat(bed.event(round, 1)).isEqualTo(Event.word1(false, false, false, true, Event.CLASS_TT));
            assertThat(bed.event(round, 2)).isEqualTo(IOVA);
            assertThat(bed.event(round, 3)).isEqualTo(entry - GUEST & ~0xfffL);
        }
        assertThat(bed.memory.read64(entry) & Vmsav8.AP_READ_ONLY).isNotZero();
    }

    @Test
    @Rule("SMMU-HTTU-13")
    void shouldMakeTheTablesPageDirtyInStage2() {
        Vmsav8Tables stage1 = nested(S2_CLEAN);
        long entry = stage1.entry(IOVA, 3);
        long ofTable = tables.entry(entry - GUEST, 3);
        bed.dmaRead(SID, IOVA);
        assertThat(bed.memory.read64(ofTable) & Vmsav8.S2AP_WRITE).isZero();

        assertThat(bed.dmaWrite(SID, IOVA).physicalAddress()).isEqualTo(DATA);

        assertThat(bed.memory.read64(entry) & Vmsav8.AP_READ_ONLY).isZero();
        assertThat(bed.memory.read64(ofTable) & Vmsav8.S2AP_WRITE).isNotZero();
        assertThat(bed.done).allSatisfy(r -> assertThat(r.totalTicks()).isEqualTo(r.latency()));
    }

    @Test
    void shouldMakeAPageDirtyThatStage2ThenRefuses() {
        Vmsav8Tables stage1 = nested(Vmsav8Tables.S2_PAGE);
        stage1.map(IOVA, 0x7000_0000L, CLEAN);
        assertThat(bed.dmaWrite(SID, IOVA).faultCode()).isEqualTo(Event.F_TRANSLATION);
        assertThat(Event.CLASS.get(bed.event(0, 1))).isEqualTo(Event.CLASS_IN);
        assertThat(bed.memory.read64(stage1.entry(IOVA, 3)) & Vmsav8.AP_READ_ONLY)
                .isZero();
    }

    private static int codeOfCd(Smmuv3Testbed other, boolean access, boolean dirty) {
        Vmsav8Tables mapped = new Vmsav8Tables(other.memory, TABLES, 0);
        mapped.map(IOVA, DATA, Vmsav8Tables.S1_PAGE);
        other.words(CD, cd(mapped.root(), access, dirty));
        other.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));
        return other.dmaRead(SID, IOVA).faultCode();
    }

    private static DmaRequest writeThroughStage2(Smmuv3Testbed other, long leaf, boolean dirty) {
        Vmsav8Tables mapped = new Vmsav8Tables(other.memory, TABLES, 0);
        mapped.map(IOVA, DATA, leaf);
        long[] ste = Smmuv3Testbed.stage2Ste(mapped.root(), 7);
        Ste.S2HA.put(ste, 1);
        Ste.S2HD.put(ste, dirty ? 1 : 0);
        other.ste(SID, ste);
        return other.dmaWrite(SID, IOVA);
    }

    @Test
    @Rule("SMMU-HTTU-14")
    @Rule("SMMU-HTTU-15")
    void shouldRefuseWhatTheIdentificationDoesNotOffer() {
        assertThat(codeOfCd(bed(0), true, false)).isEqualTo(Event.C_BAD_CD);
        assertThat(codeOfCd(bed(0), false, true)).isEqualTo(Event.C_BAD_CD);
        assertThat(codeOfCd(bed(1), true, false)).isZero();
        assertThat(codeOfCd(bed(1), true, true)).isEqualTo(Event.C_BAD_CD);
        assertThat(codeOfCd(bed(2), true, true)).isZero();
        assertThat(codeOfCd(bed(2), false, true)).isZero();

        assertThat(writeThroughStage2(bed(0), S2_CLEAN, true).faultCode()).isEqualTo(Event.F_PERMISSION);
        assertThat(writeThroughStage2(bed(1), S2_CLEAN, true).faultCode()).isEqualTo(Event.C_BAD_STE);
    }

    @Test
    @Rule("SMMU-HTTU-16")
    void shouldKeepNothingIfOnlyDirtyStateIsAskedFor() {
        stage1(false, true, CLEAN);
        assertThat(bed.dmaWrite(SID, IOVA).faultCode()).isEqualTo(Event.F_PERMISSION);
        tables.map(IOVA, DATA, CLEAN & ~Vmsav8.AF);
        assertThat(bed.dmaRead(SID, IOVA).faultCode()).isEqualTo(Event.F_ACCESS);
        assertThat(dirty()).isFalse();
    }

    @Test
    @Rule("SMMU-HTTU-18")
    void shouldUpdateOneEntryOfARun() {
        stage1(true, true, CLEAN | Vmsav8.CONTIGUOUS);
        for (int i = 0; i < 16; i++) {
            tables.map(0x1_0000 + 0x1000L * i, 0x2004_0000 + 0x1000L * i, CLEAN | Vmsav8.CONTIGUOUS);
        }

        bed.dmaWrite(SID, 0x1_3000);

        for (int i = 0; i < 16; i++) {
            long word = bed.memory.read64(tables.entry(0x1_0000 + 0x1000L * i, 3));
            assertThat((word & Vmsav8.AP_READ_ONLY) == 0).as("entry " + i).isEqualTo(i == 3);
        }
        assertThat(bed.dmaWrite(SID, 0x1_4000).misses()).isEqualTo(1);
    }

    @Test
    @Rule("SMMU-HTTU-19")
    void shouldNotOfferAccessFlagsOfTables() {
        assertThatThrownBy(() -> bed(3)).isInstanceOf(IommuConfigException.class);

        stage1(true, true, Vmsav8Tables.S1_PAGE);
        bed.dmaRead(SID, IOVA);
        assertThat(bed.memory.read64(tables.entry(IOVA, 2)) & Vmsav8.AF).isZero();
    }
}

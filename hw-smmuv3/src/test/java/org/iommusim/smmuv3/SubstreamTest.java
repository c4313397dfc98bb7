package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which context descriptor a transaction gets, with and without SubstreamID. */
class SubstreamTest {
    private static final int SID = 3;
    private static final int NONE = DmaRequest.NO_PASID;
    private static final long CDS = Smmuv3Testbed.FREE;
    private static final long LEAVES = Smmuv3Testbed.FREE + 0x2_0000;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long TABLE_BYTES = 0x1_0000;
    private static final long DATA = 0x2000_0000;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600").enable();

    /** A context that maps page 5 to a page of its own. */
    private void context(long at, int number) {
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES + number * TABLE_BYTES, 0);
        tables.map(0x5000, target(number), Vmsav8Tables.S1_PAGE);
        bed.words(at, Smmuv3Testbed.cd(tables.root(), number + 1));
    }

    private static long target(int number) {
        return DATA + 0x1000L * number;
    }

    private void stream(int cdMax, int dss, int format) {
        long[] ste = Smmuv3Testbed.stage1Ste(CDS, 1);
        Ste.S1CDMAX.put(ste, cdMax);
        Ste.S1DSS.put(ste, dss);
        Ste.S1FMT.put(ste, format);
        bed.ste(SID, ste);
    }

    private DmaRequest read(int ssid) {
        DmaRequest request = bed.issue(bed.request(SID, ssid, 0x5000, false));
        bed.sim.scheduler().run();
        return request;
    }

    private void assertContext(int ssid, int number) {
        assertThat(read(ssid).physicalAddress()).isEqualTo(target(number));
    }

    private void assertEvent(int ssid, int code) {
        int before = bed.events();
        assertThat(read(ssid).faultCode()).isEqualTo(code);
        long word0 = Event.word0(code, SID, ssid);
        assertThat(bed.event(before, 0)).isEqualTo(code == Event.C_BAD_SUBSTREAMID ? word0 & ~Event.SSV.mask() : word0);
    }

    @Test
    @Rule("SMMU-PASID-01")
    @Rule("SMMU-PASID-02")
    @Rule("SMMU-PASID-17")
    void shouldHaveOnlyContextZeroWithoutSubstreams() {
        context(CDS, 0);
        stream(0, Ste.S1DSS_TERMINATE, 0);

        assertContext(NONE, 0);
        assertEvent(0, Event.C_BAD_SUBSTREAMID);
        assertEvent(1, Event.C_BAD_SUBSTREAMID);
    }

    @Test
    @Rule("SMMU-PASID-03")
    void shouldRefuseSubstreamsOfStreamsWithoutStage1() {
        bed.ste(SID, Ste.bypass());
        assertEvent(1, Event.C_BAD_SUBSTREAMID);

        bed.ste(SID, Smmuv3Testbed.stage2Ste(TABLES, 1));
        assertEvent(1, Event.C_BAD_SUBSTREAMID);
    }

    @Test
    @Rule("SMMU-PASID-04")
    void shouldRefuseSubstreamsBehindTheTable() {
        context(CDS + 3 * Cd.BYTES, 3);
        stream(2, Ste.S1DSS_BYPASS, 0);

        assertContext(3, 3);
        assertEvent(4, Event.C_BAD_SUBSTREAMID);
    }

    @Test
    @Rule("SMMU-PASID-05")
    @Rule("SMMU-PASID-09")
    @Rule("SMMU-PASID-17")
    void shouldTerminateWithoutSubstreamIfToldSo() {
        context(CDS, 0);
        stream(2, Ste.S1DSS_TERMINATE, 0);

        assertEvent(NONE, Event.F_STREAM_DISABLED);
        assertContext(0, 0);
    }

    @Test
    @Rule("SMMU-PASID-06")
    @Rule("SMMU-PASID-09")
    void shouldBypassStage1WithoutSubstreamIfToldSo() {
        context(CDS, 0);
        stream(2, Ste.S1DSS_BYPASS, 0);

        DmaRequest without = read(NONE);

        assertThat(without.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(without.physicalAddress()).isEqualTo(0x5000);
        assertContext(0, 0);
    }

    @Test
    @Rule("SMMU-PASID-06")
    void shouldStillTranslateByStage2WhenStage1IsBypassed() {
        Vmsav8Tables stage2 = new Vmsav8Tables(bed.memory, TABLES, 0);
        stage2.map(0x5000, DATA, Vmsav8Tables.S2_PAGE);
        long[] ste = Smmuv3Testbed.nestedSte(0x8000, stage2.root(), 1);
        Ste.S1CDMAX.put(ste, 2);
        Ste.S1DSS.put(ste, Ste.S1DSS_BYPASS);
        bed.ste(SID, ste);

        DmaRequest without = read(NONE);

        assertThat(without.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(without.physicalAddress()).isEqualTo(DATA);
    }

    @Test
    @Rule("SMMU-PASID-07")
    @Rule("SMMU-PASID-08")
    void shouldGiveContextZeroToTrafficWithoutSubstreamAndToNobodyElse() {
        context(CDS, 0);
        context(CDS + Cd.BYTES, 1);
        stream(2, Ste.S1DSS_SSID0, 0);

        assertContext(NONE, 0);
        assertContext(1, 1);
        assertEvent(0, Event.F_STREAM_DISABLED);
    }

    @Test
    @Rule("SMMU-PASID-10")
    void shouldTakeTheReservedRuleForTermination() {
        context(CDS, 0);
        stream(2, 3, 0);
        assertEvent(NONE, Event.F_STREAM_DISABLED);

        stream(0, 3, 0);
        assertContext(NONE, 0);
    }

    @Test
    @Rule("SMMU-PASID-11")
    void shouldRefuseMoreContextsThanSubstreams() {
        stream(9, Ste.S1DSS_BYPASS, 0);
        assertEvent(NONE, Event.C_BAD_STE);
    }

    @ParameterizedTest
    @CsvSource({"1, 6, 65", "2, 10, 1027"})
    @Rule("SMMU-PASID-12")
    @Rule("SMMU-PASID-13")
    @Rule("SMMU-PASID-14")
    void shouldFindContextsInTwoLevels(int format, int split, int ssid) {
        Smmuv3Testbed wide =
                Smmuv3Testbed.of("mmu-600", Map.of("ssid_bits", 12L)).enable();
        Vmsav8Tables tables = new Vmsav8Tables(wide.memory, TABLES, 0);
        tables.map(0x5000, DATA, Vmsav8Tables.S1_PAGE);
        wide.memory.write64(CDS + 8L * (ssid >>> split), Cd.l1Descriptor(LEAVES));
        wide.words(LEAVES + 64L * (ssid & (1 << split) - 1), Smmuv3Testbed.cd(tables.root(), 1));
        long[] ste = Smmuv3Testbed.stage1Ste(CDS, 1);
        Ste.S1CDMAX.put(ste, 12);
        Ste.S1FMT.put(ste, format);
        wide.ste(SID, ste);

        DmaRequest found = wide.issue(wide.request(SID, ssid, 0x5000, false));
        DmaRequest noLeaf = wide.issue(wide.request(SID, ssid + (1 << split), 0x5000, false));
        wide.sim.scheduler().run();

        assertThat(found.physicalAddress()).isEqualTo(DATA);
        assertThat(noLeaf.faultCode()).isEqualTo(Event.C_BAD_SUBSTREAMID);
    }

    @Test
    @Rule("SMMU-PASID-15")
    void shouldTakeTheReservedLayoutForALinearTable() {
        context(CDS + Cd.BYTES, 1);
        stream(2, Ste.S1DSS_BYPASS, 3);
        assertContext(1, 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {NONE, 0, 77})
    @Rule("SMMU-PASID-16")
    void shouldAbortSilentlyWhateverTheSubstreamIs(int ssid) {
        bed.ste(SID, Ste.abort());

        assertThat(read(ssid).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.events()).isZero();
    }

    @Test
    @Rule("SMMU-PASID-20")
    void shouldRefuseALeafTableBeyondTheOutputSize() {
        stream(6, Ste.S1DSS_SSID0, Ste.S1FMT_4K_L2);
        bed.memory.write64(CDS, Cd.l1Descriptor(1L << 48));
        assertEvent(1, Event.C_BAD_SUBSTREAMID);
        assertEvent(NONE, Event.C_BAD_SUBSTREAMID);
    }

    @Test
    @Rule("SMMU-PASID-18")
    void shouldKeepSubstreamsApartInTheCaches() {
        context(CDS + Cd.BYTES, 1);
        context(CDS + 2 * Cd.BYTES, 2);
        stream(2, Ste.S1DSS_BYPASS, 0);

        for (int round = 0; round < 2; round++) {
            assertContext(1, 1);
            assertContext(2, 2);
            assertThat(read(NONE).physicalAddress()).isEqualTo(0x5000);
        }
    }

    @Test
    @Rule("SMMU-PASID-19")
    void shouldIgnoreTheNumberOfContextsWithoutSubstreamsInHardware() {
        Smmuv3Testbed none =
                Smmuv3Testbed.of("mmu-600", Map.of("ssid_bits", 0L)).enable();
        Vmsav8Tables tables = new Vmsav8Tables(none.memory, TABLES, 0);
        tables.map(0x5000, DATA, Vmsav8Tables.S1_PAGE);
        none.words(CDS, Smmuv3Testbed.cd(tables.root(), 1));
        long[] ste = Smmuv3Testbed.stage1Ste(CDS, 1);
        Ste.S1CDMAX.put(ste, 5);
        none.ste(SID, ste);

        assertThat(none.dmaRead(SID, 0x5000).physicalAddress()).isEqualTo(DATA);
    }
}

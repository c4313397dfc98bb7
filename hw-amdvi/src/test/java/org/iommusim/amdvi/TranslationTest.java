package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of translation ends where the tables say, whoever asks. */
class TranslationTest {
    private static final int ID = 0x128;
    private static final long DATA = 0x2000_0000L;
    private static final long IOVA = 0x12_3456_7000L;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();

    private static void ends(DmaRequest request, long at) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(at);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    // ---- not translated

    @Test
    void shouldPassEverythingWhileItIsOff() {
        AmdViTestbed off = AmdViTestbed.of("host-tables");
        DmaRequest request = off.dmaWrite(ID, DATA);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(request.physicalAddress()).isEqualTo(DATA);
    }

    @Test
    void shouldPassWhatHasNoValidEntry() {
        assertThat(bed.dmaRead(ID, DATA).outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(bed.events()).isZero();
    }

    @Test
    void shouldPassWhatNoTablesTranslate() {
        bed.entry(ID, Dte.passThrough(7));
        DmaRequest request = bed.dmaRead(ID, DATA + 8);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(request.physicalAddress()).isEqualTo(DATA + 8);
        assertThat(request.ticks(Station.MAIN_TLB)).isZero();
    }

    // ---- host tables

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6})
    void shouldWalkHostTables(int levels) {
        long root = bed.page();
        bed.mapHost(root, levels, IOVA, DATA);
        bed.entry(ID, Dte.host(root, levels, 7));
        ends(bed.dmaRead(ID, IOVA + 0x10), DATA + 0x10);
        DmaRequest again = bed.dmaWrite(ID, IOVA + 0x20);
        ends(again, DATA + 0x20);
        assertThat(again.ticks(Station.STAGE2_READ)).isZero();
        assertThat(again.ticks(Station.CONFIG_FETCH)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"2, 21", "3, 30"})
    void shouldWalkToLargePages(int level, int shift) {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, level, V1Pte.page(0, true, true));
        bed.entry(ID, Dte.host(root, 4, 7));
        ends(bed.dmaRead(ID, IOVA + 0x10), IOVA + 0x10 & (1L << shift) - 1);
    }

    // ---- guest tables

    @Test
    @Rule("AMDVI-PASID-01")
    void shouldWalkGuestTables() {
        long gcr3 = bed.page();
        long root = bed.page();
        bed.mapGuest(root, 4, IOVA, DATA);
        bed.gcr3(gcr3, 5, root);
        long[] entry = Dte.passThrough(7);
        Dte.putGuest(entry, gcr3, 1, 4);
        bed.entry(ID, entry);
        ends(bed.dma(bed.request(ID, 5, IOVA + 0x10, true)), DATA + 0x10);
        assertThat(bed.dmaRead(ID, DATA).outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    @Test
    @Rule("AMDVI-PASID-03")
    @Rule("AMDVI-PASID-06")
    void shouldWalkThreeLevelsOfGcr3AndFiveOfGuestTables() {
        int pasid = 0xa_bcde & 0xffff;
        long gcr3 = bed.page();
        long second = bed.page();
        long last = bed.page();
        long root = bed.page();
        bed.memory.write64(Gcr3Entry.address(gcr3, 2, pasid), Gcr3Entry.valid(second));
        bed.memory.write64(Gcr3Entry.address(second, 1, pasid), Gcr3Entry.valid(last));
        bed.memory.write64(Gcr3Entry.address(last, 0, pasid), Gcr3Entry.valid(root));
        bed.mapGuest(root, 5, IOVA, DATA);
        long[] entry = Dte.passThrough(7);
        Dte.putGuest(entry, gcr3, 3, 5);
        bed.entry(ID, entry);
        ends(bed.dma(bed.request(ID, pasid, IOVA, false)), DATA);
    }

    @Test
    @Rule("AMDVI-PASID-02")
    void shouldUseGuestTablesWithoutPasidWhereTheEntrySaysSo() {
        long gcr3 = bed.page();
        long root = bed.page();
        bed.mapGuest(root, 4, IOVA, DATA);
        bed.gcr3(gcr3, 0, root);
        long[] entry = Dte.passThrough(7);
        Dte.putGuest(entry, gcr3, 1, 4);
        Dte.GIOV.put(entry, 1);
        bed.entry(ID, entry);
        ends(bed.dmaRead(ID, IOVA), DATA);
    }

    // ---- both

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Rule("AMDVI-PASID-08")
    void shouldTranslateGuestAddressesByHostTables(boolean gcr3IsGuestPhysical) {
        NestedTables tables = new NestedTables(bed);
        tables.map(5, IOVA, 0x5_0000_0000L, DATA);
        bed.entry(ID, gcr3IsGuestPhysical ? tables.guestAddressed(7) : tables.entry(7));
        bed.control(gcr3IsGuestPhysical ? Control.GCR3_TRP_MODE.mask() : 0);
        ends(bed.dma(bed.request(ID, 5, IOVA + 0x10, true)), DATA + 0x10);
        ends(bed.dmaRead(ID, 0x5_0000_0000L), DATA);
    }

    /** Each of five guest addresses takes four reads of host tables, and each of four levels one of the guest's. */
    @Test
    void shouldReadAsOftenAsTheTablesAreDeep() {
        AmdViTestbed plain = AmdViTestbed.of(
                "guest-tables",
                Map.of("walk_v1_l2", 0L, "walk_v1_l3", 0L, "walk_v1_l4", 0L, "walk_v1_l5", 0L, "walk_v1_l6", 0L));
        plain.enable();
        NestedTables tables = new NestedTables(plain);
        tables.map(5, IOVA, 0x5_0000_0000L, DATA);
        plain.entry(ID, tables.entry(7));
        plain.dma(plain.request(ID, 5, IOVA, true));
        assertThat(reads(plain, "dte_fetches")).isEqualTo(1);
        assertThat(reads(plain, "gcr3_fetches")).isEqualTo(1);
        assertThat(reads(plain, "walker.stage1_reads")).isEqualTo(4);
        assertThat(reads(plain, "walker.stage2_reads")).isEqualTo(20);
    }

    private static long reads(AmdViTestbed bed, String counter) {
        return ((Counter) bed.sim.statistics().find("iommu0." + counter).orElseThrow()).value();
    }

    @Test
    @Rule("AMDVI-PASID-13")
    void shouldTellUsersFromSupervisorsAndReadingFromExecuting() {
        long gcr3 = bed.page();
        long root = bed.page();
        bed.mapGuest(root, 4, IOVA, DATA, X86Pte.RW);
        bed.mapGuest(root, 4, IOVA + 0x1000, DATA, X86Pte.RW | X86Pte.US | X86Pte.XD);
        bed.gcr3(gcr3, 5, root);
        long[] entry = Dte.passThrough(7);
        Dte.putGuest(entry, gcr3, 1, 4);
        bed.entry(ID, entry);
        assertThat(attributed(IOVA, false, false).outcome()).isEqualTo(DmaOutcome.FAULT);
        ends(attributed(IOVA, true, false), DATA);
        ends(attributed(IOVA + 0x1000, false, false), DATA);
        assertThat(attributed(IOVA + 0x1000, false, true).outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    private DmaRequest attributed(long iova, boolean privileged, boolean execute) {
        DmaRequest request = bed.request(ID, 5, iova, false);
        request.attributes(privileged, execute);
        return bed.dma(request);
    }
}

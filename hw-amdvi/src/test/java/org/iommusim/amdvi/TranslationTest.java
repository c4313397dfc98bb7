package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
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

    /** The guest's addresses are the host's plus a GiB, so that nobody finds a table without the host tables. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTranslateGuestAddressesByHostTables(boolean gcr3IsGuestPhysical) {
        long shift = 1L << 30;
        long host = bed.page();
        long gcr3 = bed.page();
        long root = bed.page();
        long table = root;
        for (int level = 4; level > 1; level--) {
            long next = bed.page();
            bed.memory.write64(table + (IOVA >>> 3 + 9 * level & 511) * 8, next + shift | 7);
            table = next;
        }
        bed.memory.write64(table + (IOVA >>> 12 & 511) * 8, DATA + shift | 7);
        bed.gcr3(gcr3, 5, root + shift);
        for (long page = host; page < table + 0x1000; page += 0x1000) {
            bed.mapHost(host, 4, page + shift, page);
        }
        bed.mapHost(host, 4, DATA + shift, DATA);
        long[] entry = Dte.host(host, 4, 7);
        Dte.putGuest(entry, gcr3IsGuestPhysical ? gcr3 + shift : gcr3, 1, 4);
        bed.entry(ID, entry);
        bed.control(gcr3IsGuestPhysical ? Control.GCR3_TRP_MODE.mask() : 0);
        ends(bed.dma(bed.request(ID, 5, IOVA + 0x10, true)), DATA + 0x10);
        ends(bed.dmaRead(ID, DATA + shift), DATA);
    }
}

package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PREFETCH_IOMMU_PAGES: what is in the caches when requests come, and that nobody else is told. */
class PrefetchTest extends PrefetchTables {
    @Test
    @Rule("AMDVI-PRE-01")
    void shouldHaveWhatIsNamedInTheCaches() {
        host(5);
        prefetch(3, page(1));
        DmaRequest request = read(1);
        assertThat(request.ticks(Station.CONFIG_FETCH)).isZero();
        assertThat(request.misses()).isZero();
        assertThat(isThere(2)).isTrue();
        assertThat(isThere(3)).isTrue();
        assertThat(isThere(4)).isFalse();
        assertThat(isThere(0)).isFalse();
    }

    @Test
    @Rule("AMDVI-PRE-01")
    void shouldTakeTheHintAndDoNothingUnlessAskedTo() {
        with(Map.of());
        host(1);
        prefetch(1, page(0));
        DmaRequest request = read(0);
        assertThat(request.ticks(Station.CONFIG_FETCH)).isPositive();
        assertThat(request.misses()).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-PRE-01")
    void shouldFetchNothingWhereNoPageIsAskedFor() {
        host(1);
        prefetch(0, page(0));
        assertThat(read(0).ticks(Station.CONFIG_FETCH)).isPositive();
    }

    @Test
    @Rule("AMDVI-PRE-02")
    void shouldGoByPagesOfTheSizeThatIsNamed() {
        host(9);
        prefetch(2, Cmd.pages1(IOVA + 0x4000, 14));
        assertThat(isThere(4)).isTrue();
        assertThat(isThere(8)).isTrue();
        assertThat(isThere(5)).isFalse();
        assertThat(isThere(0)).isFalse();
    }

    @Test
    @Rule("AMDVI-PRE-02")
    void shouldEndAtTheEndOfAllAddresses() {
        bed.mapHost(root, 3, 0, DATA);
        host(0);
        prefetch(3, -0x2000L);
        assertThat(bed.dmaRead(ID, 0).misses()).isEqualTo(1);
        prefetch(2, Cmd.allPages1());
        assertThat(bed.events()).isZero();
    }

    @Test
    @Rule("AMDVI-PRE-03")
    void shouldFetchPagesOfGuests() {
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        long leaf = bed.mapGuest(root, 4, IOVA, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        bed.control(Control.GA_UPDATE_DIS.mask());
        bed.command(Cmd.prefetchIommuPages0(ID, PASID, 1), page(0) | GN);
        assertThat(bed.dma(bed.request(ID, PASID, IOVA, false)).misses()).isZero();
        assertThat(bed.memory.read64(leaf) & X86Pte.A).isZero();
        // Without GN the PASID does not count.
        bed.command(Cmd.invalidateIommuAll0());
        bed.command(Cmd.prefetchIommuPages0(ID, PASID, 1), page(0));
        assertThat(bed.dma(bed.request(ID, PASID, IOVA, false)).misses()).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-PRE-03")
    void shouldFetchPagesOfGuestsUnderAHost() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, GUEST, DATA);
        bed.entry(ID, tables.entry(DID));
        bed.control(Control.GA_UPDATE_DIS.mask());
        bed.command(Cmd.prefetchIommuPages0(ID, PASID, 1), page(0) | GN);
        DmaRequest request = bed.dma(bed.request(ID, PASID, IOVA, false));
        assertThat(request.misses()).isZero();
        assertThat(request.physicalAddress()).isEqualTo(DATA);
    }

    /** Whatever is wrong is told to the request that comes, and to nobody before. */
    @ParameterizedTest
    @Rule("AMDVI-PRE-04")
    @ValueSource(
            strings = {"absent", "illegal entry", "no translation", "no entry", "no reads", "unreadable", "no PASIDs"})
    void shouldTellNobodyWhatIsWrong(String what) {
        with(Map.of("prefetch_walks", 4L, "np_cache", 1L));
        host(0);
        long[] words = Dte.host(root, 3, DID);
        switch (what) {
            case "illegal entry" -> Dte.MODE.put(words, 7);
            case "no translation" -> Dte.TV.put(words, 0);
            case "no reads" -> Dte.IR.put(words, 0);
            case "unreadable" -> bed.mapHost(root, 3, IOVA, 3, V1Pte.table(AmdViTestbed.END + (1L << 30), 2));
            default -> assertThat(what).isNotEmpty();
        }
        bed.entry(ID, words);
        int id = what.equals("no entry") ? 0xffff : ID;
        if (what.equals("no entry")) {
            long control = bed.read64(Reg.CONTROL);
            bed.write64(Reg.CONTROL, control & ~Control.IOMMU_EN.mask());
            bed.write64(Reg.DEV_TAB_BASE, AmdViTestbed.DEVICE_TABLE | 1);
            bed.write64(Reg.CONTROL, control);
        }
        bed.command(Cmd.prefetchIommuPages0(id, PASID, 2), page(0) | (what.equals("no PASIDs") ? GN : 0));
        assertThat(bed.events()).isZero();
        assertThat(bed.dmaWrite(id, IOVA).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.events()).isEqualTo(1);
    }

    /** A page that is not there is not kept either, even where what is not there is cached. */
    @Test
    @Rule("AMDVI-PRE-04")
    void shouldKeepNothingOfWhatIsNotThere() {
        with(Map.of("prefetch_walks", 4L, "np_cache", 1L));
        host(0);
        prefetch(1, page(0));
        bed.mapHost(root, 3, IOVA, DATA);
        assertThat(isThere(0)).isFalse();
    }

    /** A silent function's first page fault is still to be told. */
    @Test
    @Rule("AMDVI-PRE-04")
    void shouldNotCountAsTheFirstFaultOfAFunction() {
        host(0);
        long[] words = Dte.host(root, 3, DID);
        Dte.SE.put(words, 1);
        bed.entry(ID, words);
        prefetch(2, page(0));
        bed.dmaRead(ID, IOVA);
        assertThat(bed.events()).isEqualTo(1);
    }

    @ParameterizedTest
    @Rule("AMDVI-PRE-05")
    @CsvSource({"0, false, true", "1, false, false", "1, true, true", "3, false, false", "3, true, true"})
    void shouldSetNoFlagAndKeepOnlyWhatNeedsNone(int had, boolean marked, boolean kept) {
        long leaf = host(2, had);
        if (marked) {
            read(0);
            bed.command(Cmd.invalidateIommuAll0());
        }
        long before = bed.memory.read64(leaf);
        prefetch(2, page(0));
        assertThat(bed.memory.read64(leaf)).isEqualTo(before);
        assertThat(bed.memory.read64(root) & V1Pte.A).isEqualTo(marked ? V1Pte.A : 0);
        assertThat(isThere(0)).isEqualTo(kept);
        // The other page's own flag is missing in any case.
        assertThat(isThere(1)).isEqualTo(had == 0);
        bed.dmaWrite(ID, IOVA);
        assertThat(bed.memory.read64(leaf) & V1Pte.D).isEqualTo(had == 3 ? V1Pte.D : 0);
    }

    @Test
    @Rule("AMDVI-PRE-05")
    void shouldSetNoFlagOfGuestTables() {
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        long leaf = bed.mapGuest(root, 4, IOVA, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        bed.command(Cmd.prefetchIommuPages0(ID, PASID, 1), page(0) | GN);
        assertThat(bed.memory.read64(leaf) & (X86Pte.A | X86Pte.D)).isZero();
        assertThat(bed.memory.read64(root) & X86Pte.A).isZero();
        DmaRequest request = bed.dma(bed.request(ID, PASID, IOVA, false));
        assertThat(request.misses()).isEqualTo(1);
        assertThat(bed.memory.read64(leaf) & X86Pte.A).isNotZero();
    }

    @ParameterizedTest
    @Rule("AMDVI-PRE-06")
    @CsvSource({"false, 0x20000000", "true, 0x28000000"})
    void shouldInvalidateFirstIfAskedTo(boolean invalidates, String pa) {
        host(1);
        read(0);
        bed.mapHost(root, 3, IOVA, OTHER);
        prefetch(1, page(0) | (invalidates ? INVAL : 0));
        DmaRequest request = read(0);
        assertThat(request.misses()).isZero();
        assertThat(request.physicalAddress()).isEqualTo(Long.decode(pa));
    }
}

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
import org.iommusim.hw.iommu.AnyOrder;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PREFETCH_IOMMU_PAGES: what is in the caches when requests come, and that nobody else is told. */
class PrefetchTest {
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final int NONE = DmaRequest.NO_PASID;
    private static final long IOVA = 0x40_0000;
    private static final long DATA = 0x2000_0000L;
    private static final long OTHER = 0x2800_0000L;
    private static final long GUEST = 0x5_0000_0000L;
    private static final long GN = Cmd.GN.mask();
    private static final long INVAL = Cmd.PREFETCH_INVAL.mask();

    private AmdViTestbed bed = bed(Map.of("prefetch_walks", 4L));
    private long root = bed.page();

    private static AmdViTestbed bed(Map<String, Long> parameters) {
        return AmdViTestbed.of("guest-tables", parameters).enable();
    }

    private void with(Map<String, Long> parameters) {
        bed = bed(parameters);
        root = bed.page();
    }

    /** Pages of host tables from {@link #IOVA} on; no flags are kept of them. */
    private void host(int pages) {
        host(pages, 0);
    }

    private long host(int pages, int had) {
        long leaf = 0;
        for (int i = pages - 1; i >= 0; i--) {
            leaf = bed.mapHost(root, 3, IOVA + 0x1000L * i, DATA + 0x1000L * i);
        }
        long[] words = Dte.host(root, 3, DID);
        Dte.HAD.put(words, had);
        bed.entry(ID, words);
        return leaf;
    }

    private void prefetch(int count, long w1) {
        bed.command(Cmd.prefetchIommuPages0(ID, 0, count), w1);
    }

    private static long page(int number) {
        return Cmd.pages1(IOVA + 0x1000L * number, 12);
    }

    private DmaRequest read(int page) {
        return bed.dmaRead(ID, IOVA + 0x1000L * page);
    }

    private boolean isThere(int page) {
        DmaRequest request = read(page);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(DATA + 0x1000L * page);
        return request.misses() == 0;
    }

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

    @Test
    @Rule("AMDVI-PRE-07")
    void shouldHaveSoManyUnderWayAtATime() {
        with(Map.of("prefetch_walks", 2L));
        host(6);
        bed.put(Cmd.prefetchIommuPages0(ID, 0, 6), page(0));
        bed.ring();
        int most = 0;
        while (bed.sim.scheduler().step()) {
            most = Math.max(most, underWay());
        }
        assertThat(most).isEqualTo(2);
        for (int i = 0; i < 6; i++) {
            assertThat(isThere(i)).isTrue();
        }
    }

    private int underWay() {
        int[] count = new int[1];
        bed.device.flights().forEachUnderWay(flight -> count[0]++);
        return count[0];
    }

    @Test
    @Rule("AMDVI-PRE-07")
    void shouldLeaveWhatIsNotBegunForANewerHint() {
        with(Map.of("prefetch_walks", 1L));
        host(6);
        bed.put(Cmd.prefetchIommuPages0(ID, 0, 4), page(0));
        bed.put(Cmd.prefetchIommuPages0(ID, 0, 2), page(4));
        bed.ring();
        bed.run();
        assertThat(isThere(0)).isTrue();
        assertThat(isThere(4)).isTrue();
        assertThat(isThere(5)).isTrue();
        assertThat(isThere(3)).isFalse();
    }

    @Test
    @Rule("AMDVI-PRE-07")
    void shouldGiveUpWhatIsNotBegunWhenTheBufferIsSwitchedOff() {
        with(Map.of("prefetch_walks", 1L));
        host(4);
        bed.put(Cmd.prefetchIommuPages0(ID, 0, 4), page(0));
        bed.ring();
        while (underWay() == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.write64(Reg.CONTROL, bed.read64(Reg.CONTROL) & ~Control.CMD_BUF_EN.mask());
        bed.run();
        assertThat(isThere(0)).isTrue();
        assertThat(isThere(1)).isFalse();
    }

    /** A request of a page that is being fetched waits for it, and does not read its tables again. */
    @Test
    @Rule("AMDVI-PRE-01")
    void shouldBeWaitedForByARequestOfThePage() {
        host(1);
        bed.put(Cmd.prefetchIommuPages0(ID, 0, 1), page(0));
        bed.ring();
        while (underWay() == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        DmaRequest request = read(0);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.ticks(Station.STAGE2_READ)).isZero();
        assertThat(request.misses()).isZero();
    }

    /** Whatever moment an invalidation meets it at: it is waited for, and leaves nothing behind that is old. */
    @Test
    @Rule("AMDVI-PRE-08")
    void shouldPutNothingBackThatIsInvalidated() {
        int waited = 0;
        for (int events = 0; events < 80; events++) {
            with(Map.of("prefetch_walks", 4L));
            host(1);
            bed.put(Cmd.prefetchIommuPages0(ID, 0, 1), page(0));
            bed.ring();
            for (int i = 0; i < events; i++) {
                bed.sim.scheduler().step();
            }
            moveAndInvalidate();
            boolean used = underWay() > 0 && bed.device.invalidations().awaited(1);
            waited += used ? 1 : 0;
            bed.run();
            bed.command(Cmd.invalidateInterruptTable0(ID));
            assertThat(read(0).physicalAddress()).as("after %d", events).isEqualTo(OTHER);
            assertThat(bed.sim.violations().violations()).isEmpty();
        }
        assertThat(waited).isPositive();
    }

    @Test
    @Rule("AMDVI-PRE-08")
    void shouldBeFoundOutIfItPutsBackWhatIsInvalidated() {
        with(Map.of("prefetch_walks", 1L, "iotlb_fill_cycles", 100L));
        host(1);
        bed.device.mistakes().forgetsFlights = true;
        bed.put(Cmd.prefetchIommuPages0(ID, 0, 1), page(0));
        bed.ring();
        long leaf = bed.mapHost(root, 3, IOVA, DATA);
        while (bed.sim.scheduler().step() && !hasRead(leaf)) {
            assertThat(underWay()).isLessThan(2);
        }
        // It is through with its walk, and not in the IOTLB.
        bed.pass(10_000);
        moveAndInvalidate();
        bed.run();
        bed.command(Cmd.invalidateInterruptTable0(ID));
        assertThat(read(0).physicalAddress()).isEqualTo(DATA);
        assertThat(bed.sim.violations().violations()).isNotEmpty();
    }

    /** A command takes effect, at this moment; whatever wait comes next is behind it. */
    private void moveAndInvalidate() {
        bed.mapHost(root, 3, IOVA, OTHER);
        bed.device.invalidations().issued(Cmd.invalidateIommuPages0(DID, 0), page(0));
        bed.device.invalidations().invalidate(Cmd.invalidateIommuPages0(DID, 0), page(0));
    }

    private boolean hasRead(long entry) {
        boolean[] there = new boolean[1];
        bed.device.flights().forEachUnderWay(flight -> there[0] |= flight.walk().fetchAddress() == entry);
        return there[0];
    }

    /** Prefetches, a request and an invalidation: every step can be taken back, and every order ends well. */
    @Test
    @Rule("AMDVI-PRE-08")
    void shouldTakeEveryStepBackInAnyOrder() {
        for (long seed = 0; seed < 20; seed++) {
            bed = AmdViTestbed.in(
                            Simulation.seeded(1).checks(true).exploring(true).build(),
                            "guest-tables",
                            Map.of("prefetch_walks", 2L))
                    .enable();
            root = bed.page();
            host(3);
            bed.device.prepare(3);
            prefetch(3, page(0) | INVAL);
            read(0);
            bed.command(Cmd.invalidateIommuAll0());
            bed.put(Cmd.prefetchIommuPages0(ID, 0, 3), page(0));
            bed.put(Cmd.invalidateIommuPages0(DID, 0), page(0));
            bed.putWait();
            bed.ring();
            bed.mapHost(root, 3, IOVA, OTHER);
            DmaRequest request = bed.issue(bed.request(ID, NONE, IOVA, false));
            new AnyOrder(bed.sim, bed, AmdViTestbed.class).go(new Gen(seed));
            assertThat(bed.waited()).isEqualTo(bed.lastWait());
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(underWay()).isZero();
            assertThat(bed.sim.violations().violations()).isEmpty();
        }
    }
}

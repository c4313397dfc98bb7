package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** For which requests under way a COMPLETION_WAIT behind a command waits: those that use what the command ends, and no others. */
class InvalidationFlightsTest {
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long IOVA = 0x5000;
    private static final long GUEST = 0x5_0000_0000L;
    private static final long DATA = 0x2000_0000L;
    private static final long GN = Cmd.GN.mask();
    private static final long PDE = Cmd.PDE.mask();
    private static final long SLOW_PS = 50_000_000;
    private static final long SHORT_PS = 10_000_000;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();

    private void host() {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, DATA);
        bed.mapHost(root, 4, 1L << 30, 2, V1Pte.page(DATA, true, true));
        bed.entry(ID, Dte.host(root, 4, DID));
    }

    private void guest() {
        long root = bed.page();
        long gcr3 = bed.page();
        bed.mapGuest(root, 4, IOVA, DATA);
        bed.gcr3(gcr3, PASID, root);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
    }

    private void nested() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, GUEST, DATA);
        bed.entry(ID, tables.entry(DID));
    }

    /** True if a wait behind the command waits for a request that has its translation, and not its data. */
    private boolean waits(int pasid, long iova, long w0, long w1) {
        bed.dataPs = SLOW_PS;
        DmaRequest request = bed.issue(bed.request(ID, pasid, iova, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + SHORT_PS);
        assertThat(request.outcome().completed()).isTrue();
        bed.put(w0, w1);
        bed.putWait();
        bed.ring();
        bed.sim.scheduler().runUntil(bed.sim.now() + SHORT_PS);
        boolean waiting = bed.waited() != bed.lastWait();
        bed.run();
        assertThat(bed.waited()).isEqualTo(bed.lastWait());
        return waiting;
    }

    private boolean waits(long w0, long w1) {
        return waits(DmaRequest.NO_PASID, IOVA, w0, w1);
    }

    private static long pages(int did, int pasid) {
        return Cmd.invalidateIommuPages0(did, pasid);
    }

    @Test
    void shouldWaitForTheFunctionOfAnEntry() {
        host();
        assertThat(waits(Cmd.invalidateDevtabEntry0(ID), 0)).isTrue();
        assertThat(waits(Cmd.invalidateDevtabEntry0(ID + 1), 0)).isFalse();
        assertThat(waits(Cmd.invalidateInterruptTable0(ID), 0)).isFalse();
        assertThat(waits(Cmd.invalidateIommuAll0(), 0)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"7, 0x5000, 12, true", "8, 0x5000, 12, false", "7, 0x6000, 12, false", "7, 0x4000, 13, true"})
    void shouldWaitForPagesOfADomain(int did, String address, int shift, boolean waits) {
        host();
        assertThat(waits(pages(did, 0), Cmd.pages1(Long.decode(address), shift)))
                .isEqualTo(waits);
        assertThat(waits(pages(did, 0), Cmd.pages1(Long.decode(address), shift) | PDE))
                .isEqualTo(waits);
    }

    @Test
    void shouldWaitForALargePageOfWhichAnyPartIsNamed() {
        host();
        long iova = (1L << 30) + 0x10_0000;
        assertThat(waits(DmaRequest.NO_PASID, iova, pages(DID, 0), Cmd.pages1(1L << 30, 12)))
                .isTrue();
        assertThat(waits(DmaRequest.NO_PASID, iova, pages(DID, 0), Cmd.pages1((1L << 30) + 0x20_0000, 12)))
                .isFalse();
    }

    @Test
    void shouldNotWaitForHostPagesWithGuestCommands() {
        host();
        assertThat(waits(pages(DID, 0), Cmd.allPages1() | GN | PDE)).isFalse();
    }

    @Test
    void shouldWaitForGuestPagesOfThePasid() {
        guest();
        assertThat(waits(PASID, IOVA, pages(DID, PASID), Cmd.pages1(IOVA, 12) | GN))
                .isTrue();
        assertThat(waits(PASID, IOVA, pages(DID, PASID), Cmd.pages1(IOVA + 0x1000, 12) | GN))
                .isFalse();
        assertThat(waits(PASID, IOVA, pages(DID, PASID + 1), Cmd.allPages1() | GN))
                .isFalse();
        assertThat(waits(PASID, IOVA, pages(DID + 1, PASID), Cmd.allPages1() | GN))
                .isFalse();
        assertThat(waits(PASID, IOVA, pages(DID, 0), Cmd.allPages1() | PDE))
                .as("host tables have no part in it")
                .isFalse();
    }

    @Test
    void shouldWaitForEverythingThatHostTablesHaveAPartInUnderGuestTables() {
        nested();
        assertThat(waits(PASID, IOVA, pages(DID, 0), Cmd.pages1(0x7777_7000, 12)))
                .isTrue();
        assertThat(waits(PASID, IOVA, pages(DID + 1, 0), Cmd.allPages1())).isFalse();
        assertThat(waits(PASID, IOVA, pages(DID, PASID), Cmd.pages1(IOVA, 12) | GN))
                .isTrue();
    }

    @Test
    void shouldNotWaitForPagesOfWhatTablesHaveNoPartIn() {
        bed.entry(ID, Dte.passThrough(DID));
        assertThat(waits(pages(DID, 0), Cmd.allPages1())).isFalse();
        assertThat(waits(Cmd.invalidateDevtabEntry0(ID), 0)).isTrue();
    }

    /** Until its entry is there it may belong to any domain. */
    @Test
    void shouldWaitForARequestWhoseDomainIsNotKnown() {
        host();
        DmaRequest request = bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA, false));
        while (request.station() != Station.CONFIG_FETCH) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.device.invalidations().invalidate(pages(DID + 1, 0), Cmd.allPages1());
        assertThat(bed.device.invalidations().awaited(1)).isTrue();
        bed.run();
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        // It has kept nothing.
        assertThat(bed.dmaRead(ID, IOVA).ticks(Station.CONFIG_FETCH)).isPositive();
    }

    /** A walk may hold a pointer that stands for more than its own page; with PDE it may not be kept. */
    @ParameterizedTest
    @CsvSource({"true, true", "false, false"})
    void shouldLetNoWalkKeepPointersThatAreNamed(boolean directories, boolean waits) {
        host();
        DmaRequest request = bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA, false));
        while (request.ticks(Station.STAGE2_READ) == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.device.invalidations().invalidate(pages(DID, 0), Cmd.pages1(IOVA + 0x1000, 12) | (directories ? PDE : 0));
        assertThat(bed.device.invalidations().awaited(1)).isEqualTo(waits);
        bed.run();
    }

    @Test
    void shouldTakeZeroForADomain() {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, DATA);
        bed.entry(ID, Dte.host(root, 4, 0));
        assertThat(waits(pages(0, 0), Cmd.pages1(IOVA, 12))).isTrue();
        assertThat(waits(pages(0, 0), Cmd.pages1(IOVA + 0x1000, 12))).isFalse();
        assertThat(waits(pages(1, 0), Cmd.allPages1())).isFalse();
    }

    /** Whoever has only just arrived uses nothing, whatever the request before it used. */
    @Test
    void shouldNotWaitForARequestThatHasLookedForNothing() {
        host();
        bed.dmaRead(ID, IOVA);
        DmaRequest request = bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA, false));
        bed.device.invalidations().invalidate(Cmd.invalidateIommuAll0(), 0);
        assertThat(bed.device.invalidations().awaited(1)).isFalse();
        bed.run();
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(bed.dmaRead(ID, IOVA).misses())
                .as("it has kept what it found")
                .isZero();
    }
}

package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.Counter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who waits on the way to guest tables, and what is kept of it. */
class Gcr3PathTest {
    private static final int ID = 0x28;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long IOVA = 0x5000;
    private static final long NEXT = 0x6000;
    private static final long DATA = 0x2000_0000L;
    private static final long READ = 101_000;
    private static final long LOOKUP = 500_000;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables", Map.of("gcr3_ports", 1L, "gcr3_cycles", 500L))
            .enable();

    /** Some PASIDs with the same tables. */
    private void guest(int... pasids) {
        long root = bed.page();
        long gcr3 = bed.page();
        bed.mapGuest(root, 4, IOVA, DATA);
        bed.mapGuest(root, 4, NEXT, DATA);
        for (int pasid : pasids) {
            bed.gcr3(gcr3, pasid, root);
        }
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        bed.dmaRead(ID, DATA);
    }

    private DmaRequest issue(int pasid, long iova) {
        return bed.issue(bed.request(ID, pasid, iova, false));
    }

    /** One of them has read its entry, and may not keep it yet: the other one is being looked up at the one port. */
    private DmaRequest waitsToKeepItsEntry() {
        guest(PASID, PASID + 1);
        DmaRequest first = issue(PASID, IOVA);
        DmaRequest second = issue(PASID + 1, IOVA);
        bed.pass(LOOKUP + LOOKUP / 2);
        assertThat(first.station()).isEqualTo(Station.CONFIG_FETCH);
        assertThat(second.station()).isEqualTo(Station.CONFIG_CACHE);
        return first;
    }

    @Test
    void shouldWaitForThePortToKeepAnEntry() {
        DmaRequest first = waitsToKeepItsEntry();
        bed.run();
        assertThat(first.ticks(Station.CONFIG_FETCH)).isEqualTo(LOOKUP);
        DmaRequest next = issue(PASID, NEXT);
        bed.run();
        assertThat(next.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(next.ticks(Station.CONFIG_FETCH)).isZero();
    }

    @Test
    void shouldNotKeepAnEntryThatIsInvalidatedWhileItWaitsForThePort() {
        DmaRequest first = waitsToKeepItsEntry();
        bed.device
                .invalidations()
                .invalidate(Cmd.invalidateIommuPages0(DID, PASID), Cmd.allPages1() | Cmd.GN.mask() | Cmd.PDE.mask());
        bed.run();
        assertThat(first.outcome()).isEqualTo(DmaOutcome.OK);
        DmaRequest next = issue(PASID, NEXT);
        bed.run();
        assertThat(next.ticks(Station.CONFIG_FETCH)).isEqualTo(READ);
    }

    /** Whatever place of the cache an entry has. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, DID, DID + 16, 511})
    void shouldFindAnEntryAgain(int pasid) {
        guest(pasid);
        issue(pasid, IOVA);
        bed.run();
        DmaRequest next = issue(pasid, NEXT);
        bed.run();
        assertThat(next.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(next.ticks(Station.CONFIG_FETCH)).isZero();
    }

    // ---- under host tables

    private void nested() {
        bed.control(Control.GCR3_TRP_MODE.mask());
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, 0x5_0000_0000L, DATA);
        bed.entry(ID, tables.guestAddressed(DID));
        bed.dmaRead(ID, 0x5_0000_0000L);
        bed.command(Cmd.invalidateIommuPages0(DID, 0), Cmd.allPages1() | Cmd.PDE.mask());
    }

    private long hostReads() {
        long before = stage2Reads();
        assertThat(bed.dma(bed.request(ID, PASID, IOVA, false)).outcome()).isEqualTo(DmaOutcome.OK);
        return stage2Reads() - before;
    }

    private long stage2Reads() {
        return ((Counter)
                        bed.sim.statistics().find("iommu0.walker.stage2_reads").orElseThrow())
                .value();
    }

    /** The host tables are invalidated when a request is about to walk them for the address of its GCR3 entry. */
    @Test
    void shouldKeepNothingOfAWalkToTheGcr3TableThatIsInvalidated() {
        nested();
        long cold = hostReads();
        bed.command(Cmd.invalidateIommuPages0(DID, 0), Cmd.allPages1() | Cmd.PDE.mask());
        DmaRequest request = issue(PASID, IOVA);
        bed.pass(LOOKUP / 2);
        assertThat(request.station()).isEqualTo(Station.CONFIG_CACHE);
        bed.device.invalidations().invalidate(Cmd.invalidateIommuPages0(DID, 0), Cmd.allPages1() | Cmd.PDE.mask());
        bed.run();
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(hostReads()).isEqualTo(cold);
    }
}

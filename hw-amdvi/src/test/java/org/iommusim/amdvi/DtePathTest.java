package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.junit.jupiter.api.Test;

/** Who waits on the way to a device table entry, and what is kept of it. */
class DtePathTest {
    private static final int ID = 0x28;
    private static final int OTHER = 0x30;
    private static final long DATA = 0x2000_0000L;
    /** A read of memory: a beat of the port, and the memory. */
    private static final long READ = 101_000;
    /** Into such a read. */
    private static final long INTO_READ = 50_000;
    /** A lookup of the cache, where it takes so long that others come in between. */
    private static final long LOOKUP = 500_000;

    private static AmdViTestbed slowLookups() {
        return AmdViTestbed.of("host-tables", Map.of("dte_ports", 1L, "dte_cycles", 500L))
                .enable();
    }

    private static DmaRequest read(AmdViTestbed bed, int id) {
        return bed.issue(bed.request(id, DmaRequest.NO_PASID, DATA, false));
    }

    /** Both are about the one port: an entry has been read, and another function's is being looked up. */
    private static DmaRequest waitsToKeepItsEntry(AmdViTestbed bed) {
        DmaRequest first = read(bed, ID);
        bed.pass(LOOKUP + INTO_READ);
        read(bed, OTHER);
        bed.pass(READ);
        assertThat(first.outcome()).isEqualTo(DmaOutcome.PENDING);
        return first;
    }

    @Test
    void shouldWaitForThePortToKeepAnEntry() {
        AmdViTestbed bed = slowLookups();
        bed.entry(ID, Dte.passThrough(7));
        DmaRequest first = waitsToKeepItsEntry(bed);
        bed.run();
        // The other one came during the read, and its lookup is over before the entry is kept.
        assertThat(first.ticks(Station.CONFIG_FETCH)).isEqualTo(INTO_READ + LOOKUP);
        DmaRequest again = bed.dmaRead(ID, DATA);
        assertThat(again.ticks(Station.CONFIG_FETCH)).isZero();
        assertThat(again.ticks(Station.CONFIG_CACHE)).isEqualTo(LOOKUP);
    }

    @Test
    void shouldNotKeepAnEntryThatIsInvalidatedWhileItWaitsForThePort() {
        AmdViTestbed bed = slowLookups();
        bed.entry(ID, Dte.passThrough(7));
        DmaRequest first = waitsToKeepItsEntry(bed);
        bed.device.invalidations().invalidate(Cmd.invalidateDevtabEntry0(ID), 0);
        bed.run();
        assertThat(first.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(bed.dmaRead(ID, DATA).ticks(Station.CONFIG_FETCH)).isEqualTo(READ);
    }

    /** The second one waits for the first one's read, and then reads for itself. */
    @Test
    void shouldLetTheNextOneReadWhatCouldNotBeRead() {
        AmdViTestbed bed = AmdViTestbed.of("host-tables").enable();
        bed.device.busFaults().orElseThrow().abort(bed.entry(ID, Dte.passThrough(7)), 8, true, false, 0, 1);
        DmaRequest first = read(bed, ID);
        DmaRequest second = read(bed, ID);
        bed.run();
        assertThat(first.faultCode()).isEqualTo(Event.DEV_TAB_HARDWARE_ERROR);
        assertThat(second.outcome()).isEqualTo(DmaOutcome.BYPASS);
    }
}

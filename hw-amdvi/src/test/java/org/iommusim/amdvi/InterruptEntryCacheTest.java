package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** The cache of interrupt remapping entries: what it keeps, what drops it, what it costs. */
class InterruptEntryCacheTest {
    private static final int SID = InterruptBed.SID;
    private static final int OTHER = SID + 1;
    private static final String OLD = "0xfee01000 0x4031";
    private static final String NEW = "0xfee01000 0x4032";

    private final InterruptBed bed = InterruptBed.plain();

    /** Entries 2 to 9 are in the cache for two functions, and other ones in memory. */
    private static void changeBehindTheCache(InterruptBed bed) {
        bed.remapped(OTHER, InterruptBed.TABLE, 8);
        for (int index = 2; index < 10; index++) {
            bed.basic(index, InterruptBed.entry(0x31));
            assertThat(bed.msi(index)).isEqualTo(OLD);
            assertThat(bed.msi(OTHER, index)).isEqualTo(OLD);
            bed.basic(index, InterruptBed.entry(0x32));
        }
    }

    @Test
    @Rule("AMDVI-IR-12")
    void shouldKeepEntriesOfAFunctionUntilItsTableIsInvalidated() {
        changeBehindTheCache(bed);
        assertThat(bed.msi(3)).isEqualTo(OLD);
        bed.invalidate(Cmd.invalidateInterruptTable0(OTHER));
        for (int index = 2; index < 10; index++) {
            assertThat(bed.msi(OTHER, index)).isEqualTo(NEW);
            assertThat(bed.msi(index)).isEqualTo(OLD);
        }
        bed.invalidate(Cmd.invalidateInterruptTable0(SID));
        assertThat(bed.msi(3)).isEqualTo(NEW);
        assertThat(bed.violations()).isEmpty();
    }

    @Test
    @Rule("AMDVI-IR-12")
    void shouldForgetEverythingWithInvalidateAll() {
        changeBehindTheCache(bed);
        bed.invalidate(Cmd.invalidateDevtabEntry0(SID));
        assertThat(bed.msi(3)).as("the device table entry alone").isEqualTo(OLD);
        bed.invalidate(Cmd.invalidateIommuAll0());
        assertThat(bed.msi(3)).isEqualTo(NEW);
        assertThat(bed.msi(OTHER, 3)).isEqualTo(NEW);
    }

    @Test
    @Rule("AMDVI-IR-12")
    void shouldNotUseTheCacheWhileItIsDisabled() {
        changeBehindTheCache(bed);
        bed.control(Control.IRT_CACHE_DIS.mask());
        assertThat(bed.msi(3)).isEqualTo(NEW);
        bed.basic(3, InterruptBed.entry(0x31));
        assertThat(bed.msi(3)).isEqualTo(OLD);
    }

    @Test
    @Rule("AMDVI-IR-13")
    void shouldKeepWhatDoesNotRemapOnlyWithNpCache() {
        for (long npCache = 0; npCache < 2; npCache++) {
            InterruptBed unit = new InterruptBed(Map.of("np_cache", npCache));
            assertThat(unit.msi(3)).startsWith("FAULT");
            unit.basic(3, InterruptBed.entry(0x32));
            assertThat(unit.msi(3)).startsWith(npCache == 1 ? "FAULT" : NEW);
            unit.invalidate(Cmd.invalidateInterruptTable0(SID));
            assertThat(unit.msi(3)).isEqualTo(NEW);
        }
    }

    @Test
    void shouldReadEveryEntryAnewWithoutACache() {
        InterruptBed unit = new InterruptBed(Map.of("irt_cache", 0L));
        unit.basic(3, InterruptBed.entry(0x31));
        assertThat(unit.msi(3)).isEqualTo(OLD);
        unit.basic(3, InterruptBed.entry(0x32));
        assertThat(unit.msi(3)).isEqualTo(NEW);
    }

    @Test
    void shouldBookTheReadAndTheLookupToTheirStations() {
        bed.basic(3, InterruptBed.entry(0x31));
        bed.basic(4, InterruptBed.entry(0x31));
        bed.msi(4);
        DmaRequest miss = bed.send(SID, 3);
        bed.run();
        DmaRequest hit = bed.send(SID, 3);
        bed.run();
        assertThat(hit.ticks(Station.CONFIG_FETCH)).isZero();
        assertThat(miss.ticks(Station.CONFIG_CACHE)).isEqualTo(hit.ticks(Station.CONFIG_CACHE));
        assertThat(miss.ticks(Station.CONFIG_FETCH)).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
        assertThat(hit.totalTicks()).isEqualTo(hit.latency());
        assertThat(miss.totalTicks()).isEqualTo(miss.latency());
        assertThat(miss.latency() - hit.latency()).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
        assertThat(bed.counter("irt.hits")).isEqualTo(1);
    }

    /**
     * An invalidation finds an entry that is being read: the message is still made from it, but it is not kept, and the wait is
     * complete only when the message has left.
     */
    @Test
    @Rule("AMDVI-IR-14")
    void shouldWaitForMessagesThatUseWhatIsInvalidated() {
        bed.basic(3, InterruptBed.entry(0x31));
        bed.basic(4, InterruptBed.entry(0x31));
        bed.msi(4);
        long status = bed.submit(Cmd.invalidateInterruptTable0(SID));
        // Reading the command takes 30 ns: it takes effect when the read of the entry has begun and is not over.
        bed.sim.scheduler().runUntil(bed.sim.now() + 20_000);
        DmaRequest message = bed.send(SID, 3);
        while (message.messageAddress() == -1 && bed.sim.scheduler().step()) {
            assertThat(bed.isDone(status)).as("the wait came first").isFalse();
        }
        bed.run();
        assertThat(bed.isDone(status)).isTrue();
        assertThat(bed.text(message)).isEqualTo(OLD);
        bed.basic(3, InterruptBed.entry(0x32));
        assertThat(bed.msi(3)).as("nothing was kept").isEqualTo(NEW);
    }

    /** The checker knows of interrupt entries, too. */
    @Test
    void shouldNoticeAnEntryThatIsUsedAfterItsInvalidation() {
        bed.device.mistakes().forgetsInterrupts = true;
        changeBehindTheCache(bed);
        bed.invalidate(Cmd.invalidateInterruptTable0(OTHER));
        assertThat(bed.msi(3)).as("not invalidated").isEqualTo(OLD);
        assertThat(bed.violations()).isEmpty();
        assertThat(bed.msi(OTHER, 4)).isEqualTo(OLD);
        assertThat(bed.violations())
                .singleElement()
                .satisfies(found -> assertThat(found.message())
                        .contains("uses an entry of iommu0.irt, made from the interrupt entry at 0x100010"));
    }

    @Test
    @Rule("AMDVI-IR-14")
    void shouldWaitForMessagesOfTheFunctionAlone() {
        bed.basic(3, InterruptBed.entry(0x31));
        bed.msi(3);
        DmaRequest message = bed.send(SID, 4);
        while (message.station() != Station.CONFIG_FETCH) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.device.invalidations().invalidate(Cmd.invalidateInterruptTable0(OTHER), 0);
        assertThat(bed.device.invalidations().awaited(1)).isFalse();
        bed.device.invalidations().invalidate(Cmd.invalidateInterruptTable0(SID), 0);
        assertThat(bed.device.invalidations().awaited(1)).isTrue();
        bed.run();
    }

    @Test
    void shouldNotWaitForAMessageForWhatTheOneBeforeHasUsed() {
        bed.basic(3, InterruptBed.entry(0x31));
        bed.msi(3);
        DmaRequest message = bed.send(SID, 3);
        // It is on its way to the device table entry.
        while (message.station() != Station.CONFIG_CACHE) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.device.invalidations().invalidate(Cmd.invalidateInterruptTable0(SID), 0);
        assertThat(bed.device.invalidations().awaited(1)).isFalse();
        bed.run();
        assertThat(bed.text(message)).isEqualTo(OLD);
    }
}

package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.Reg;
import org.junit.jupiter.api.Test;

/** The interrupt entry cache: what it keeps, what drops it, what it costs. */
class InterruptEntryCacheTest {
    private static final int SID = InterruptBed.SID;
    private static final String OLD = "0xfee01000 0x4031";
    private static final String NEW = "0xfee01000 0x4032";

    private final InterruptBed bed = InterruptBed.plain();

    private static long[] entry(int vector) {
        return Irte.remapped(vector, 1 << 8, 0);
    }

    /** Entries 2 to 9 are in the cache, and other ones in memory. */
    private static void changeBehindTheCache(InterruptBed bed) {
        for (int index = 2; index < 10; index++) {
            bed.entry(index, entry(0x31));
            assertThat(bed.msi(index)).isEqualTo(OLD);
            bed.entry(index, entry(0x32));
        }
    }

    @Test
    @Rule("VTD-IR-15")
    void shouldKeepAnEntryUntilItIsInvalidated() {
        changeBehindTheCache(bed);
        assertThat(bed.msi(3)).isEqualTo(OLD);
        bed.invalidate(Inv.iecGlobal0());
        for (int index = 2; index < 10; index++) {
            assertThat(bed.msi(index)).isEqualTo(NEW);
        }
        assertThat(bed.violations()).isEmpty();
    }

    @Test
    @Rule("VTD-IR-15")
    void shouldInvalidateByIndexAndMask() {
        changeBehindTheCache(bed);
        bed.invalidate(Inv.iecIndex0(5, 0));
        bed.invalidate(Inv.iecIndex0(8, 1));
        for (int index = 2; index < 10; index++) {
            assertThat(bed.msi(index)).as("index %d", index).isEqualTo(index == 5 || index >= 8 ? NEW : OLD);
        }
    }

    @Test
    @Rule("VTD-IR-16")
    void shouldForgetEverythingWithANewTableOnlyIfItSaysSo() {
        for (long esirtps = 0; esirtps < 2; esirtps++) {
            InterruptBed unit = new InterruptBed(Map.of("esirtps", esirtps));
            unit.entry(3, entry(0x31));
            unit.entry(InterruptBed.OTHER_TABLE, 3, entry(0x32));
            assertThat(unit.msi(3)).isEqualTo(OLD);
            unit.setTable(InterruptBed.OTHER_TABLE | 7);
            unit.command(Reg.QIE | Reg.IRE);
            assertThat(unit.msi(3)).isEqualTo(esirtps == 1 ? NEW : OLD);
        }
    }

    @Test
    @Rule("VTD-IR-17")
    void shouldKeepWhatIsNotPresentOnlyInCachingMode() {
        for (long cm = 0; cm < 2; cm++) {
            InterruptBed unit = new InterruptBed(Map.of("cm", cm));
            assertThat(unit.msi(3)).startsWith("FAULT 0x22");
            unit.entry(3, entry(0x32));
            assertThat(unit.msi(3)).startsWith(cm == 1 ? "FAULT 0x22" : NEW);
            unit.invalidate(Inv.iecIndex0(3, 0));
            assertThat(unit.msi(3)).isEqualTo(NEW);
        }
    }

    @Test
    void shouldReadEveryEntryAnewWithoutACache() {
        InterruptBed unit = new InterruptBed(Map.of("iec", 0L));
        unit.entry(3, entry(0x31));
        assertThat(unit.msi(3)).isEqualTo(OLD);
        unit.entry(3, entry(0x32));
        assertThat(unit.msi(3)).isEqualTo(NEW);
    }

    @Test
    void shouldBookTheReadAndTheLookupToTheirStations() {
        bed.entry(3, entry(0x31));
        DmaRequest miss = bed.send(SID, Irte.messageAddress(3, false), 0);
        bed.run();
        DmaRequest hit = bed.send(SID, Irte.messageAddress(3, false), 0);
        bed.run();
        assertThat(miss.ticks(Station.CONFIG_CACHE)).isEqualTo(2_000);
        assertThat(miss.ticks(Station.CONFIG_FETCH)).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
        assertThat(hit.ticks(Station.CONFIG_CACHE)).isEqualTo(2_000);
        assertThat(hit.ticks(Station.CONFIG_FETCH)).isZero();
        assertThat(hit.totalTicks()).isEqualTo(hit.latency());
        assertThat(miss.totalTicks()).isEqualTo(miss.latency());
        assertThat(miss.latency() - hit.latency()).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
        assertThat(bed.counter("iec.hits")).isEqualTo(1);
    }

    @Test
    void shouldReadSoManyEntriesAtATime() {
        InterruptBed unit = new InterruptBed(Map.of("iec_fetches", 1L, "iec_ports", 0L));
        unit.entry(3, entry(0x31));
        unit.entry(4, entry(0x31));
        DmaRequest first = unit.send(SID, Irte.messageAddress(3, false), 0);
        DmaRequest second = unit.send(SID, Irte.messageAddress(4, false), 0);
        unit.run();
        assertThat(first.ticks(Station.CONFIG_FETCH)).isEqualTo(1_000 + InterruptBed.MEMORY_PS);
        assertThat(second.ticks(Station.CONFIG_FETCH))
                .as("it waits for the other's read")
                .isGreaterThan(2 * InterruptBed.MEMORY_PS - 5_000);
    }

    /**
     * An invalidation finds an entry that is being read: the message is still made from it, but it is not kept, and the wait is
     * complete only when the message has left.
     */
    @Test
    @Rule("VTD-IR-18")
    void shouldWaitForMessagesThatUseWhatIsInvalidated() {
        bed.entry(3, entry(0x31));
        long status = bed.submit(Inv.iecIndex0(3, 0));
        // Reading the descriptor takes 30 ns: it takes effect when the read of the entry has begun and is not over.
        bed.sim.scheduler().runUntil(bed.sim.now() + 20_000);
        DmaRequest message = bed.send(SID, Irte.messageAddress(3, false), 0);
        while (message.messageAddress() == -1 && bed.sim.scheduler().step()) {
            assertThat(bed.done(status)).as("the wait came first").isFalse();
        }
        bed.run();
        assertThat(bed.done(status)).isTrue();
        assertThat(bed.text(message)).isEqualTo(OLD);
        bed.entry(3, entry(0x32));
        assertThat(bed.msi(3)).as("nothing was kept").isEqualTo(NEW);
    }

    /** The checker knows of interrupt entries, too. */
    @Test
    void shouldNoticeAnEntryThatIsUsedAfterItsInvalidation() {
        bed.device.mistakes().forgetsInterrupts = true;
        changeBehindTheCache(bed);
        bed.invalidate(Inv.iecIndex0(4, 0));
        assertThat(bed.msi(3)).as("not invalidated").isEqualTo(OLD);
        assertThat(bed.violations()).isEmpty();
        assertThat(bed.msi(4)).isEqualTo(OLD);
        assertThat(bed.violations())
                .singleElement()
                .satisfies(found -> assertThat(found.message())
                        .contains("uses an entry of dmar0.iec, made from the interrupt entry at 0x100040"));
    }
}

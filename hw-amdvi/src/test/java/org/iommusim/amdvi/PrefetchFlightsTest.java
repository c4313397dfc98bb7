package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.AnyOrder;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** Pages that are fetched ahead on their way: how many, until when, and beside requests and invalidations. */
class PrefetchFlightsTest extends PrefetchTables {
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

package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which requests under way an invalidation hits, and for which of them it has to wait. */
class InvalidationFlightsTest {
    private static final int SID = 0x4228;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long IOVA = 0x1234_5678L;

    private final Simulation sim = Simulation.seeded(1).build();
    private final Flight flight = new Flight(0, sim.scheduler().newLane("flight", Phase.HARDWARE));
    private final Invalidation what = new Invalidation(new Mistakes(), true, false);

    /** One of a second stage of legacy mode, translated, with a page of 4 KiB. */
    @BeforeEach
    void begin() {
        DmaRequest request = new DmaRequest();
        request.begin(0, SID, DmaRequest.NO_PASID, IOVA, 8, false, 0);
        flight.arrive(request, done -> {}, 1);
        flight.usesContext = true;
        flight.did = DID;
        flight.secondStage = true;
        flight.pageShift = 12;
    }

    private void firstStage() {
        flight.scalable = true;
        flight.usesPasid = true;
        flight.pasid = PASID;
        flight.firstStage = true;
        flight.secondStage = false;
        flight.firstShift = 12;
    }

    private void walking() {
        VtdTestbed bed = VtdTestbed.of("legacy").legacy();
        bed.dmaRead(SID, IOVA); // makes the unit's first flight and its walk
        flight.attach(bed.device.flight(0).walk());
        flight.pageShift = 0;
        flight.firstShift = 0;
    }

    private boolean hits(Consumer<Invalidation> command) {
        command.accept(what);
        return what.hits(flight);
    }

    @Test
    void shouldHitNobodyWhoHasReadNothing() {
        flight.usesContext = false;
        flight.did = -1;
        assertThat(hits(Invalidation::contextGlobal)).isFalse();
        assertThat(hits(Invalidation::iotlbGlobal)).isFalse();
    }

    @Test
    void shouldHitContextEntriesByDomainAndSource() {
        assertThat(hits(Invalidation::contextGlobal)).isTrue();
        assertThat(hits(w -> w.contextDomain(DID))).isTrue();
        assertThat(hits(w -> w.contextDomain(8))).isFalse();
        assertThat(hits(w -> w.contextDevice(DID, SID, 0))).isTrue();
        assertThat(hits(w -> w.contextDevice(8, SID, 0))).isFalse();
        assertThat(hits(w -> w.contextDevice(DID, SID ^ 1, 0))).isFalse();
        assertThat(hits(w -> w.contextDevice(DID, SID ^ 1, 3))).isTrue();
        assertThat(hits(w -> w.contextDevice(DID, SID ^ 8, 3))).isFalse();
        flight.scalable = true;
        assertThat(hits(w -> w.contextDomain(8))).isTrue();
        assertThat(hits(w -> w.contextDevice(8, SID, 0))).isTrue();
        assertThat(hits(w -> w.contextDevice(8, SID ^ 8, 0))).isFalse();
    }

    @Test
    void shouldHitWhoseDomainIsNotKnownYet() {
        flight.did = -1;
        assertThat(hits(w -> w.contextDomain(8))).isTrue();
        assertThat(hits(w -> w.contextDevice(8, SID, 0))).isTrue();
        assertThat(hits(w -> w.iotlbDomain(8))).isTrue();
        assertThat(hits(w -> w.iotlbPage(8, 0, 0, true))).isTrue();
        assertThat(hits(w -> w.pasidIotlb(8, 9))).isTrue();
        assertThat(hits(w -> w.pasidIotlbPage(8, 9, 0, 0, true))).isTrue();
    }

    @Test
    void shouldTakeDomainZeroForADomain() {
        flight.did = 0;
        assertThat(hits(w -> w.iotlbDomain(8))).isFalse();
        assertThat(hits(w -> w.iotlbDomain(0))).isTrue();
        assertThat(hits(w -> w.iotlbPage(0, IOVA + 0x1000, 0, true))).isFalse();
        assertThat(hits(w -> w.pasidIotlb(0, 9))).isFalse();
        assertThat(hits(w -> w.pasidIotlbPage(0, 9, IOVA, 0, true))).isFalse();
    }

    @Test
    void shouldHitEverythingByTheWidestMask() {
        assertThat(hits(w -> w.iotlbPage(DID, -0x1000L, 51, true))).isFalse();
        assertThat(hits(w -> w.iotlbPage(DID, -0x1000L, 52, true))).isTrue();
        assertThat(hits(w -> w.iotlbPage(DID, -0x1000L, 63, true))).isTrue();
    }

    @Test
    void shouldHitAWalkThatMayHoldAPointer() {
        walking();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 0, false))).isTrue();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 0, true))).isFalse();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA, 0, true))).isTrue();
        flight.pageShift = 12;
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 0, false))).isFalse();
    }

    @Test
    void shouldHitPasidEntriesByDomainAndPasid() {
        assertThat(hits(Invalidation::pasidCacheGlobal)).isFalse();
        assertThat(hits(w -> w.pasidCacheDomain(DID))).isFalse();
        assertThat(hits(w -> w.pasidCacheSelective(DID, -1))).isFalse();
        firstStage();
        assertThat(hits(Invalidation::pasidCacheGlobal)).isTrue();
        assertThat(hits(w -> w.pasidCacheDomain(DID))).isTrue();
        assertThat(hits(w -> w.pasidCacheDomain(8))).isFalse();
        assertThat(hits(w -> w.pasidCacheSelective(DID, PASID))).isTrue();
        assertThat(hits(w -> w.pasidCacheSelective(DID, 6))).isFalse();
        assertThat(hits(w -> w.pasidCacheSelective(8, PASID))).isFalse();
    }

    @Test
    void shouldHitPagesOfASecondStage() {
        assertThat(hits(w -> w.iotlbDomain(DID))).isTrue();
        assertThat(hits(w -> w.iotlbDomain(8))).isFalse();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA, 0, true))).isTrue();
        assertThat(hits(w -> w.iotlbPage(8, IOVA, 0, true))).isFalse();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 0, true))).isFalse();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA - 0x1000, 0, true))).isFalse();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 9, true))).isTrue();
        flight.pageShift = 21;
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 0, true))).isTrue();
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x20_0000, 0, true))).isFalse();
        assertThat(hits(w -> w.pasidIotlb(DID, -1))).isTrue(); // rather too often
        assertThat(hits(w -> w.pasidIotlbPage(DID, PASID, IOVA, 0, true))).isFalse();
    }

    @Test
    void shouldHitPagesOfAFirstStage() {
        firstStage();
        assertThat(hits(w -> w.pasidIotlb(DID, PASID))).isTrue();
        assertThat(hits(w -> w.pasidIotlb(DID, 6))).isFalse();
        assertThat(hits(w -> w.pasidIotlb(8, PASID))).isFalse();
        assertThat(hits(w -> w.pasidIotlbPage(DID, PASID, IOVA, 0, true))).isTrue();
        assertThat(hits(w -> w.pasidIotlbPage(8, PASID, IOVA, 0, true))).isFalse();
        assertThat(hits(w -> w.pasidIotlbPage(DID, PASID, IOVA + 0x1000, 0, true)))
                .isFalse();
        assertThat(hits(w -> w.pasidIotlbPage(DID, 6, IOVA, 0, true))).isFalse();
        flight.global = true;
        assertThat(hits(w -> w.pasidIotlbPage(DID, 6, IOVA, 0, true))).isTrue();
        // The second stage's pages cannot be told by the address.
        assertThat(hits(w -> w.iotlbPage(DID, IOVA + 0x1000, 0, true))).isTrue();
        flight.firstShift = 21; // a large page that the second stage has in pieces
        assertThat(hits(w -> w.pasidIotlbPage(DID, PASID, IOVA + 0x1000, 0, true)))
                .isTrue();
    }

    /** As long as a walk is not through, its page may turn out to be global, and belong to every PASID. */
    @Test
    void shouldHitAWalkThatMayFindAGlobalPage() {
        firstStage();
        walking();
        assertThat(hits(w -> w.pasidIotlbPage(DID, 6, IOVA, 0, true))).isTrue();
        assertThat(hits(w -> w.pasidIotlbPage(DID, 6, IOVA + 0x1000, 0, true))).isFalse();
    }

    @Test
    void shouldWaitForWhatItDrains() {
        what.iotlbGlobal();
        assertThat(what.waitsFor(flight)).isTrue();
        what.drains(false, true);
        assertThat(what.waitsFor(flight)).isFalse();
        what.drains(true, false);
        assertThat(what.waitsFor(flight)).isTrue();
        Invalidation draining = new Invalidation(new Mistakes(), true, true);
        draining.iotlbGlobal();
        draining.drains(false, false);
        assertThat(draining.waitsFor(flight)).isTrue();
    }

    @Test
    void shouldSayWhichCachesItConcerns() {
        List<Consumer<Invalidation>> commands = List.of(
                w -> w.contextDevice(1, 2, 0),
                Invalidation::pasidCacheGlobal,
                w -> w.pasidCacheSelective(1, 2),
                Invalidation::iotlbGlobal,
                w -> w.pasidIotlbPage(1, 2, 0, 0, true));
        assertThat(commands).map(this::concerned).containsExactly("contexts", "pasids", "pasids", "tables", "tables");
    }

    private String concerned(Consumer<Invalidation> command) {
        command.accept(what);
        return (what.concernsContexts() ? "contexts" : "")
                + (what.concernsPasids() ? "pasids" : "")
                + (what.concernsTables() ? "tables" : "");
    }
}

package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.check.Violation;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;

/** Each mistake that a unit can be given is noticed, and says what happened; a unit without mistakes is not blamed. */
class StaleUseTest {
    private static final int SID = 0x28;
    private static final int DID = 7;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2020_0000L;
    private static final long IOVA = 0x40_0000L;
    private static final long RW = SsPte.R | SsPte.W;

    private VtdTestbed bed = VtdTestbed.of("legacy").legacy();
    private long root = bed.page();

    private void legacy() {
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
    }

    private void faulty(Consumer<Mistakes> mistake) {
        mistake.accept(bed.device.mistakes());
    }

    private static long page() {
        return Inv.iotlb0(Inv.G_IOTLB_PAGE, DID, true, true);
    }

    private void reads(long expected) {
        DmaRequest request = bed.dmaRead(SID, IOVA);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(expected);
    }

    private List<Violation> violations() {
        return bed.sim.violations().violations();
    }

    private void blamed(String... parts) {
        assertThat(violations()).hasSize(1);
        assertThat(violations().get(0).checker()).isEqualTo("stale-translation");
        assertThat(violations().get(0).message())
                .startsWith("dmar0: a request of stream 0x28 ")
                .contains(parts);
    }

    @Test
    void shouldNoticeAnInvalidationThatMissesLargePages() {
        faulty(m -> m.missesLargePages = true);
        legacy();
        long entry = bed.mapSecond(root, 3, IOVA, OLD, 1, RW);
        reads(OLD);
        bed.mapSecond(root, 3, IOVA, NEW, 1, RW);
        bed.invalidate(page(), Inv.pages1(IOVA, 9, true));
        reads(OLD);
        blamed(
                "uses an entry of dmar0.iotlb, made from the stage-2 entry at 0x" + Long.toHexString(entry),
                "when iotlb page did=7 addr=0x400000 am=9 leaf",
                "; complete by wait");
    }

    @Test
    void shouldNoticeAWaitThatDoesNotDrain() {
        faulty(m -> m.waitDoesNotDrain = true);
        slowRead(true);
        blamed("what it read itself, made from the stage-2 entry");
    }

    @Test
    void shouldNotBlameAWaitThatDrains() {
        slowRead(true);
        assertThat(violations()).isEmpty();
    }

    /** Nobody has asked that reads be drained. */
    @Test
    void shouldNotBlameAWaitThatNeedNotDrain() {
        slowRead(false);
        assertThat(violations()).isEmpty();
    }

    /** The access is carried out long after its translation. */
    private void slowRead(boolean drains) {
        legacy();
        bed.mapSecond(root, 3, IOVA, OLD);
        bed.dataPs = 50_000_000;
        DmaRequest request = bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        bed.mapSecond(root, 3, IOVA, NEW);
        bed.put(Inv.iotlb0(Inv.G_IOTLB_PAGE, DID, drains, true), Inv.pages1(IOVA, 0, true));
        int wait = bed.putWait();
        bed.ring();
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        boolean waits = drains && !bed.device.mistakes().waitDoesNotDrain;
        assertThat(bed.waited()).isEqualTo(waits ? 0 : wait);
        bed.run();
        assertThat(bed.waited()).isEqualTo(wait);
    }

    @Test
    void shouldNoticeWhatAWalkUnderWayPutsBack() {
        refill(true);
        reads(OLD);
        blamed("made from the stage-2 entry");
    }

    @Test
    void shouldNotLetAWalkUnderWayPutAnythingBack() {
        refill(false);
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    /** A page moves, and is invalidated, while a walk has read its entry but is not through. */
    private void refill(boolean forgets) {
        bed = VtdTestbed.of("legacy", Map.of("iotlb_cycles", 200L)).legacy();
        root = bed.page();
        faulty(m -> m.forgetsFlights = forgets);
        legacy();
        bed.mapSecond(root, 3, IOVA, OLD);
        bed.mapSecond(root, 3, IOVA + 0x1000, OLD);
        bed.dmaRead(SID, IOVA + 0x1000);
        DmaRequest request = bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA, false));
        while (request.ticks(Station.MAIN_TLB) == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        // Others keep the port of the IOTLB busy, and the walk's answer has to wait for it.
        for (int i = 0; i < 20; i++) {
            bed.issue(bed.request(SID, DmaRequest.NO_PASID, IOVA + 0x1000, false));
        }
        while (request.ticks(Station.STAGE2_READ) == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.mapSecond(root, 3, IOVA, NEW);
        bed.put(page(), Inv.pages1(IOVA, 0, true));
        bed.putWait();
        bed.ring();
        bed.run();
    }

    @Test
    void shouldNoticeAPageInvalidationThatMissesBothStages() {
        bed = VtdTestbed.of("scalable").scalable();
        faulty(m -> m.missesNested = true);
        bed.scalableContext(SID, VtdTestbed.function());
        NestedTables nested = new NestedTables(bed);
        nested.map(0x1000, 0x9000, OLD);
        bed.pasid(0, nested.entry(DID));
        assertThat(bed.dmaRead(SID, 0x1000).physicalAddress()).isEqualTo(OLD);
        bed.mapSecond(nested.second, 4, 0x9000, NEW);
        bed.invalidate(page(), Inv.pages1(0x9000, 0, true));
        assertThat(bed.dmaRead(SID, 0x1000).physicalAddress()).isEqualTo(OLD);
        blamed("an entry of dmar0.iotlb, made from the stage-2 entry");
    }

    @Test
    void shouldNoticeAForgottenPasidEntry() {
        bed = VtdTestbed.of("scalable").scalable();
        faulty(m -> m.forgetsPasids = true);
        bed.scalableContext(SID, VtdTestbed.function());
        root = bed.page();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        bed.dma(bed.request(SID, 3, 0x5000, false));
        bed.pasid(3, new long[PasidEntry.WORDS]);
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 3));
        bed.dma(bed.request(SID, 3, 0x5000, false));
        blamed("an entry of dmar0.pasid, made from the context at 0x");
    }

    @Test
    void shouldBlameNobodyForWhatNoDescriptorCovers() {
        legacy();
        bed.mapSecond(root, 3, IOVA, OLD);
        reads(OLD);
        bed.mapSecond(root, 3, IOVA, NEW);
        bed.invalidate(page(), Inv.pages1(IOVA + 0x1000, 0, true));
        bed.invalidate(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, DID + 1, true, true));
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, 0));
        reads(OLD);
        assertThat(violations()).isEmpty();
    }
}

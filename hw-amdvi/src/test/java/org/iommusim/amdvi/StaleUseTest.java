package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.sim.check.Violation;
import org.junit.jupiter.api.Test;

/** Each mistake that a unit can be given is noticed, and says what happened; a unit without mistakes is not blamed. */
class StaleUseTest {
    private static final int ID = 0x28;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2020_0000L;
    private static final long IOVA = 0x40_0000L;
    private static final long GUEST = 0x5_0000_0000L;

    private AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
    private long root = bed.page();

    private void host() {
        bed.entry(ID, Dte.host(root, 4, DID));
    }

    private void faulty(Consumer<Mistakes> mistake) {
        mistake.accept(bed.device.mistakes());
    }

    private static long pages() {
        return Cmd.invalidateIommuPages0(DID, 0);
    }

    private void reads(long expected) {
        DmaRequest request = bed.dmaRead(ID, IOVA);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(expected);
    }

    private void pasidReads(long expected) {
        assertThat(bed.dma(bed.request(ID, PASID, IOVA, false)).physicalAddress())
                .isEqualTo(expected);
    }

    private List<Violation> violations() {
        return bed.sim.violations().violations();
    }

    private void blamed(String... parts) {
        assertThat(violations()).hasSize(1);
        assertThat(violations().get(0).checker()).isEqualTo("stale-translation");
        assertThat(violations().get(0).message())
                .startsWith("iommu0: a request of stream 0x28 ")
                .contains(parts);
    }

    @Test
    void shouldAllowOldTranslationsUntilTheWait() {
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        reads(OLD);
        bed.mapHost(root, 4, IOVA, NEW);
        reads(OLD);
        bed.command(pages(), Cmd.pages1(IOVA, 12));
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldNoticeAnInvalidationThatMissesLargePages() {
        faulty(m -> m.missesLargePages = true);
        host();
        long entry = bed.mapHost(root, 4, IOVA, 2, V1Pte.page(OLD, true, true));
        reads(OLD);
        bed.mapHost(root, 4, IOVA, 2, V1Pte.page(NEW, true, true));
        bed.command(pages(), Cmd.pages1(IOVA, 21));
        reads(OLD);
        blamed(
                "uses an entry of iommu0.iotlb, made from the stage-2 entry at 0x" + Long.toHexString(entry),
                "when INVALIDATE_IOMMU_PAGES",
                "; complete by");
    }

    @Test
    void shouldNoticeAForgottenDeviceTableEntry() {
        faulty(m -> m.forgetsEntries = true);
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        reads(OLD);
        bed.entry(ID, Dte.host(bed.page(), 4, DID + 1));
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        reads(OLD);
        blamed("an entry of iommu0.dte, made from the device entry at 0x", "when INVALIDATE_DEVTAB_ENTRY");
    }

    @Test
    void shouldNoticeAForgottenGcr3Entry() {
        faulty(m -> m.forgetsGcr3 = true);
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, IOVA, OLD);
        long other = bed.page();
        bed.mapGuest(other, 4, IOVA, NEW);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        pasidReads(OLD);
        bed.gcr3(gcr3, PASID, other);
        bed.command(Cmd.invalidateIommuPages0(DID, PASID), Cmd.allPages1() | Cmd.GN.mask() | Cmd.PDE.mask());
        pasidReads(OLD);
        blamed("an entry of iommu0.gcr3, made from the context at 0x");
    }

    @Test
    void shouldNoticeAnInvalidationThatMissesBothTables() {
        faulty(m -> m.missesNested = true);
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, GUEST, OLD);
        bed.entry(ID, tables.entry(DID));
        pasidReads(OLD);
        bed.mapHost(tables.host, 4, GUEST, NEW);
        bed.command(pages(), Cmd.pages1(GUEST, 12));
        pasidReads(OLD);
        blamed("an entry of iommu0.iotlb, made from the stage-2 entry");
    }

    @Test
    void shouldNoticeAWaitThatDoesNotDrain() {
        faulty(m -> m.waitDoesNotDrain = true);
        slowRead();
        blamed("what it read itself, made from the stage-2 entry");
    }

    @Test
    void shouldNotBlameAWaitThatDrains() {
        slowRead();
        assertThat(violations()).isEmpty();
    }

    /** The access is carried out long after its translation. */
    private void slowRead() {
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.dataPs = 50_000_000;
        DmaRequest request = bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        bed.mapHost(root, 4, IOVA, NEW);
        bed.put(pages(), Cmd.pages1(IOVA, 12));
        bed.putWait();
        bed.ring();
        bed.sim.scheduler().runUntil(bed.sim.now() + 10_000_000);
        boolean waits = !bed.device.mistakes().waitDoesNotDrain;
        assertThat(bed.waited() == bed.lastWait()).isEqualTo(!waits);
        bed.run();
        assertThat(bed.waited()).isEqualTo(bed.lastWait());
    }

    @Test
    void shouldNoticeAWalkThatPutsBackWhatWasInvalidated() {
        refill(true);
        reads(OLD);
        assertThat(violations()).isNotEmpty();
    }

    @Test
    void shouldNotLetAWalkUnderWayPutAnythingBack() {
        refill(false);
        reads(NEW);
        assertThat(violations()).isEmpty();
    }

    /** A page moves, and is invalidated, while a walk has read its entry but is not through. */
    private void refill(boolean forgets) {
        bed = AmdViTestbed.of("guest-tables", Map.of("iotlb_cycles", 200L)).enable();
        root = bed.page();
        faulty(m -> m.forgetsFlights = forgets);
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.mapHost(root, 4, IOVA + 0x1000, OLD);
        bed.dmaRead(ID, IOVA + 0x1000);
        DmaRequest request = bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA, false));
        while (request.ticks(Station.MAIN_TLB) == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        // Others keep the port of the IOTLB busy, and the walk's answer has to wait for it.
        for (int i = 0; i < 20; i++) {
            bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA + 0x1000, false));
        }
        while (request.ticks(Station.STAGE2_READ) == 0) {
            assertThat(bed.sim.scheduler().step()).isTrue();
        }
        bed.mapHost(root, 4, IOVA, NEW);
        bed.command(pages(), Cmd.pages1(IOVA, 12));
    }

    @Test
    void shouldBlameNobodyForWhatNoCommandCovers() {
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        reads(OLD);
        bed.mapHost(root, 4, IOVA, NEW);
        bed.command(pages(), Cmd.pages1(IOVA + 0x1000, 12));
        bed.command(Cmd.invalidateIommuPages0(DID + 1, 0), Cmd.allPages1());
        bed.command(Cmd.invalidateIommuPages0(DID, PASID), Cmd.allPages1() | Cmd.GN.mask());
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        reads(OLD);
        assertThat(violations()).isEmpty();
    }

    /** What leads to tables, and what stands in them, are two things. */
    @Test
    void shouldNotBlameATranslationForTheEntryOfItsFunction() {
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        reads(OLD);
        long[] words = Dte.host(root, 4, DID);
        Dte.SE.put(words, 1);
        bed.entry(ID, words);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        reads(OLD);
        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldNoticeAForgottenEntryThatAPageRequestHasRead() {
        faulty(m -> m.forgetsEntries = true);
        host();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.device.pageRequested(new PageRequest(ID, -1, IOVA, 0, true, true, false, false, false));
        bed.run();
        bed.entry(ID, Dte.host(bed.page(), 4, DID + 1));
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        reads(OLD);
        blamed("an entry of iommu0.dte, made from the device entry at 0x", "when INVALIDATE_DEVTAB_ENTRY");
    }

    @Test
    void shouldNoticeAForgottenRefusal() {
        bed = AmdViTestbed.of("np-cache").enable();
        root = bed.page();
        faulty(m -> m.forgetsRefusals = true);
        host();
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.FAULT);
        bed.mapHost(root, 4, IOVA, NEW);
        bed.command(pages(), Cmd.pages1(IOVA, 12) | Cmd.PDE.mask());
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.FAULT);
        blamed("an entry of iommu0.iotlb");
    }
}

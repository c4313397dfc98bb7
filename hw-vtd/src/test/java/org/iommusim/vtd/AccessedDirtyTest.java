package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;

/** Flags that the unit sets in tables in memory. */
class AccessedDirtyTest {
    private static final int SID = 0x128;
    private static final int PASID = 3;
    private static final int DID = 7;
    private static final long DATA = 0x2000_0000L;
    private static final long OTHER = 0x2100_0000L;
    private static final long PAGE = 0x5000;
    private static final long USER = X86Pte.P | X86Pte.RW | X86Pte.US;

    private VtdTestbed bed;
    private long root;
    private long leaf;

    private void firstStage(Map<String, Long> parameters, boolean eafe) {
        bed = VtdTestbed.of("scalable", parameters).scalable();
        root = bed.page();
        bed.scalableContext(SID, VtdTestbed.function());
        leaf = bed.mapFirst(root, 4, PAGE, DATA);
        long[] words = PasidEntry.firstStage(root, 4, DID);
        PasidEntry.EAFE.put(words, eafe ? 1 : 0);
        bed.pasid(PASID, words);
    }

    private void firstStage() {
        firstStage(Map.of(), false);
    }

    private void secondStage(Map<String, Long> parameters, boolean ssade) {
        bed = VtdTestbed.of("scalable", parameters).scalable();
        root = bed.page();
        bed.scalableContext(SID, VtdTestbed.function());
        leaf = bed.mapSecond(root, 4, PAGE, DATA);
        long[] words = PasidEntry.secondStage(root, 4, DID);
        PasidEntry.SSADE.put(words, ssade ? 1 : 0);
        bed.pasid(PASID, words);
    }

    private DmaRequest access(long iova, boolean write) {
        return bed.dma(bed.request(SID, PASID, iova, write));
    }

    /** The entries of the tables above the leaf, from the root on. */
    private List<Long> pointers() {
        List<Long> entries = new ArrayList<>();
        long table = root;
        for (int i = 0; i < 3; i++) {
            long entry = bed.memory.read64(table + (PAGE >>> 39 - 9 * i & 511) * 8);
            entries.add(entry);
            table = entry & X86Pte.ADDRESS;
        }
        return entries;
    }

    @Test
    @Rule("VTD-AD-01")
    void shouldMarkEveryEntryOnTheWayEvenIfTheLastFaults() {
        firstStage();
        bed.memory.write64(leaf, 0);
        assertThat(access(PAGE, false).faultCode()).isEqualTo(FaultReason.FS_NOT_PRESENT);
        assertThat(pointers()).allMatch(entry -> (entry & X86Pte.A) != 0);
        assertThat(bed.memory.read64(leaf)).isZero();
        bed.memory.write64(leaf, DATA | X86Pte.P | X86Pte.RW);
        assertThat(access(PAGE, false).faultCode()).isEqualTo(FaultReason.FS_PRIVILEGE);
        assertThat(bed.memory.read64(leaf)).as("an entry that faults").isEqualTo(DATA | X86Pte.P | X86Pte.RW);
    }

    @Test
    @Rule("VTD-AD-02")
    void shouldMarkDirtyOnlyTheLeafAndOnlyByWrites() {
        firstStage();
        access(PAGE, false);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A);
        access(PAGE, true);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A | X86Pte.D);
        assertThat(pointers()).allMatch(entry -> (entry & X86Pte.D) == 0);
    }

    /**
     * Software redirects the page at any moment of a write: nothing of its entry is lost, whichever one the unit took, and what
     * was taken is what the entry said when it was marked.
     */
    @Test
    @Rule("VTD-AD-04")
    void shouldNeverOverwriteWhatSoftwareHasChanged() {
        int old = 0;
        int fresh = 0;
        for (int events = 0; events < 60; events++) {
            firstStage();
            DmaRequest write = bed.issue(bed.request(SID, PASID, PAGE, true));
            for (int i = 0; i < events; i++) {
                bed.sim.scheduler().step();
            }
            boolean marked = (bed.memory.read64(leaf) & X86Pte.D) != 0;
            bed.memory.write64(leaf, OTHER | USER);
            bed.run();
            assertThat(write.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(write.physicalAddress()).as("after %d events", events).isEqualTo(marked ? DATA : OTHER);
            assertThat(bed.memory.read64(leaf)).isEqualTo(marked ? OTHER | USER : OTHER | USER | X86Pte.A | X86Pte.D);
            old += marked ? 1 : 0;
            fresh += marked ? 0 : 1;
        }
        assertThat(old).isPositive();
        assertThat(fresh).isPositive();
    }

    @Test
    @Rule("VTD-AD-05")
    void shouldFaultIfTheBusRefusesTheUpdate() {
        firstStage();
        bed.device.busFaults().orElseThrow().abortWrites(leaf, 8);
        assertThat(access(PAGE, false).faultCode()).isEqualTo(FaultReason.FS_UPDATE);
        secondStage(Map.of(), true);
        bed.device.busFaults().orElseThrow().abortWrites(leaf, 8);
        assertThat(access(PAGE, false).faultCode()).isEqualTo(FaultReason.SS_UPDATE);
    }

    @Test
    @Rule("VTD-AD-06")
    void shouldMarkTheExtendedAccessedFlagIfAskedAndAble() {
        firstStage(Map.of(), true);
        access(PAGE, false);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A | X86Pte.EA);
        assertThat(pointers()).allMatch(entry -> (entry & X86Pte.EA) != 0);
        firstStage(Map.of("eafs", 0L), true);
        access(PAGE, false);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A);
    }

    @Test
    @Rule("VTD-AD-07")
    void shouldMarkTheSecondStageIfAskedAndAble() {
        long rw = SsPte.R | SsPte.W;
        secondStage(Map.of(), true);
        access(PAGE, false);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | rw | SsPte.A);
        assertThat(pointers()).allMatch(entry -> (entry & SsPte.A) != 0);
        access(PAGE, true);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | rw | SsPte.A | SsPte.D);
        for (boolean able : new boolean[] {false, true}) {
            secondStage(Map.of("ssads", able ? 1L : 0L), !able);
            access(PAGE, true);
            assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | rw);
            assertThat(pointers()).allMatch(entry -> (entry & SsPte.A) == 0);
        }
    }

    @Test
    @Rule("VTD-AD-10")
    void shouldMarkDirtyAgainWhatWasCleanedAndInvalidated() {
        firstStage();
        access(PAGE, true);
        bed.memory.write64(leaf, DATA | USER | X86Pte.A);
        access(PAGE, true);
        assertThat(bed.memory.read64(leaf) & X86Pte.D).as("still cached").isZero();
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, PASID), Inv.pages1(PAGE, 0, true));
        access(PAGE, true);
        assertThat(bed.memory.read64(leaf) & X86Pte.D).isNotZero();
    }
}

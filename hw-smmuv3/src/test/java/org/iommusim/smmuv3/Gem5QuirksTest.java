package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iommusim.smmuv3.Gem5Bed.DATA;
import static org.iommusim.smmuv3.Gem5Bed.SID;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cmd;
import org.junit.jupiter.api.Test;

/** What gem5 does wrong, with the parameter that asks for it, and right without. */
class Gem5QuirksTest {
    private static Gem5Bed right() {
        return new Gem5Bed(Map.of());
    }

    private static Gem5Bed wrong() {
        return Gem5Bed.withQuirks();
    }

    @Test
    void shouldEndANestedWalkAtACachedLeaf() {
        assertThat(secondInANestedBlock(wrong())).as("the IPA").isEqualTo(0x4000_0000L + 0x5008);
        assertThat(secondInANestedBlock(right())).isEqualTo(DATA + 0x5008);
    }

    private static long secondInANestedBlock(Gem5Bed bed) {
        Vmsav8Tables stage1 = bed.nested();
        stage1.mapBlock(0x20_0000, 0x4000_0000, Vmsav8Tables.S1_PAGE);
        bed.tables.mapBlock(0x4000_0000, DATA, Vmsav8Tables.S2_PAGE);
        bed.cost(0x20_1000);
        bed.bed.command(Cmd.cfgiSte0(SID), 1); // TLBs forget, the walk cache does not
        return bed.output(0x20_5008);
    }

    @Test
    void shouldCountTheOffsetInARunTwice() {
        assertThat(inARun(wrong())).isEqualTo(DATA + 0x3000 + 0x3008);
        assertThat(inARun(right())).isEqualTo(DATA + 0x3008);
    }

    private static long inARun(Gem5Bed bed) {
        bed.stage1(0);
        for (long page = 0; page < 16; page++) {
            bed.tables.map(0x1000 * page, DATA + 0x1000 * page, Vmsav8Tables.S1_PAGE | Vmsav8.CONTIGUOUS);
        }
        return bed.output(0x3008);
    }

    @Test
    void shouldNotLookAtAccessFlags() {
        assertThat(readWithout(wrong(), Vmsav8.AF)).isEqualTo(DmaOutcome.OK);
        assertThat(readWithout(right(), Vmsav8.AF)).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    void shouldNotLookAtPrivileges() {
        assertThat(readWithout(wrong(), Vmsav8.AP_UNPRIVILEGED)).isEqualTo(DmaOutcome.OK);
        assertThat(readWithout(right(), Vmsav8.AP_UNPRIVILEGED)).isEqualTo(DmaOutcome.FAULT);
    }

    private static DmaOutcome readWithout(Gem5Bed bed, long bit) {
        bed.stage1(0);
        bed.tables.map(0, DATA, Vmsav8Tables.S1_PAGE & ~bit);
        return bed.bed.dmaRead(SID, 0).outcome();
    }

    @Test
    void shouldAllowWritesOfCachedReadOnlyPages() {
        for (boolean quirks : new boolean[] {true, false}) {
            Gem5Bed bed = quirks ? wrong() : right();
            bed.stage1(0);
            bed.tables.map(0, DATA, Vmsav8Tables.S1_PAGE | Vmsav8.AP_READ_ONLY);
            assertThat(bed.bed.dmaWrite(SID, 0).outcome()).as("not cached").isEqualTo(DmaOutcome.FAULT);
            bed.cost(0);
            assertThat(bed.bed.dmaWrite(SID, 0).outcome())
                    .as("cached, quirks " + quirks)
                    .isEqualTo(quirks ? DmaOutcome.OK : DmaOutcome.FAULT);
        }
    }

    @Test
    void shouldTakeTheFirstCdWithoutASubstream() {
        for (boolean quirks : new boolean[] {true, false}) {
            Gem5Bed bed = quirks ? wrong() : right();
            bed.substreams();
            bed.tables.map(0, DATA, Vmsav8Tables.S1_PAGE);
            assertThat(bed.bed.dmaRead(SID, 0).outcome()).isEqualTo(quirks ? DmaOutcome.OK : DmaOutcome.FAULT);
        }
    }

    @Test
    void shouldBringBackWhatWasInvalidated() {
        for (boolean quirks : new boolean[] {true, false}) {
            Gem5Bed bed = new Gem5Bed(Map.of("gem5_quirks", quirks ? 1L : 0L, "link_down_cycles", 500L)).stage1(1);
            DmaRequest first = bed.bed.issue(bed.bed.request(SID, DmaRequest.NO_PASID, 0, false));
            // The walk is through, and its answer under way, when the page gets another place.
            Scheduler scheduler = bed.bed.sim.scheduler();
            scheduler.at(
                    scheduler.newLane("software", Phase.HARDWARE),
                    scheduler.now() + 300_000,
                    (op, arg) -> remap(bed),
                    0,
                    0);
            scheduler.run();

            assertThat(first.physicalAddress()).isEqualTo(DATA);
            assertThat(bed.output(0)).isEqualTo(quirks ? DATA : DATA + 0x5000);
            assertThat(bed.bed.sim.violations().violations().isEmpty())
                    .as("no stale use")
                    .isEqualTo(!quirks);
        }
    }

    private static void remap(Gem5Bed bed) {
        bed.tables.map(0, DATA + 0x5000, Vmsav8Tables.S1_PAGE);
        bed.bed.put(Cmd.tlbi0(Cmd.TLBI_NH_VA, Gem5Bed.VMID, Gem5Bed.ASID), Cmd.tlbi1(0, true));
        bed.bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.bed.ring();
    }

    @Test
    void shouldMissABlockThatIsInAnotherSet() {
        for (boolean quirks : new boolean[] {true, false}) {
            Gem5Bed bed = new Gem5Bed(Map.of("gem5_quirks", quirks ? 1L : 0L, "utlb", 0L)).stage1(0);
            bed.tables.mapBlock(0, DATA, Vmsav8Tables.S1_PAGE);
            bed.cost(0);
            // Any address of the block stands for all of it. The entry lies in the set of the block's first page.
            bed.bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VA, Gem5Bed.VMID, Gem5Bed.ASID), Cmd.tlbi1(0x5000, true));

            assertThat(bed.cost(0) == 4).as("found in the main TLB").isEqualTo(quirks);
        }
    }

    @Test
    void shouldLoseTheBeatsOfFailedWrites() {
        for (boolean quirks : new boolean[] {true, false}) {
            Gem5Bed bed = new Gem5Bed(Map.of("gem5_quirks", quirks ? 1L : 0L, "write_beats", 4L)).stage1(1);
            offerWrite(bed, 0x7000, 64);
            bed.bed.sim.scheduler().run();

            assertThat(offerWrite(bed, 0, 16)).as("room for one beat").isEqualTo(!quirks);
        }
    }

    private static boolean offerWrite(Gem5Bed bed, long iova, int bytes) {
        DmaRequest write = new DmaRequest();
        write.begin(1, SID, DmaRequest.NO_PASID, iova, bytes, true, bed.bed.sim.now());
        return bed.bed.device.offer(write, bed.bed, () -> {});
    }
}

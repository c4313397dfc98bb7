package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What drops first-stage and nested translations: PASID-based IOTLB descriptors, and IOTLB descriptors of their domain. */
class PasidIotlbInvalidationTest extends MovedTables {
    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void shouldTreatLargePagesOfTheFirstStageAlike(long parts) {
        bed = VtdTestbed.of("scalable", Map.of("partial_invalidation", parts)).scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        root = bed.page();
        long upper = bed.page();
        long table = bed.page();
        long directory = table; // the first entry of the table that maps the second GiB
        bed.memory.write64(root, X86Pte.table(upper));
        bed.memory.write64(upper + 8, X86Pte.table(table));
        bed.memory.write64(directory, X86Pte.largePage(OLD, false));
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x4000_0000L, OLD);
        bed.memory.write64(directory, X86Pte.largePage(NEW, false));
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x4000_1000L, 0, true));
        reads(SID, 3, 0x4000_0000L, parts == 1 ? NEW : OLD);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x4000_0000L, 9, true));
        reads(SID, 3, 0x4000_0000L, NEW);
    }

    @Test
    @Rule("VTD-PASID-15")
    void shouldDropFirstStageTranslationsByPasid() {
        scalable();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.mapFirst(root, 4, 0x6000, OLD, X86Pte.US | X86Pte.G);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x5000, OLD);
        reads(SID, 3, 0x6000, OLD);
        bed.mapFirst(root, 4, 0x5000, NEW);
        bed.mapFirst(root, 4, 0x6000, NEW, X86Pte.US | X86Pte.G);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, 4));
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID + 1, 3));
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x7000, 0, false));
        reads(SID, 3, 0x5000, OLD);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, 3));
        reads(SID, 3, 0x5000, NEW);
        reads(SID, 3, 0x6000, OLD);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x6000, 0, false));
        reads(SID, 3, 0x6000, NEW);
    }

    @Test
    void shouldLeaveSecondStagesAloneByPasid() {
        scalable();
        bed.mapSecond(root, 4, 0x5000, OLD);
        bed.pasid(0, PasidEntry.secondStage(root, 4, DID));
        reads(0x5000, OLD);
        bed.mapSecond(root, 4, 0x5000, NEW);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, 0));
        reads(0x5000, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x5000, 0, true));
        reads(0x5000, NEW);
    }

    @Test
    void shouldDropEveryFirstStageTranslationOfADomainByPage() {
        scalable();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x5000, OLD);
        bed.mapFirst(root, 4, 0x5000, NEW);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID + 1), Inv.pages1(0x5000, 0, true));
        reads(SID, 3, 0x5000, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x1_0000, 0, true));
        reads(SID, 3, 0x5000, NEW);
    }

    @Test
    void shouldDropNestedTranslationsByEitherStage() {
        scalable();
        NestedTables nested = new NestedTables(bed);
        nested.map(0x1000, 0x9000, OLD);
        bed.pasid(3, nested.entry(DID));
        reads(SID, 3, 0x1000, OLD);
        bed.mapSecond(nested.second, 4, 0x9000, NEW);
        reads(SID, 3, 0x1000, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x9000, 0, true));
        reads(SID, 3, 0x1000, NEW);
        bed.mapSecond(nested.second, 4, 0xa000, OLD + 0x1000);
        nested.mapFirst(0x1000, 0xa000);
        reads(SID, 3, 0x1000, NEW);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x1000, 0, true));
        reads(SID, 3, 0x1000, OLD + 0x1000);
    }

    @Test
    void shouldForgetWhereGuestTablesWere() {
        scalable();
        NestedTables nested = new NestedTables(bed);
        nested.map(0x1000, 0x9000, OLD);
        bed.pasid(3, nested.entry(DID));
        reads(SID, 3, 0x1000, OLD);
        // The guest's last table moves to another page of the host, with other contents; only leaves have changed.
        long table = NestedTables.FIRST + 0x3000;
        long moved = bed.page();
        bed.memory.write64(moved + 8, 0xa000 | X86Pte.P | X86Pte.US);
        bed.mapSecond(nested.second, 4, 0xa000, NEW);
        bed.mapSecond(nested.second, 4, table, moved);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(table, 0, true));
        reads(SID, 3, 0x1000, NEW);
    }

    @Test
    void shouldKeepPointersOfOtherPasids() {
        scalable();
        long[] roots = {root, bed.page()};
        long[] pointers = new long[2];
        for (int i = 0; i < 2; i++) {
            long table = bed.page();
            long upper = bed.page();
            pointers[i] = bed.page();
            bed.memory.write64(roots[i], X86Pte.table(upper));
            bed.memory.write64(upper, X86Pte.table(pointers[i]));
            bed.memory.write64(pointers[i], X86Pte.table(table));
            bed.memory.write64(table + 5 * 8, OLD | X86Pte.P | X86Pte.US);
            bed.memory.write64(table + 6 * 8, OLD + 0x1000 | X86Pte.P | X86Pte.US);
            bed.pasid(3 + i, PasidEntry.firstStage(roots[i], 4, DID));
            reads(SID, 3 + i, 0x5000, OLD);
            long other = bed.page();
            bed.memory.write64(other + 6 * 8, NEW | X86Pte.P | X86Pte.US);
            bed.memory.write64(pointers[i], X86Pte.table(other));
        }
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_ALL, DID, 4));
        reads(SID, 3, 0x6000, OLD + 0x1000);
        reads(SID, 4, 0x6000, NEW);
        // With the hint pointers stay; without, they go.
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x6000, 0, true));
        reads(SID, 3, 0x6000, OLD + 0x1000);
        bed.invalidate(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 3), Inv.pages1(0x6000, 0, false));
        reads(SID, 3, 0x6000, NEW);
    }

    /** They are of no second stage's page: only the hint counts. */
    @Test
    void shouldKeepFirstStagePointersWithTheHintOfAPageOfTheSecondStage() {
        scalable();
        long upper = bed.page();
        long directory = bed.page();
        long table = bed.page();
        bed.memory.write64(root, X86Pte.table(upper));
        bed.memory.write64(upper, X86Pte.table(directory));
        bed.memory.write64(directory, X86Pte.table(table));
        bed.memory.write64(table, OLD | X86Pte.P | X86Pte.US);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0, OLD);
        long other = bed.page();
        bed.memory.write64(other, NEW | X86Pte.P | X86Pte.US);
        bed.memory.write64(directory, X86Pte.table(other));
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x9_0000, 0, true));
        reads(SID, 3, 0, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x9_0000, 0, false));
        reads(SID, 3, 0, NEW);
    }

    /** The page may be global, and belong to whoever invalidates it. */
    @Test
    void shouldDrainOtherPasidsThatUseAGlobalPage() {
        scalable();
        for (int pasid = 1; pasid < 3; pasid++) {
            long tables = bed.page();
            bed.mapFirst(tables, 4, 0x7000, OLD, X86Pte.US | X86Pte.G);
            bed.pasid(pasid, PasidEntry.firstStage(tables, 4, DID));
        }
        reads(SID, 1, 0x7000, OLD);
        bed.dataPs = 20_000_000;
        DmaRequest slow = bed.issue(bed.request(SID, 2, 0x7000, false));
        bed.sim.scheduler().runUntil(bed.sim.now() + 5_000_000);
        assertThat(slow.misses()).isZero();
        bed.put(Inv.pasidIotlb0(Inv.G_PASID_PAGE, DID, 1), Inv.pages1(0x7000, 0, true));
        int wait = bed.putWait();
        bed.ring();
        bed.sim.scheduler().runUntil(bed.sim.now() + 5_000_000);
        assertThat(bed.waited()).isZero();
        bed.run();
        assertThat(bed.waited()).isEqualTo(wait);
    }
}

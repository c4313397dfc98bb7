package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each descriptor drops what it names, and what it does not name stays. */
class InvalidationTest {
    private static final int SID = 0x128;
    private static final int DID = 7;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;
    private static final long RW = SsPte.R | SsPte.W;

    private VtdTestbed bed = VtdTestbed.of("legacy");
    private long root;

    private void legacy() {
        bed.legacy();
        root = bed.page();
        for (int page = 0; page < 8; page++) {
            bed.mapSecond(root, 3, 0x1000L * page, OLD + 0x1000L * page);
        }
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
    }

    private void scalable() {
        bed = VtdTestbed.of("scalable").scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        root = bed.page();
    }

    private static long iotlb(int granularity, int did) {
        return Inv.iotlb0(granularity, did, true, true);
    }

    private void reads(int sid, int pasid, long iova, long expected) {
        DmaRequest request = bed.dma(bed.request(sid, pasid, iova, false));
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(expected);
        assertThat(bed.sim.violations().violations()).isEmpty();
    }

    private void reads(long iova, long expected) {
        reads(SID, -1, iova, expected);
    }

    private void moveAll() {
        for (int page = 0; page < 8; page++) {
            reads(0x1000L * page, OLD + 0x1000L * page);
            bed.mapSecond(root, 3, 0x1000L * page, NEW + 0x1000L * page);
        }
    }

    /** Which of the eight pages lead to their new places: a bit each. */
    private int moved() {
        int moved = 0;
        for (int page = 0; page < 8; page++) {
            DmaRequest request = bed.dmaRead(SID, 0x1000L * page);
            moved |= request.physicalAddress() >= NEW ? 1 << page : 0;
        }
        return moved;
    }

    // ---- IOTLB, second stage

    @Test
    void shouldKeepTranslationsUntilTold() {
        legacy();
        moveAll();
        assertThat(moved()).isZero();
    }

    @Test
    void shouldDropThePagesThatAreNamed() {
        legacy();
        moveAll();
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x3000, 0, true));
        assertThat(moved()).isEqualTo(0b1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4000, 1, false));
        assertThat(moved()).isEqualTo(0b11_1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID + 1), Inv.pages1(0, 3, false));
        assertThat(moved()).isEqualTo(0b11_1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_DOMAIN, DID + 1));
        assertThat(moved()).isEqualTo(0b11_1000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0, 3, true));
        assertThat(moved()).isEqualTo(0xff);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_IOTLB_DOMAIN, Inv.G_IOTLB_GLOBAL})
    void shouldDropWholeDomains(int granularity) {
        legacy();
        moveAll();
        bed.invalidate(iotlb(granularity, granularity == Inv.G_IOTLB_GLOBAL ? 0 : DID));
        assertThat(moved()).isEqualTo(0xff);
    }

    private void moveLargePage() {
        legacy();
        bed.mapSecond(root, 3, 0x4000_0000L, OLD, 1, RW);
        reads(0x4000_0000L, OLD);
        bed.mapSecond(root, 3, 0x4000_0000L, NEW, 1, RW);
        reads(0x4000_0000L, OLD);
    }

    /** Software has to say how large the page is. */
    @Test
    void shouldDropALargePageIfAllOfItIsNamed() {
        moveLargePage();
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4000_0000L, 8, true));
        reads(0x4000_0000L, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4000_0000L, 9, true));
        reads(0x4000_0000L, NEW);
    }

    @Test
    void shouldDropALargePageByAnyOfItsAddressesIfTheUnitDoesThat() {
        bed = VtdTestbed.of("legacy", Map.of("partial_invalidation", 1L));
        moveLargePage();
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x4010_0000L, 0, true));
        reads(0x4000_0000L, NEW);
    }

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
    void shouldKeepPointersWithTheHint() {
        legacy();
        reads(0x5000, OLD + 0x5000);
        // Another table of the lowest level: the pointer to the old one is remembered.
        long other = bed.page();
        long pointer = bed.memory.read64(root);
        bed.memory.write64(other + 5 * 8, NEW | RW);
        bed.memory.write64(pointer & SsPte.ADDRESS, SsPte.table(other));
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x5000, 0, true));
        reads(0x5000, OLD + 0x5000);
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID), Inv.pages1(0x5000, 0, false));
        reads(0x5000, NEW);
    }

    /** Another table of the lowest level takes the place of the one that is remembered. */
    private void changePointer() {
        legacy();
        reads(0x5000, OLD + 0x5000);
        long other = bed.page();
        bed.memory.write64(other + 6 * 8, NEW | RW);
        bed.memory.write64(bed.memory.read64(root) & SsPte.ADDRESS, SsPte.table(other));
    }

    @Test
    void shouldKeepPointersOfOtherDomains() {
        changePointer();
        bed.invalidate(iotlb(Inv.G_IOTLB_DOMAIN, DID + 1));
        bed.invalidate(iotlb(Inv.G_IOTLB_PAGE, DID + 1), Inv.pages1(0x6000, 0, false));
        reads(0x6000, OLD + 0x6000);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_IOTLB_GLOBAL, Inv.G_IOTLB_DOMAIN})
    void shouldDropPointersWithTheirDomain(int granularity) {
        legacy();
        reads(0x5000, OLD + 0x5000);
        long other = bed.page();
        long pointer = bed.memory.read64(root);
        bed.memory.write64(other + 6 * 8, NEW | RW);
        bed.memory.write64(pointer & SsPte.ADDRESS, SsPte.table(other));
        reads(0x6000, OLD + 0x6000);
        bed.invalidate(iotlb(granularity, DID));
        reads(0x6000, NEW);
    }

    // ---- context cache

    @Test
    void shouldKeepContextEntriesUntilTold() {
        legacy();
        reads(0, OLD);
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID + 1));
        reads(0, OLD);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID + 8, 0));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID + 1, SID, 0));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DOMAIN, DID + 1, 0, 0));
        reads(0, OLD);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID, 0));
        reads(0, NEW);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_CONTEXT_DOMAIN, Inv.G_CONTEXT_GLOBAL})
    void shouldDropContextEntriesOfManyFunctions(int granularity) {
        legacy();
        reads(0, OLD);
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID + 1));
        bed.invalidate(Inv.context0(granularity, granularity == Inv.G_CONTEXT_DOMAIN ? DID : 0, 0, 0));
        reads(0, NEW);
    }

    @Test
    void shouldMaskFunctions() {
        legacy();
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        for (int function = 0; function < 8; function++) {
            bed.context(SID + function, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
            reads(SID + function, -1, 0, OLD);
            bed.context(SID + function, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID + 1));
        }
        // Bits 2:1 of the function do not count.
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID + 1, 2));
        for (int function = 0; function < 8; function++) {
            reads(SID + function, -1, 0, (function & 1) == 1 ? NEW : OLD);
        }
    }

    @Test
    void shouldNotTakeTranslationsForContextEntries() {
        legacy();
        reads(0, OLD);
        long other = bed.page();
        bed.mapSecond(other, 3, 0, NEW);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, other, 3, DID));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID, 0));
        // The same domain: what its old tables gave is still there.
        reads(0, OLD);
        bed.invalidate(iotlb(Inv.G_IOTLB_DOMAIN, DID));
        reads(0, NEW);
    }

    // ---- PASID cache and PASID-based IOTLB

    @Test
    @Rule("VTD-PASID-15")
    void shouldKeepPasidEntriesUntilTold() {
        scalable();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x5000, OLD);
        long other = bed.page();
        bed.mapFirst(other, 4, 0x5000, NEW);
        bed.pasid(3, PasidEntry.firstStage(other, 4, DID + 1));
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 4));
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID + 1, 3));
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_DOMAIN, DID + 1, 0));
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0));
        reads(SID, 3, 0x5000, OLD);
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 3));
        reads(SID, 3, 0x5000, NEW);
    }

    @ParameterizedTest
    @ValueSource(ints = {Inv.G_PASID_CACHE_DOMAIN, Inv.G_PASID_CACHE_GLOBAL})
    @Rule("VTD-PASID-15")
    void shouldDropPasidEntriesOfManyPasids(int granularity) {
        scalable();
        bed.mapFirst(root, 4, 0x5000, OLD);
        bed.pasid(3, PasidEntry.firstStage(root, 4, DID));
        reads(SID, 3, 0x5000, OLD);
        long other = bed.page();
        bed.mapFirst(other, 4, 0x5000, NEW);
        bed.pasid(3, PasidEntry.firstStage(other, 4, DID + 1));
        bed.invalidate(Inv.pasidCache0(granularity, granularity == Inv.G_PASID_CACHE_DOMAIN ? DID : 0, 0));
        reads(SID, 3, 0x5000, NEW);
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

    // ---- registers

    @Test
    void shouldInvalidateByRegister() {
        legacy();
        moveAll();
        bed.write(Reg.GCMD, Reg.TE); // while the queue is on, these do nothing
        bed.run();
        long iotlb = bed.device.cap().iotlbOffset();
        bed.write64((int) iotlb, 0x3000);
        bed.write64((int) iotlb + 8, 1L << 63 | 3L << 60 | (long) DID << 32 | 3L << 48);
        bed.run();
        assertThat(moved()).isEqualTo(0b1000);
        bed.write64((int) iotlb + 8, 1L << 63 | 1L << 60);
        bed.run();
        assertThat(moved()).isEqualTo(0xff);
        assertThat(bed.read64((int) iotlb + 8) >>> 57 & 3).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void shouldForgetEverythingWithANewRootIfTheUnitDoesThat(long esrtps) {
        bed = VtdTestbed.of("legacy", Map.of("esrtps", esrtps));
        legacy();
        moveAll();
        bed.root(Reg.TTM_LEGACY);
        assertThat(moved()).isEqualTo(esrtps == 1 ? 0xff : 0);
    }
}

package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which command ends which cached entry, and which it leaves. */
class InvalidationTest {
    private static final int ID = 0x128;
    private static final int SECOND = 0x130;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long IOVA = 0x12_3456_7000L;
    private static final long GUEST = 0x5_0000_0000L;
    private static final long OLD = 0x2000_0000L;
    private static final long NEW = 0x2800_0000L;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();

    private static long pages(int did) {
        return Cmd.invalidateIommuPages0(did, 0);
    }

    private static long guestPages(int pasid) {
        return Cmd.invalidateIommuPages0(DID, pasid);
    }

    private static void ends(DmaRequest request, long at) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(at);
    }

    private DmaRequest pasid(int pasid, long iova) {
        return bed.dma(bed.request(ID, pasid, iova, false));
    }

    private long fetches(String what) {
        return ((Counter) bed.sim.statistics().find("iommu0." + what).orElseThrow()).value();
    }

    // ---- device table entries

    @Test
    void shouldUseAnEntryUntilItIsInvalidated() {
        bed.dmaRead(ID, OLD); // V=0 is kept, too
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.entry(ID, Dte.host(root, 4, DID));
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.BYPASS);
        bed.command(Cmd.invalidateDevtabEntry0(SECOND));
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.BYPASS);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        ends(bed.dmaRead(ID, IOVA), OLD);
    }

    @Test
    void shouldLeaveTranslationsToTheirDomain() {
        long root = bed.page();
        long other = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.mapHost(other, 4, IOVA, NEW);
        bed.entry(ID, Dte.host(root, 4, DID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.entry(ID, Dte.host(other, 4, DID));
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.command(pages(DID), Cmd.allPages1() | Cmd.PDE.mask());
        ends(bed.dmaRead(ID, IOVA), NEW);
    }

    @Test
    void shouldForgetEverythingAtOnce() {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.entry(ID, Dte.host(root, 4, DID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        long other = bed.page();
        bed.mapHost(other, 3, IOVA & 0x7f_ffff_ffffL, NEW);
        bed.entry(ID, Dte.host(other, 3, DID));
        bed.command(Cmd.invalidateIommuAll0());
        ends(bed.dmaRead(ID, IOVA & 0x7f_ffff_ffffL), NEW);
    }

    // ---- host tables

    @Test
    void shouldDropAPageOfADomainForAllItsFunctions() {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.entry(ID, Dte.host(root, 4, DID));
        bed.entry(SECOND, Dte.host(root, 4, DID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.mapHost(root, 4, IOVA, NEW);
        ends(bed.dmaRead(SECOND, IOVA), OLD);
        bed.command(pages(DID + 1), Cmd.allPages1());
        ends(bed.dmaRead(SECOND, IOVA), OLD);
        bed.command(pages(DID), Cmd.pages1(IOVA, 12));
        ends(bed.dmaRead(SECOND, IOVA), NEW);
    }

    @ParameterizedTest
    @CsvSource({
        "0x1234567000, 12, true",
        "0x1234566000, 12, false",
        "0x1234566000, 13, true",
        "0x1234564000, 13, false",
        "0x1234560000, 15, true",
        "0x1200000000, 32, true"
    })
    void shouldDropWhatIsInRange(String from, int shift, boolean drops) {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.entry(ID, Dte.host(root, 4, DID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.mapHost(root, 4, IOVA, NEW);
        bed.command(pages(DID), Cmd.pages1(Long.decode(from), shift));
        ends(bed.dmaRead(ID, IOVA), drops ? NEW : OLD);
    }

    @Test
    void shouldDropALargePageByAnyPartOfIt() {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, 2, V1Pte.page(OLD, true, true));
        bed.entry(ID, Dte.host(root, 4, DID));
        bed.dmaRead(ID, IOVA);
        bed.mapHost(root, 4, IOVA, 2, V1Pte.page(NEW, true, true));
        bed.command(pages(DID), Cmd.pages1(IOVA & -1L << 21, 12));
        ends(bed.dmaRead(ID, IOVA), NEW | IOVA & 0x1f_f000);
    }

    @Test
    void shouldDropTheDomainWhereTheUnitIsCoarse() {
        AmdViTestbed coarse = AmdViTestbed.of("guest-tables", Map.of("whole_domain_invalidation", 1L))
                .enable();
        long root = coarse.page();
        coarse.mapHost(root, 4, IOVA, OLD);
        coarse.entry(ID, Dte.host(root, 4, DID));
        coarse.dmaRead(ID, IOVA);
        coarse.mapHost(root, 4, IOVA, NEW);
        coarse.command(pages(DID), Cmd.pages1(0, 12));
        ends(coarse.dmaRead(ID, IOVA), NEW);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepPointersUnlessDirectoriesAreNamed(boolean directories) {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.mapHost(root, 4, IOVA + 0x1000, OLD + 0x1000);
        bed.entry(ID, Dte.host(root, 4, DID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        // All tables but the first are replaced.
        bed.memory.write64(root + (IOVA >>> V1Pte.shift(4) & 511) * 8, 0);
        bed.mapHost(root, 4, IOVA + 0x1000, NEW + 0x1000);
        bed.command(pages(DID), Cmd.allPages1() | (directories ? Cmd.PDE.mask() : 0));
        ends(bed.dmaRead(ID, IOVA + 0x1000), (directories ? NEW : OLD) + 0x1000);
    }

    // ---- guest tables

    private long guest() {
        long gcr3 = bed.page();
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        return gcr3;
    }

    @Test
    @Rule("AMDVI-PASID-09")
    @Rule("AMDVI-PASID-10")
    void shouldDropPagesOfOnePasidAlone() {
        long gcr3 = guest();
        long root = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.gcr3(gcr3, PASID + 1, root);
        bed.mapGuest(root, 4, IOVA, OLD);
        ends(pasid(PASID, IOVA), OLD);
        ends(pasid(PASID + 1, IOVA), OLD);
        bed.mapGuest(root, 4, IOVA, NEW);
        bed.command(pages(DID), Cmd.allPages1());
        ends(pasid(PASID, IOVA), OLD);
        bed.command(guestPages(PASID), Cmd.pages1(IOVA, 12) | Cmd.GN.mask());
        ends(pasid(PASID, IOVA), NEW);
        ends(pasid(PASID + 1, IOVA), OLD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Rule("AMDVI-PASID-10")
    void shouldKeepGcr3EntriesUnlessDirectoriesAreNamed(boolean directories) {
        long gcr3 = guest();
        long root = bed.page();
        long other = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, IOVA, OLD);
        bed.mapGuest(other, 4, IOVA, NEW);
        ends(pasid(PASID, IOVA), OLD);
        bed.gcr3(gcr3, PASID, other);
        bed.command(guestPages(PASID), Cmd.allPages1() | Cmd.GN.mask() | (directories ? Cmd.PDE.mask() : 0));
        ends(pasid(PASID, IOVA), directories ? NEW : OLD);
    }

    @Test
    @Rule("AMDVI-PASID-02")
    @Rule("AMDVI-PASID-09")
    void shouldTakeRequestsWithoutPasidForThoseOfPasid0() {
        long gcr3 = guest();
        long root = bed.page();
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        Dte.GIOV.put(words, 1);
        bed.entry(ID, words);
        bed.gcr3(gcr3, 0, root);
        bed.mapGuest(root, 4, IOVA, OLD);
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.mapGuest(root, 4, IOVA, NEW);
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.command(guestPages(0), Cmd.pages1(IOVA, 12) | Cmd.GN.mask());
        ends(bed.dmaRead(ID, IOVA), NEW);
    }

    // ---- both

    @Test
    @Rule("AMDVI-PASID-11")
    void shouldDropEverythingOfADomainThatHostTablesHaveAPartIn() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, GUEST, OLD);
        bed.entry(ID, tables.entry(DID));
        ends(pasid(PASID, IOVA), OLD);
        bed.mapHost(tables.host, 4, GUEST, NEW);
        bed.command(guestPages(PASID + 1), Cmd.allPages1() | Cmd.GN.mask());
        ends(pasid(PASID, IOVA), OLD);
        // Nobody knows which guest page a translation went through.
        bed.command(pages(DID), Cmd.pages1(GUEST, 12));
        ends(pasid(PASID, IOVA), NEW);
    }

    @Test
    void shouldFindGuestTablesAgainThatTheHostHasMoved() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, GUEST, OLD);
        tables.map(PASID, IOVA + 0x1000, GUEST + 0x1000, OLD + 0x1000);
        bed.entry(ID, tables.entry(DID));
        ends(pasid(PASID, IOVA), OLD);
        long root = tables.root(PASID);
        long moved = bed.page();
        long entry = bed.memory.read64(tables.host(root) + (IOVA >>> V1Pte.shift(4) & 511) * 8);
        bed.memory.write64(moved + (IOVA >>> V1Pte.shift(4) & 511) * 8, entry);
        bed.memory.write64(tables.host(root) + (IOVA >>> V1Pte.shift(4) & 511) * 8, 0);
        bed.mapHost(tables.host, 4, root, moved);
        bed.command(pages(DID), Cmd.pages1(root, 12));
        long before = fetches("walker.stage1_reads");
        ends(pasid(PASID, IOVA + 0x1000), OLD + 0x1000);
        assertThat(fetches("walker.stage1_reads") - before).isEqualTo(4);
    }

    /** What others have found stays: a request of theirs reads no more than the last level. */
    @Test
    void shouldKeepPointersOfOtherDomainsPasidsAndAddresses() {
        NestedTables tables = new NestedTables(bed);
        for (int i = 0; i < 6; i++) {
            tables.map(PASID, IOVA + 0x1000L * i, GUEST + 0x1000L * i, OLD + 0x1000L * i);
        }
        bed.entry(ID, tables.entry(DID));
        ends(pasid(PASID, IOVA), OLD);
        long[] commands = {
            pages(DID + 1), Cmd.allPages1() | Cmd.PDE.mask(),
            guestPages(PASID + 1), Cmd.allPages1() | Cmd.PDE.mask() | Cmd.GN.mask(),
            guestPages(PASID), Cmd.allPages1() | Cmd.GN.mask(),
            Cmd.invalidateDevtabEntry0(ID), 0
        };
        for (int i = 0; i < 4; i++) {
            bed.command(commands[2 * i], commands[2 * i + 1]);
            long guest = fetches("walker.stage1_reads");
            long gcr3 = fetches("gcr3_fetches");
            ends(pasid(PASID, IOVA + 0x1000L * (i + 1)), OLD + 0x1000L * (i + 1));
            assertThat(fetches("walker.stage1_reads") - guest).isEqualTo(1);
            assertThat(fetches("gcr3_fetches")).isEqualTo(gcr3);
        }
    }

    @Test
    void shouldFindThatTheTableShrankWhileItWaited() {
        AmdViTestbed slow =
                AmdViTestbed.of("host-tables", Map.of("fetch_slots", 1L)).enable();
        DmaRequest first = slow.issue(slow.request(0x10, DmaRequest.NO_PASID, OLD, false));
        DmaRequest second = slow.issue(slow.request(0x1010, DmaRequest.NO_PASID, OLD, false));
        while (second.station() != Station.CONFIG_FETCH) {
            assertThat(slow.sim.scheduler().step()).isTrue();
        }
        slow.write64(Reg.CONTROL, slow.read64(Reg.CONTROL) & ~Control.IOMMU_EN.mask());
        slow.write64(Reg.DEV_TAB_BASE, AmdViTestbed.DEVICE_TABLE); // 128 entries
        slow.run();
        assertThat(first.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(second.faultCode()).isEqualTo(Event.ILLEGAL_DEV_TABLE_ENTRY);
        slow.write64(Reg.CONTROL, slow.read64(Reg.CONTROL) | Control.IOMMU_EN.mask());
        assertThat(slow.dmaRead(0x18, OLD).outcome())
                .as("it is the next one's turn")
                .isEqualTo(DmaOutcome.BYPASS);
    }

    /** Two functions with guest tables of their own and the same tags: what one has found the other uses. */
    @Test
    @Rule("AMDVI-PASID-09")
    void shouldMixUpFunctionsThatShareTags() {
        for (int id : new int[] {ID, SECOND}) {
            long gcr3 = bed.page();
            long root = bed.page();
            bed.gcr3(gcr3, PASID, root);
            bed.mapGuest(root, 4, IOVA, id == ID ? OLD : NEW);
            long[] words = Dte.passThrough(DID);
            Dte.putGuest(words, gcr3, 1, 4);
            bed.entry(id, words);
        }
        ends(pasid(PASID, IOVA), OLD);
        ends(bed.dma(bed.request(SECOND, PASID, IOVA, false)), OLD);
    }

    /** Pages of domain 0 have nothing to do with a command that names no domain. */
    @Test
    void shouldLeaveTranslationsOfDomain0ToTheirDomain() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, GUEST, OLD);
        bed.entry(ID, tables.entry(0));
        ends(pasid(PASID, IOVA), OLD);
        bed.mapHost(tables.host, 4, GUEST, NEW);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        ends(pasid(PASID, IOVA), OLD);
        bed.command(pages(0), Cmd.pages1(0, 12));
        ends(pasid(PASID, IOVA), NEW);
    }

    @Test
    void shouldForgetGuestTablesWithEverythingElse() {
        long gcr3 = guest();
        long root = bed.page();
        long other = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, IOVA, OLD);
        bed.mapGuest(other, 4, IOVA, NEW);
        ends(pasid(PASID, IOVA), OLD);
        bed.gcr3(gcr3, PASID, other);
        bed.command(Cmd.invalidateIommuAll0());
        ends(pasid(PASID, IOVA), NEW);
    }

    @Test
    void shouldKeepPointersToWhatIsNotNamed() {
        long root = bed.page();
        bed.mapHost(root, 4, IOVA, OLD);
        bed.mapHost(root, 4, IOVA + 0x1000, OLD + 0x1000);
        bed.entry(ID, Dte.host(root, 4, DID));
        ends(bed.dmaRead(ID, IOVA), OLD);
        bed.command(pages(DID), Cmd.pages1(IOVA ^ 1L << 40, 12) | Cmd.PDE.mask());
        long before = fetches("walker.stage2_reads");
        ends(bed.dmaRead(ID, IOVA + 0x1000), OLD + 0x1000);
        assertThat(fetches("walker.stage2_reads") - before).isEqualTo(1);
    }
}

package org.iommusim.amdvi.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.iommusim.amdvi.AmdViTestbed;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.dma.DmaRequest;
import org.junit.jupiter.api.Test;

/** Which commands require which results to be dropped, and which may be kept at all. */
class CachedAccessTest {
    private static final int ID = 0x28;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long IOVA = 0x40_5123;
    private static final long DATA = 0x3000_0000L;

    private static final long[] PAGE = pages(DID, Cmd.pages1(IOVA, 12));
    private static final long[] NEXT_PAGE = pages(DID, Cmd.pages1(IOVA + 0x1000, 12));
    private static final long[] RANGE = pages(DID, Cmd.pages1(0x40_0000, 21));
    private static final long[] ALL_PAGES = pages(DID, Cmd.allPages1());
    private static final long[] OTHER_DOMAIN = pages(DID + 1, Cmd.allPages1());
    private static final long[] OF_PASID = {Cmd.invalidateIommuPages0(DID, PASID), Cmd.allPages1() | Cmd.GN.mask()};
    private static final long[] OF_PASID_0 = {Cmd.invalidateIommuPages0(DID, 0), Cmd.allPages1() | Cmd.GN.mask()};
    private static final long[] ENTRY = {Cmd.invalidateDevtabEntry0(ID), 0};
    private static final long[] OTHER_ENTRY = {Cmd.invalidateDevtabEntry0(ID + 1), 0};
    private static final long[] EVERYTHING = {Cmd.invalidateIommuAll0(), 0};
    private static final long[] INTERRUPTS = {Cmd.invalidateInterruptTable0(ID), 0};
    private static final long[] DEVICE_TLB = {Cmd.invalidateIotlbPages0(ID, ID, 0, 0), Cmd.allPages1()};

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
    private final VectorBench bench = new AmdViVectors().bench(bed.device, bed.memory);
    private final long root = bed.page();

    private static long[] pages(int domain, long w1) {
        return new long[] {Cmd.invalidateIommuPages0(domain, 0), w1};
    }

    private void host() {
        bed.mapHost(root, 4, IOVA & -4096L, DATA);
        bed.entry(ID, Dte.host(root, 4, DID));
    }

    private CachedResult passed(int pasid) {
        return bench.remember(ID, pasid, IOVA, true, null);
    }

    private CachedResult refused(long flags) {
        long[] record = {Event.word0(Event.IO_PAGE_FAULT, ID, flags), IOVA};
        return bench.remember(ID, DmaRequest.NO_PASID, IOVA, false, record);
    }

    private boolean allowedAfter(int pasid, long[]... commands) {
        CachedResult result = passed(pasid);
        assertThat(result.allowed()).isTrue();
        List.of(commands).forEach(result::completed);
        return result.allowed();
    }

    private void drops(int pasid, long[]... commands) {
        for (long[] command : commands) {
            assertThat(allowedAfter(pasid, command))
                    .as(CmdText.text(command[0], command[1]))
                    .isFalse();
        }
    }

    private void keeps(int pasid, long[]... commands) {
        for (long[] command : commands) {
            assertThat(allowedAfter(pasid, command))
                    .as(CmdText.text(command[0], command[1]))
                    .isTrue();
        }
    }

    @Test
    void shouldDropHostPagesByDomainAndRange() {
        host();
        drops(DmaRequest.NO_PASID, PAGE, RANGE, ALL_PAGES, EVERYTHING);
        keeps(DmaRequest.NO_PASID, NEXT_PAGE, OTHER_DOMAIN, OF_PASID_0, ENTRY, OTHER_ENTRY, INTERRUPTS, DEVICE_TLB);
    }

    @Test
    void shouldDropALargePageByAnyPartOfIt() {
        bed.mapHost(root, 4, 0x40_0000, 2, V1Pte.page(DATA, true, true));
        bed.entry(ID, Dte.host(root, 4, DID));
        drops(DmaRequest.NO_PASID, PAGE, NEXT_PAGE);
        keeps(DmaRequest.NO_PASID, pages(DID, Cmd.pages1(0x60_0000, 12)), pages(DID, Cmd.pages1(0x3f_f000, 12)));
    }

    @Test
    void shouldDropGuestPagesByPasid() {
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, IOVA & -4096L, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        drops(PASID, OF_PASID, EVERYTHING);
        keeps(PASID, OF_PASID_0, PAGE, ALL_PAGES, ENTRY);
        assertThat(passed(PASID + 1).allowed()).as("no such PASID").isFalse();
        assertThat(passed(1 << 9).allowed()).as("beyond the table").isFalse();
    }

    /** PASID 0 is one, and requests without a PASID are its own with GIOV. */
    @Test
    void shouldDropGuestPagesOfPasid0() {
        long gcr3 = bed.page();
        long low = bed.page();
        bed.gcr3(gcr3, 0, low);
        bed.gcr3(low, 0, root);
        bed.mapGuest(root, 4, IOVA & -4096L, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 2, 4);
        Dte.GIOV.put(words, 1);
        bed.entry(ID, words);
        drops(0, OF_PASID_0);
        drops(DmaRequest.NO_PASID, OF_PASID_0);
        keeps(0, OF_PASID, ALL_PAGES);
        assertThat(passed(1 << 9).allowed()).as("no table there").isFalse();
    }

    @Test
    void shouldDropNestedPagesWithThoseOfTheHost() {
        long host = bed.page();
        bed.mapHostIdentity(host, 4, AmdViTestbed.FREE, 16);
        bed.mapHost(host, 4, DATA, DATA);
        long gcr3 = bed.page();
        long guest = bed.page();
        bed.gcr3(gcr3, PASID, guest);
        bed.mapGuest(guest, 4, IOVA & -4096L, DATA);
        long[] words = Dte.host(host, 4, DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        drops(PASID, OF_PASID, ALL_PAGES, PAGE, NEXT_PAGE, EVERYTHING);
        keeps(PASID, OF_PASID_0, OTHER_DOMAIN, ENTRY);
        bed.mapHost(host, 4, guest, 1, 0);
        assertThat(passed(PASID).allowed()).as("the guest's table is gone").isFalse();
        bed.gcr3(gcr3, PASID, 0x7000_0000L);
        assertThat(passed(PASID).allowed()).as("a table that was never there").isFalse();
    }

    @Test
    void shouldKeepNothingOfWhatTheDeviceTableDoesNotReach() {
        bed.write64(Reg.CONTROL, 0);
        bed.write64(Reg.DEV_TAB_BASE, AmdViTestbed.DEVICE_TABLE);
        bed.control(Control.IOMMU_EN.mask());
        bed.entry(127, Dte.passThrough(DID));
        bed.entry(128, Dte.passThrough(DID));
        assertThat(bench.remember(127, DmaRequest.NO_PASID, IOVA, true, null).allowed())
                .isTrue();
        assertThat(bench.remember(128, DmaRequest.NO_PASID, IOVA, true, null).allowed())
                .isFalse();
    }

    @Test
    void shouldFollowAnEntryThatIsReadAgain() {
        host();
        CachedResult result = passed(DmaRequest.NO_PASID);
        bed.entry(ID, Dte.host(bed.page(), 4, DID));
        result.completed(ENTRY);
        assertThat(result.allowed()).as("the same tags, whatever the root").isTrue();
        for (long[] other : List.of(Dte.host(root, 4, DID + 1), Dte.passThrough(DID), new long[Dte.WORDS])) {
            host();
            CachedResult before = passed(DmaRequest.NO_PASID);
            bed.entry(ID, other);
            before.completed(OTHER_ENTRY);
            assertThat(before.allowed()).as("the old entry may be cached").isTrue();
            before.completed(ENTRY);
            assertThat(before.allowed()).isFalse();
        }
    }

    /** Without tables there is nothing that pages could be dropped of. */
    @Test
    void shouldDropWhatFollowsFromTheEntryAlone() {
        bed.entry(ID, new long[Dte.WORDS]);
        keeps(DmaRequest.NO_PASID, ALL_PAGES, ENTRY);
        CachedResult passes = passed(DmaRequest.NO_PASID);
        host();
        passes.completed(ALL_PAGES);
        assertThat(passes.allowed()).isTrue();
        passes.completed(ENTRY);
        assertThat(passes.allowed()).isFalse();
    }

    @Test
    void shouldKeepRefusalsOnlyForLackOfPermission() {
        host();
        assertThat(refused(0).allowed()).as("not present").isFalse();
        assertThat(refused(Event.PR | Event.PE).allowed()).isTrue();
        assertThat(bench.remember(ID, DmaRequest.NO_PASID, IOVA, false, null).allowed())
                .as("without an event")
                .isFalse();
        bed.memory.write64(bed.mapHost(root, 4, IOVA & -4096L, DATA), 0);
        assertThat(refused(Event.PR | Event.PE).allowed())
                .as("from entries that are gone")
                .isFalse();
        long[] words = Dte.host(root, 4, DID);
        Dte.IW.put(words, 0);
        bed.entry(ID, words);
        assertThat(refused(Event.PR | Event.PE).allowed()).as("from the entry").isTrue();
        Dte.TV.put(words, 0);
        bed.entry(ID, words);
        assertThat(refused(0).allowed()).as("TV=0").isTrue();
    }

    @Test
    void shouldKeepNothingWhileTheUnitIsOff() {
        AmdViTestbed off = AmdViTestbed.of("guest-tables", Map.of());
        VectorBench idle = new AmdViVectors().bench(off.device, off.memory);
        assertThat(idle.remember(ID, DmaRequest.NO_PASID, IOVA, true, null).allowed())
                .isFalse();
    }
}

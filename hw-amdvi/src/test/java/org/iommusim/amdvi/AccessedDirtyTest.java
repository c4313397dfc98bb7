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
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flags that the unit sets in tables in memory. */
class AccessedDirtyTest {
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long IOVA = 0x5000;
    private static final long DATA = 0x2000_0000L;
    private static final long OTHER = 0x2800_0000L;
    private static final long USER = X86Pte.P | X86Pte.RW | X86Pte.US;
    private static final long PAGE = V1Pte.page(DATA, true, true);

    private AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();
    private long root;
    private long leaf;

    private void host(Map<String, Long> parameters, int had) {
        bed = AmdViTestbed.of("guest-tables", parameters).enable();
        root = bed.page();
        leaf = bed.mapHost(root, 3, IOVA, DATA);
        long[] words = Dte.host(root, 3, DID);
        Dte.HAD.put(words, had);
        bed.entry(ID, words);
    }

    private void guest() {
        guest(Map.of());
    }

    private void guest(Map<String, Long> parameters) {
        bed = AmdViTestbed.of("guest-tables", parameters).enable();
        root = bed.page();
        leaf = bed.mapGuest(root, 4, IOVA, DATA);
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
    }

    private DmaRequest pasid(boolean write) {
        return bed.dma(bed.request(ID, PASID, IOVA, write));
    }

    private long flags(long address) {
        return bed.memory.read64(address) & (V1Pte.A | V1Pte.D);
    }

    @ParameterizedTest
    @CsvSource({"0, false, 0", "0, true, 0", "1, false, 0x20", "1, true, 0x20", "3, false, 0x20", "3, true, 0x60"})
    @Rule("AMDVI-AD-01")
    void shouldMarkHostPagesAsTheEntrySays(int had, boolean write, String expected) {
        host(Map.of(), had);
        bed.dma(bed.request(ID, DmaRequest.NO_PASID, IOVA, write));
        assertThat(flags(leaf)).isEqualTo(Long.decode(expected));
        assertThat(flags(root)).isEqualTo(had == 0 ? 0 : V1Pte.A);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 0, 0x20"})
    @Rule("AMDVI-AD-02")
    void shouldMarkOnlyWhatTheUnitCan(long ha, long hd, String expected) {
        host(Map.of("ha", ha, "hd", hd), Dte.HAD_DIRTY);
        bed.dmaWrite(ID, IOVA);
        assertThat(flags(leaf)).isEqualTo(Long.decode(expected));
    }

    /** A page that was read is cached without permission to write, so that the first write finds the entry. */
    @Test
    @Rule("AMDVI-AD-03")
    void shouldMarkACachedPageDirty() {
        host(Map.of(), Dte.HAD_DIRTY);
        bed.dmaRead(ID, IOVA);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A);
        assertThat(bed.dmaWrite(ID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A | V1Pte.D);
    }

    /** Whoever clears the flag has to invalidate, or a cached page is written unseen. */
    @Test
    @Rule("AMDVI-AD-05")
    void shouldMarkAgainAfterAnInvalidation() {
        host(Map.of(), Dte.HAD_DIRTY);
        bed.dmaWrite(ID, IOVA);
        bed.memory.write64(leaf, PAGE | V1Pte.A);
        bed.dmaWrite(ID, IOVA);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A);
        bed.command(Cmd.invalidateIommuPages0(DID, 0), Cmd.pages1(IOVA, 12));
        bed.dmaWrite(ID, IOVA);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A | V1Pte.D);
    }

    @Test
    @Rule("AMDVI-AD-08")
    void shouldMarkGuestPages() {
        guest();
        pasid(false);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A);
        assertThat(bed.memory.read64(root) & X86Pte.A).isNotZero();
        pasid(true);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A | X86Pte.D);
        assertThat(bed.memory.read64(root) & X86Pte.D).isZero();
    }

    @Test
    @Rule("AMDVI-AD-11")
    void shouldLeaveDirtyFlagsOfGuestTablesAloneIfToldTo() {
        guest();
        bed.control(Control.GD_UPDATE_DIS.mask());
        assertThat(pasid(true).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A);
        assertThat(bed.memory.read64(root) & X86Pte.A).isNotZero();
        // Nothing is dirty until it is told otherwise, and its caches are told too.
        bed.write64(Reg.CONTROL, bed.read64(Reg.CONTROL) & ~Control.GD_UPDATE_DIS.mask());
        bed.command(Cmd.invalidateIommuAll0());
        pasid(true);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.A | X86Pte.D);
    }

    /** What is read is cached with all that its entry allows, so that the first write walks for nothing. */
    @Test
    @Rule("AMDVI-AD-11")
    void shouldNotComeBackForTheFirstWriteWhereNobodyCountsDirtyFlags() {
        guest();
        bed.control(Control.GD_UPDATE_DIS.mask());
        pasid(false);
        assertThat(pasid(true).misses()).isZero();
        guest();
        pasid(false);
        assertThat(pasid(true).misses()).isEqualTo(1);
    }

    @Test
    @Rule("AMDVI-AD-12")
    void shouldLeaveAccessedFlagsOfGuestTablesAloneIfToldTo() {
        guest();
        bed.control(Control.GA_UPDATE_DIS.mask());
        pasid(false);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER);
        assertThat(bed.memory.read64(root) & X86Pte.A).isZero();
        pasid(true);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | X86Pte.D);
    }

    /** The controls of guest tables say nothing of host tables. */
    @Test
    @Rule("AMDVI-AD-12")
    void shouldMarkHostPagesWhateverIsSaidOfGuestTables() {
        host(Map.of(), Dte.HAD_DIRTY);
        bed.control(Control.GA_UPDATE_DIS.mask() | Control.GD_UPDATE_DIS.mask());
        bed.dmaWrite(ID, IOVA);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A | V1Pte.D);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 0x20", "1, 0, 0x40", "0, 0, 0x60"})
    @Rule("AMDVI-AD-13")
    void shouldNotBeToldWhatItCannotLeaveAlone(long ga, long gd, String expected) {
        guest(Map.of("ga_update_dis", ga, "gd_update_dis", gd));
        bed.control(Control.GA_UPDATE_DIS.mask() | Control.GD_UPDATE_DIS.mask());
        pasid(true);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER | Long.decode(expected));
    }

    /** The field can be neither set nor read; with what a driver leaves there, flags are set as the entry says. */
    @Test
    @Rule("AMDVI-AD-14")
    void shouldAskTheEntryAloneHowHostFlagsAreUpdated() {
        host(Map.of(), Dte.HAD_DIRTY);
        bed.control(Control.HAD_UPDATE.mask());
        assertThat(Control.HAD_UPDATE.get(bed.read64(Reg.CONTROL))).isZero();
        bed.dmaWrite(ID, IOVA);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A | V1Pte.D);
    }

    @Test
    @Rule("AMDVI-AD-09")
    void shouldMarkGuestTablesOnlyWhereHostTablesLetIt() {
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, IOVA, 0x5_0000_0000L, DATA);
        long guestRoot = tables.root(PASID);
        bed.memory.write64(tables.hostEntryAddress(guestRoot), V1Pte.page(tables.host(guestRoot), true, false));
        bed.entry(ID, tables.entry(DID));
        assertThat(pasid(false).faultCode()).isEqualTo(Event.IO_PAGE_FAULT);
        assertThat(bed.memory.read64(tables.host(guestRoot)) & X86Pte.A).isZero();
        bed.memory.write64(tables.hostEntryAddress(guestRoot), V1Pte.page(tables.host(guestRoot), true, true));
        assertThat(pasid(false).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(bed.memory.read64(tables.host(guestRoot)) & X86Pte.A).isNotZero();
    }

    @Test
    @Rule("AMDVI-AD-07")
    void shouldMarkNothingWhatTheEntryForbids() {
        host(Map.of(), Dte.HAD_DIRTY);
        long[] words = Dte.host(root, 3, DID);
        Dte.HAD.put(words, Dte.HAD_DIRTY);
        Dte.IW.put(words, 0);
        bed.entry(ID, words);
        assertThat(bed.dmaWrite(ID, IOVA).faultCode()).isEqualTo(Event.IO_PAGE_FAULT);
        assertThat(flags(leaf)).isZero();
        assertThat(flags(root)).isZero();
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(flags(leaf)).isEqualTo(V1Pte.A);
        assertThat(flags(root)).as("what only looked has kept nothing").isEqualTo(V1Pte.A);
    }

    @Test
    @Rule("AMDVI-AD-07")
    void shouldMarkNoGuestPageThatTheEntryForbids() {
        guest();
        long at = Dte.address(AmdViTestbed.DEVICE_TABLE, ID);
        bed.memory.write64(at, bed.memory.read64(at) & ~Dte.IW.mask());
        assertThat(pasid(true).faultCode()).isEqualTo(Event.IO_PAGE_FAULT);
        assertThat(bed.memory.read64(leaf)).isEqualTo(DATA | USER);
        assertThat(bed.memory.read64(root) & X86Pte.A).isZero();
        assertThat(pasid(false).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(bed.memory.read64(root) & X86Pte.A).isNotZero();
    }

    /**
     * Software redirects the page at any moment of a write: nothing of its entry is lost, whichever one the unit took, and what
     * was taken is what the entry said when it was marked.
     */
    @Test
    @Rule("AMDVI-AD-04")
    void shouldNeverOverwriteWhatSoftwareHasChanged() {
        int old = 0;
        int fresh = 0;
        for (int events = 0; events < 60; events++) {
            host(Map.of(), Dte.HAD_DIRTY);
            DmaRequest write = bed.issue(bed.request(ID, DmaRequest.NO_PASID, IOVA, true));
            for (int i = 0; i < events; i++) {
                bed.sim.scheduler().step();
            }
            bed.memory.write64(leaf, V1Pte.page(OTHER, true, true));
            bed.run();
            assertThat(write.outcome()).isEqualTo(DmaOutcome.OK);
            boolean tookOld = write.physicalAddress() == DATA;
            old += tookOld ? 1 : 0;
            fresh += tookOld ? 0 : 1;
            assertThat(bed.memory.read64(leaf))
                    .isEqualTo(V1Pte.page(OTHER, true, true) | (tookOld ? 0 : V1Pte.A | V1Pte.D));
        }
        assertThat(old).isPositive();
        assertThat(fresh).isPositive();
    }
}

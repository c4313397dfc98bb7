package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** What tables refuse ends in the architected event, with its exact fields. */
class FaultTest {
    private static final int ID = 0x128;
    private static final int DID = 0x77;
    private static final int PASID = 0x1_0005;
    private static final long IOVA = 0x12_3456_7000L;
    private static final long DATA = 0x2000_0000L;
    private static final long NOWHERE = 2 * AmdViTestbed.END;

    private final AmdViTestbed bed =
            AmdViTestbed.of("guest-tables", Map.of("pasid_bits", 20L)).enable();
    private final long root = bed.page();

    private void host() {
        bed.entry(ID, Dte.host(root, 4, DID));
    }

    private long guest(long gcr3, int levels) {
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, levels, 4);
        bed.entry(ID, words);
        return gcr3;
    }

    /** The way from a GCR3 table of two levels to the last entry of the PASID. */
    private long lastEntry(long gcr3) {
        long last = bed.page();
        bed.memory.write64(Gcr3Entry.address(gcr3, 1, PASID & 0x3ffff), Gcr3Entry.valid(last));
        return Gcr3Entry.address(last, 0, PASID & 0x3ffff);
    }

    private void withDomain(DmaRequest request, int code, long flags, long address) {
        refused(request, code);
        long[] record = bed.takeEvent();
        assertThat(record[0])
                .as(Event.text(record[0], record[1]))
                .isEqualTo(Event.withDomain(Event.word0(code, ID, flags), DID));
        assertThat(record[1]).isEqualTo(address);
    }

    private void withPasid(DmaRequest request, int code, long flags, long address) {
        refused(request, code);
        long[] record = bed.takeEvent();
        long word = Event.withPasid(Event.word0(code, ID, flags | Event.GN | Event.US), request.pasid());
        assertThat(record[0]).as(Event.text(record[0], record[1])).isEqualTo(word);
        assertThat(record[1]).isEqualTo(address);
    }

    private void refused(DmaRequest request, int code) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(request.faultCode()).isEqualTo(code);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
        assertThat(bed.events()).isEqualTo(1);
    }

    private DmaRequest pasid(int pasid, boolean write) {
        return bed.dma(bed.request(ID, pasid, IOVA, write));
    }

    // ---- host tables

    @Test
    void shouldTellWhatIsNotThere() {
        host();
        withDomain(bed.dmaRead(ID, IOVA + 8), Event.IO_PAGE_FAULT, 0, IOVA + 8);
        withDomain(bed.dmaWrite(ID, IOVA + 8), Event.IO_PAGE_FAULT, Event.RW, IOVA + 8);
    }

    @Test
    void shouldTellWhatIsBeyondTheTables() {
        host();
        withDomain(bed.dmaRead(ID, 1L << 48), Event.IO_PAGE_FAULT, 0, 1L << 48);
    }

    @Test
    void shouldTellWhatIsNotAllowed() {
        host();
        bed.mapHost(root, 4, IOVA, 1, V1Pte.page(DATA, true, false));
        withDomain(bed.dmaWrite(ID, IOVA), Event.IO_PAGE_FAULT, Event.PR | Event.PE | Event.RW, IOVA);
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
        // A cached page that forbids an access is a miss.
        withDomain(bed.dmaWrite(ID, IOVA), Event.IO_PAGE_FAULT, Event.PR | Event.PE | Event.RW, IOVA);
        bed.mapHost(root, 4, IOVA, DATA);
        assertThat(bed.dmaWrite(ID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    void shouldTellAnIllegalLevel() {
        host();
        bed.mapHost(root, 4, IOVA, 2, V1Pte.table(DATA, 3));
        withDomain(bed.dmaRead(ID, IOVA), Event.IO_PAGE_FAULT, Event.PR, IOVA);
    }

    @Test
    void shouldTellWhichTableEntryCouldNotBeRead() {
        host();
        bed.mapHost(root, 4, IOVA, 2, V1Pte.table(NOWHERE, 1));
        withDomain(
                bed.dmaRead(ID, IOVA),
                Event.PAGE_TAB_HARDWARE_ERROR,
                HardwareErrors.MASTER_ABORT,
                NOWHERE + (IOVA >>> 12 & 511) * 8);
    }

    // ---- guest tables

    @Test
    @Rule("AMDVI-PASID-04")
    @Rule("AMDVI-PASID-12")
    void shouldTellAPasidThatTheGcr3TableDoesNotReach() {
        guest(bed.page(), 1);
        withPasid(pasid(512, false), Event.IO_PAGE_FAULT, 0, IOVA);
    }

    @Test
    @Rule("AMDVI-PASID-04")
    void shouldTellAPasidThatIsNotThere() {
        guest(bed.page(), 2);
        int pasid = 0x2_0005;
        withPasid(pasid(pasid, true), Event.IO_PAGE_FAULT, Event.RW, IOVA);
        lastEntry(bed.page());
        withPasid(pasid(pasid, false), Event.IO_PAGE_FAULT, 0, IOVA);
    }

    @Test
    @Rule("AMDVI-PASID-17")
    void shouldTellAPasidThatTheUnitDoesNotHave() {
        AmdViTestbed narrow =
                AmdViTestbed.of("guest-tables", Map.of("pasid_bits", 9L)).enable();
        long root = narrow.page();
        narrow.mapGuest(root, 4, IOVA, DATA);
        long last = narrow.page();
        narrow.gcr3(last, 0x1ff, root);
        narrow.gcr3(last, 0, root);
        long gcr3 = narrow.page();
        narrow.memory.write64(Gcr3Entry.address(gcr3, 1, 0), Gcr3Entry.valid(last));
        narrow.memory.write64(Gcr3Entry.address(gcr3, 1, 0x200), Gcr3Entry.valid(last));
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 2, 4);
        narrow.entry(ID, words);
        assertThat(narrow.dma(narrow.request(ID, 0x1ff, IOVA, false)).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(narrow.dma(narrow.request(ID, 0x200, IOVA, false)).faultCode())
                .isEqualTo(Event.IO_PAGE_FAULT);
    }

    @Test
    @Rule("AMDVI-PASID-05")
    void shouldTellAGcr3EntryThatCouldNotBeRead() {
        guest(NOWHERE, 1);
        withPasid(pasid(5, false), Event.PAGE_TAB_HARDWARE_ERROR, HardwareErrors.MASTER_ABORT, NOWHERE + 40);
    }

    @Test
    void shouldTellWhatGuestTablesRefuse() {
        long gcr3 = guest(bed.page(), 2);
        bed.memory.write64(lastEntry(gcr3), Gcr3Entry.valid(root));
        withPasid(pasid(PASID, false), Event.IO_PAGE_FAULT, 0, IOVA);
        bed.mapGuest(root, 4, IOVA, DATA, X86Pte.US);
        withPasid(pasid(PASID, true), Event.IO_PAGE_FAULT, Event.PR | Event.PE | Event.RW, IOVA);
        bed.memory.write64(root + (IOVA >>> 39 & 511) * 8, X86Pte.table(bed.page()) | X86Pte.PS);
        bed.command(Cmd.invalidateIommuAll0());
        withPasid(pasid(PASID, false), Event.IO_PAGE_FAULT, Event.PR | Event.RZ, IOVA);
    }

    @Test
    @Rule("AMDVI-PASID-12")
    @Rule("AMDVI-PASID-13")
    void shouldTellPrivilegeAndExecution() {
        long gcr3 = guest(bed.page(), 1);
        bed.gcr3(gcr3, 5, root);
        DmaRequest request = bed.request(ID, 5, IOVA, false);
        request.attributes(true, true);
        bed.dma(request);
        long word = bed.takeEvent()[0];
        assertThat(word & Event.FLAGS.mask()).isEqualTo(Event.GN | Event.NX);
    }

    @Test
    void shouldTellADomainWithoutPasid() {
        long gcr3 = bed.page();
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        Dte.GIOV.put(words, 1);
        bed.entry(ID, words);
        withDomain(bed.dmaWrite(ID, IOVA), Event.IO_PAGE_FAULT, Event.RW, IOVA);
    }

    // ---- both

    @Test
    void shouldTellWhatHostTablesRefuseOfGuestTables() {
        long[] words = Dte.host(root, 4, DID);
        long gcr3 = bed.page();
        long guest = bed.page();
        bed.gcr3(gcr3, 5, guest);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        withPasid(pasid(5, false), Event.IO_PAGE_FAULT, 0, IOVA); // the guest's first table
        bed.control(Control.GCR3_TRP_MODE.mask());
        withPasid(pasid(5, false), Event.IO_PAGE_FAULT, 0, IOVA); // the GCR3 table
        bed.mapHostIdentity(root, 4, gcr3, 1);
        bed.mapHost(root, 4, guest, 1, V1Pte.page(guest, false, true));
        withPasid(pasid(5, false), Event.IO_PAGE_FAULT, Event.PR | Event.PE, IOVA);
    }
}

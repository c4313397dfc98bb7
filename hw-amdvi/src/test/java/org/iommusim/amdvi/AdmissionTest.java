package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device table entry lets pass, refuses or has translated, before any table is looked at. */
class AdmissionTest {
    private static final int ID = 0x128;
    private static final long IOVA = 0x5000;

    private final AmdViTestbed bed = AmdViTestbed.of("guest-tables").enable();

    private void refused(DmaRequest request, int code, long flags) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(request.faultCode()).isEqualTo(code);
        long[] record = bed.takeEvent();
        assertThat(Event.code(record[0])).isEqualTo(code);
        assertThat(Event.DEVICE_ID.getInt(record[0])).isEqualTo(request.requesterId());
        assertThat(record[0] & Event.FLAGS.mask()).isEqualTo(flags);
        assertThat(bed.events()).isZero();
    }

    private static long type(int type) {
        return Event.INVALID_DEVICE_TYPE.with(0, type);
    }

    /** An entry with empty host tables. */
    private long[] host() {
        return Dte.host(bed.page(), 4, 7);
    }

    private DmaRequest translated(long address) {
        DmaRequest request = bed.request(ID, DmaRequest.NO_PASID, IOVA, false);
        request.resend(AddressType.TRANSLATED, address);
        return bed.dma(request);
    }

    private DmaRequest asks(int pasid, long address) {
        DmaRequest request = bed.request(ID, pasid, address, false);
        request.resend(AddressType.TRANSLATION_REQUEST, address);
        return bed.dma(request);
    }

    // ---- the entry itself

    @ParameterizedTest
    @CsvSource({"false, 0", "true, 0x0020000000000000"})
    void shouldEndWhatTheTableDoesNotReach(boolean write, String flags) {
        bed.write64(Reg.CONTROL, 0);
        bed.write64(Reg.DEV_TAB_BASE, AmdViTestbed.DEVICE_TABLE); // 128 entries
        bed.control(Control.IOMMU_EN.mask() | Control.EVENT_LOG_EN.mask());
        refused(
                bed.dma(bed.request(0x80, DmaRequest.NO_PASID, IOVA, write)),
                Event.ILLEGAL_DEV_TABLE_ENTRY,
                Long.decode(flags));
        assertThat(bed.dmaRead(0x7f, IOVA).outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    @Test
    void shouldTellReservedBitsFromReservedValues() {
        long[] words = host();
        words[0] |= 1L << 2;
        bed.entry(ID, words);
        refused(bed.dmaRead(ID, IOVA), Event.ILLEGAL_DEV_TABLE_ENTRY, Event.RZ);
        words = host();
        Dte.MODE.put(words, Dte.MODE_RESERVED);
        bed.entry(ID, words);
        refused(bed.dmaRead(ID, IOVA), Event.ILLEGAL_DEV_TABLE_ENTRY, 0);
    }

    @Test
    void shouldNotKeepAnIllegalEntry() {
        long[] words = host();
        words[0] |= 1L << 2;
        bed.entry(ID, words);
        refused(bed.dmaRead(ID, IOVA), Event.ILLEGAL_DEV_TABLE_ENTRY, Event.RZ);
        bed.entry(ID, Dte.passThrough(7));
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    @Test
    void shouldTellWhereAnEntryCouldNotBeRead() {
        bed.write64(Reg.CONTROL, 0);
        bed.write64(Reg.DEV_TAB_BASE, 2 * AmdViTestbed.END | 511);
        bed.control(Control.IOMMU_EN.mask() | Control.EVENT_LOG_EN.mask());
        DmaRequest request = bed.dmaWrite(ID, IOVA);
        assertThat(request.faultCode()).isEqualTo(Event.DEV_TAB_HARDWARE_ERROR);
        long[] record = bed.takeEvent();
        assertThat(Event.HW_TYPE.getInt(record[0])).isEqualTo(Event.HW_MASTER_ABORT);
        assertThat(record[1]).isEqualTo(Dte.address(2 * AmdViTestbed.END, ID));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldFindEntriesInSegments(int bits) {
        AmdViTestbed segments = AmdViTestbed.of("guest-tables", Map.of("segments", 8L));
        int id = 0xe123;
        int segment = id >>> 16 - bits;
        long table = segments.page();
        segments.write64(Reg.DEV_TAB_BASE, AmdViTestbed.DEVICE_TABLE | 511);
        segments.write64(Reg.deviceTableBase(segment), 0x2000_0000L | 255);
        long[] words = Dte.host(table, 4, 7);
        segments.words(Dte.address(0x2000_0000L, id & 0xffff >>> bits), words);
        segments.mapHost(table, 4, IOVA, 0x3000_0000L);
        segments.write64(Reg.CONTROL, Control.DEV_TBL_SEG_EN.with(0, bits));
        segments.control(Control.IOMMU_EN.mask());
        assertThat(segments.dmaRead(id, IOVA).physicalAddress()).isEqualTo(0x3000_0000L);
    }

    // ---- V, TV, IR, IW

    @Test
    void shouldAbortWhatHasNoTranslation() {
        long[] words = new long[Dte.WORDS];
        Dte.V.put(words, 1);
        bed.entry(ID, words);
        refused(bed.dmaWrite(ID, IOVA), Event.IO_PAGE_FAULT, Event.RW);
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void shouldLetTheEntryForbidWhatTablesWouldAllow(boolean tables, boolean reads) {
        long[] words = tables ? host() : Dte.passThrough(7);
        if (tables) {
            bed.mapHost(Dte.HOST_PT_ROOT.inPlace(words[0]), 4, IOVA, 0x3000_0000L);
        }
        (reads ? Dte.IW : Dte.IR).put(words, 0);
        bed.entry(ID, words);
        assertThat(bed.dma(bed.request(ID, DmaRequest.NO_PASID, IOVA, !reads))
                        .outcome()
                        .completed())
                .isTrue();
        refused(
                bed.dma(bed.request(ID, DmaRequest.NO_PASID, IOVA, reads)),
                Event.IO_PAGE_FAULT,
                Event.PR | Event.PE | (reads ? Event.RW : 0));
    }

    /** An access that the entry forbids faults for want of a page first, also when the page is cached for another function. */
    @Test
    void shouldTellWhatTablesSayBeforeWhatTheEntryForbids() {
        long[] words = host();
        long root = Dte.HOST_PT_ROOT.inPlace(words[0]);
        bed.entry(0x130, words);
        Dte.IR.put(words, 0);
        bed.entry(ID, words);
        refused(bed.dmaRead(ID, IOVA), Event.IO_PAGE_FAULT, 0);
        bed.mapHost(root, 4, IOVA, 2, V1Pte.table(0x3000_0000L, 2));
        refused(bed.dmaRead(ID, IOVA), Event.IO_PAGE_FAULT, Event.PR);
        bed.mapHost(root, 4, IOVA, 2, V1Pte.table(2 * AmdViTestbed.END, 1));
        assertThat(bed.dmaRead(ID, IOVA).faultCode()).isEqualTo(Event.PAGE_TAB_HARDWARE_ERROR);
        bed.takeEvent();
        bed.mapHost(root, 4, IOVA, 2, V1Pte.page(0x3000_0000L, true, true));
        assertThat(bed.dmaRead(0x130, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
        refused(bed.dmaRead(ID, IOVA), Event.IO_PAGE_FAULT, Event.PR | Event.PE);
        assertThat(bed.dmaWrite(ID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    void shouldTellTheDomainOfWhatTheEntryForbids() {
        bed.entry(ID, blocked());
        bed.dmaRead(ID, IOVA);
        assertThat(Event.DOMAIN_ID.intIn(bed.takeEvent())).isEqualTo(7);
    }

    private static long[] blocked() {
        long[] words = Dte.passThrough(7);
        Dte.IR.put(words, 0);
        return words;
    }

    @Test
    @Rule("AMDVI-PASID-01")
    @Rule("AMDVI-PASID-12")
    void shouldRefuseAPasidWithoutGuestTables() {
        bed.entry(ID, host());
        refused(
                bed.dma(bed.request(ID, 5, IOVA, false)),
                Event.INVALID_DEVICE_REQUEST,
                Event.GN | Event.INVALID_DEVICE_US | type(Admission.NO_PASIDS));
    }

    // ---- functions with a TLB of their own

    @Test
    @Rule("AMDVI-ATS-14")
    @Rule("AMDVI-ATS-15")
    void shouldTakeTranslatedRequestsAsTheyAre() {
        long[] words = host();
        Dte.I.put(words, 1);
        bed.entry(ID, words);
        DmaRequest request = translated(0x3000_0000L);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(0x3000_0000L);
        assertThat(translated(1L << 52).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.events()).isZero();
    }

    @Test
    @Rule("AMDVI-ATS-02")
    void shouldRefuseTranslatedRequestsWithoutPermission() {
        bed.entry(ID, host());
        refused(translated(0x3000_0000L), Event.INVALID_DEVICE_REQUEST, type(Admission.TRANSLATED_NOT_ALLOWED));
        bed.entry(0x130, new long[Dte.WORDS]);
        DmaRequest request = bed.request(0x130, DmaRequest.NO_PASID, IOVA, false);
        request.resend(AddressType.TRANSLATED, 0x3000_0000L);
        refused(bed.dma(request), Event.INVALID_DEVICE_REQUEST, type(Admission.TRANSLATED_NOT_ALLOWED));
    }

    @Test
    @Rule("AMDVI-ATS-02")
    void shouldRefuseTranslatedRequestsWhereNoFunctionHasATlb() {
        AmdViTestbed without = AmdViTestbed.of("np-cache").enable();
        long[] words = Dte.host(without.page(), 4, 7);
        Dte.I.put(words, 1);
        without.entry(ID, words);
        DmaRequest request = without.request(ID, DmaRequest.NO_PASID, IOVA, false);
        request.resend(AddressType.TRANSLATED, 0x3000_0000L);
        assertThat(without.dma(request).faultCode()).isEqualTo(Event.INVALID_DEVICE_REQUEST);
    }

    @Test
    @Rule("AMDVI-ATS-02")
    @Rule("AMDVI-ATS-16")
    void shouldRefuseTranslationRequestsWithoutPermission() {
        bed.entry(ID, host());
        refused(
                asks(DmaRequest.NO_PASID, IOVA),
                Event.INVALID_DEVICE_REQUEST,
                Event.TR | type(Admission.NO_TRANSLATIONS));
    }

    @Test
    @Rule("AMDVI-ATS-03")
    @Rule("AMDVI-ATS-16")
    void shouldRefuseTranslationRequestsWithoutTranslation() {
        long[] words = new long[Dte.WORDS];
        Dte.V.put(words, 1);
        Dte.I.put(words, 1);
        bed.entry(ID, words);
        refused(
                asks(DmaRequest.NO_PASID, IOVA),
                Event.INVALID_DEVICE_REQUEST,
                Event.TR | type(Admission.NO_TRANSLATIONS));
    }

    @Test
    @Rule("AMDVI-ATS-01")
    void shouldAbortWhatCannotBeWhileItIsOff() {
        AmdViTestbed off = AmdViTestbed.of("guest-tables");
        DmaRequest request = off.request(ID, DmaRequest.NO_PASID, IOVA, false);
        request.resend(AddressType.TRANSLATED, IOVA);
        assertThat(off.dma(request).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(off.events()).isZero();
    }

    // ---- exclusion range

    @ParameterizedTest
    @CsvSource({
        "true, false, 0x5000, true",
        "true, true, 0x6fff, true",
        "true, true, 0x7000, false",
        "true, true, 0x4fff, false",
        "false, true, 0x5000, true",
        "false, false, 0x5000, false"
    })
    void shouldPassTheExclusionRange(boolean allow, boolean ex, String iova, boolean passes) {
        bed.write64(Reg.EXCL_LIMIT, 0x6000);
        bed.write64(Reg.EXCL_BASE, 0x5000 | Reg.EX_EN.mask() | (allow ? Reg.ALLOW.mask() : 0));
        long[] words = host();
        Dte.EX.put(words, ex ? 1 : 0);
        bed.entry(ID, words);
        assertThat(bed.dmaRead(ID, Long.decode(iova)).outcome())
                .isEqualTo(passes ? DmaOutcome.BYPASS : DmaOutcome.FAULT);
    }

    @Test
    void shouldTranslateEverythingWithoutAnExclusionRange() {
        bed.write64(Reg.EXCL_BASE, 0x5000 | Reg.ALLOW.mask());
        bed.write64(Reg.EXCL_LIMIT, 0x6000);
        bed.entry(ID, host());
        assertThat(bed.dmaRead(ID, 0x5000).outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    // ---- silence

    @Test
    void shouldRecordNoPageFaultOfASilentFunction() {
        long[] words = host();
        Dte.SA.put(words, 1);
        bed.entry(ID, words);
        assertThat(bed.dmaRead(ID, IOVA).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.events()).isZero();
        assertThat(((Counter) bed.sim
                                .statistics()
                                .find("iommu0.suppressed_faults")
                                .orElseThrow())
                        .value())
                .isEqualTo(1);
    }

    @Test
    void shouldRecordOnlyTheFirstPageFaultUntilTheEntryIsReadAgain() {
        long[] words = host();
        Dte.SE.put(words, 1);
        bed.entry(ID, words);
        bed.entry(0x130, words);
        bed.dmaRead(ID, IOVA);
        bed.dmaRead(ID, IOVA + 0x1000);
        assertThat(bed.events()).isEqualTo(1);
        bed.dmaRead(0x130, IOVA);
        assertThat(bed.events()).isEqualTo(2);
        bed.command(Cmd.invalidateDevtabEntry0(ID));
        bed.dmaRead(ID, IOVA);
        bed.dmaRead(ID, IOVA);
        assertThat(bed.events()).isEqualTo(3);
    }

    @Test
    void shouldRecordOtherEventsOfASilentFunction() {
        long[] words = host();
        Dte.SA.put(words, 1);
        bed.entry(ID, words);
        refused(
                bed.dma(bed.request(ID, 5, IOVA, false)),
                Event.INVALID_DEVICE_REQUEST,
                Event.GN | Event.INVALID_DEVICE_US);
    }

    /** Whatever place of the cache an entry has; without a cache every request reads it again. */
    @ParameterizedTest
    @CsvSource({"1, 0, 1", "1, 1, 1", "1, 0x1230, 1", "0, 0x128, 3"})
    void shouldKnowWhetherAPageFaultWasRecordedSinceTheEntryWasRead(long cache, String id, int events) {
        AmdViTestbed unit =
                AmdViTestbed.of("guest-tables", Map.of("dte_cache", cache)).enable();
        long[] words = Dte.host(unit.page(), 4, 7);
        Dte.SE.put(words, 1);
        unit.entry(Integer.decode(id), words);
        for (int i = 0; i < 3; i++) {
            unit.dmaRead(Integer.decode(id), IOVA);
        }
        assertThat(unit.events()).isEqualTo(events);
    }
}

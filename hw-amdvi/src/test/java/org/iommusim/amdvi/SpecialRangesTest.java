package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses that are not those of memory, and what a device table entry says of them. */
class SpecialRangesTest {
    private static final int ID = 0x128;
    private static final long INTERRUPTS = 0xfee0_0000L;
    private static final long MANAGEMENT = 0xfd_f910_0000L;
    private static final long PORTS = 0xfd_fc00_0000L;
    private static final int PASSES = -2;
    private static final int TRANSLATED = -1;

    private final AmdViTestbed bed =
            AmdViTestbed.of("guest-tables", Map.of("ht_range_ignore", 0L)).enable();

    private long[] host() {
        return Dte.host(bed.page(), 5, 7);
    }

    /** The type of the event, {@link #PASSES}, or {@link #TRANSLATED}: there is nothing in the tables. */
    private int becomesOf(DmaRequest request) {
        bed.dma(request);
        if (request.outcome() == DmaOutcome.BYPASS) {
            return PASSES;
        }
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        long word = bed.takeEvent()[0];
        assertThat(bed.events()).isZero();
        assertThat(Event.code(word)).isIn(Event.IO_PAGE_FAULT, Event.INVALID_DEVICE_REQUEST);
        return Event.code(word) == Event.IO_PAGE_FAULT ? TRANSLATED : Event.INVALID_DEVICE_TYPE.getInt(word);
    }

    private DmaRequest request(long address, boolean write) {
        return bed.request(ID, DmaRequest.NO_PASID, address, write);
    }

    @Test
    void shouldReadNoInterrupts() {
        bed.entry(ID, host());
        assertThat(becomesOf(request(INTERRUPTS, false))).isEqualTo(SpecialRanges.INTERRUPT_READ);
        assertThat(becomesOf(request(INTERRUPTS - 8, false))).isEqualTo(TRANSLATED);
        assertThat(becomesOf(request(INTERRUPTS + 0x10_0000, false))).isEqualTo(TRANSLATED);
    }

    @Test
    @Rule("AMDVI-ATS-13")
    void shouldTranslateNoInterruptsForFunctionsWithATlb() {
        long[] words = host();
        Dte.I.put(words, 1);
        bed.entry(ID, words);
        DmaRequest request = request(INTERRUPTS, false);
        request.resend(AddressType.TRANSLATION_REQUEST, INTERRUPTS);
        assertThat(becomesOf(request)).isEqualTo(Admission.NO_MEMORY);
    }

    @ParameterizedTest
    @CsvSource({
        "0, true, 3",
        "0, false, 4",
        "1, true, -2",
        "1, false, 4",
        "2, true, 3",
        "2, false, 4",
        "3, true, -1",
        "3, false, -1"
    })
    void shouldDoWithSystemManagementWhatTheEntrySays(int sysMgt, boolean write, int expected) {
        long[] words = host();
        Dte.SYS_MGT.put(words, sysMgt);
        bed.entry(ID, words);
        assertThat(becomesOf(request(MANAGEMENT, write))).isEqualTo(expected);
        assertThat(becomesOf(request(MANAGEMENT + 0xf_fff8, write))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "1, -2", "2, -1"})
    void shouldDoWithPortsWhatTheEntrySays(int ioCtl, int expected) {
        long[] words = host();
        Dte.IO_CTL.put(words, ioCtl);
        bed.entry(ID, words);
        assertThat(becomesOf(request(PORTS, true))).isEqualTo(expected);
        assertThat(becomesOf(request(PORTS + 0x1ff_fff8, false))).isEqualTo(expected);
    }

    @Test
    void shouldNotTranslateSpecialAddressesWithoutTranslation() {
        long[] words = new long[Dte.WORDS];
        Dte.V.put(words, 1);
        Dte.SYS_MGT.put(words, Dte.SYSMGT_DMA);
        Dte.IO_CTL.put(words, 2);
        bed.entry(ID, words);
        assertThat(becomesOf(request(MANAGEMENT, true))).isEqualTo(SpecialRanges.UNTRANSLATABLE);
        assertThat(becomesOf(request(PORTS, true))).isEqualTo(SpecialRanges.UNTRANSLATABLE);
    }

    @ParameterizedTest
    @CsvSource({
        "0xfd00000000, true, 6",
        "0xfdf8fffff8, false, 0",
        "0xfdf9000000, true, 3",
        "0xfdf9200000, false, 4",
        "0xfdfe000000, true, 3",
        "0xfffffffff8, false, 4",
        "0xfcfffffff8, true, -1",
        "0x10000000000, true, -1"
    })
    void shouldAbortWhatBelongsToNobody(String address, boolean write, int expected) {
        bed.entry(ID, host());
        assertThat(becomesOf(request(Long.decode(address), write))).isEqualTo(expected);
    }

    @Test
    void shouldTakeTheRangeForMemoryWhereTheUnitIgnoresIt() {
        AmdViTestbed ignoring = AmdViTestbed.of("guest-tables").enable();
        long root = ignoring.page();
        ignoring.mapHost(root, 5, MANAGEMENT, 0x3000_0000L);
        ignoring.entry(ID, Dte.host(root, 5, 7));
        assertThat(ignoring.dmaRead(ID, MANAGEMENT).physicalAddress()).isEqualTo(0x3000_0000L);
    }

    @Test
    @Rule("AMDVI-PASID-14")
    void shouldTakeAnyAddressWithAPasid() {
        long gcr3 = bed.page();
        long root = bed.page();
        bed.mapGuest(root, 4, INTERRUPTS, 0x3000_0000L);
        bed.gcr3(gcr3, 5, root);
        long[] words = Dte.passThrough(7);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        DmaRequest request = bed.dma(bed.request(ID, 5, INTERRUPTS, true));
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(0x3000_0000L);
    }
}

package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaRequest;
import org.junit.jupiter.api.Test;

/** What the bus refuses to read although memory is there: the record says so, and where. Where there is none: {@code FaultTest}. */
class HardwareErrorsTest {
    private static final int ID = 0x128;
    private static final long IOVA = 0x12_3456_7000L;

    private final AmdViTestbed bed =
            AmdViTestbed.of("guest-tables", Map.of("pasid_bits", 20L)).enable();

    private void aborts(long address) {
        bed.device.busFaults().orElseThrow().abortReads(address, 8);
    }

    private void targetAbort(DmaRequest request, int code, long address) {
        assertThat(request.faultCode()).isEqualTo(code);
        long[] record = bed.takeEvent();
        assertThat(Event.code(record[0])).isEqualTo(code);
        assertThat(Event.HW_TYPE.getInt(record[0])).isEqualTo(Event.HW_TARGET_ABORT);
        assertThat(record[1]).isEqualTo(address);
    }

    @Test
    void shouldTellThatADeviceTableEntryIsRefused() {
        aborts(bed.entry(ID, Dte.passThrough(7)));
        targetAbort(bed.dmaRead(ID, IOVA), Event.DEV_TAB_HARDWARE_ERROR, Dte.address(AmdViTestbed.DEVICE_TABLE, ID));
    }

    @Test
    void shouldTellThatAHostTableIsRefused() {
        long root = bed.page();
        long entry = bed.mapHost(root, 4, IOVA, 1, V1Pte.page(0x2000_0000L, true, true));
        bed.entry(ID, Dte.host(root, 4, 7));
        aborts(entry);
        targetAbort(bed.dmaRead(ID, IOVA), Event.PAGE_TAB_HARDWARE_ERROR, entry);
    }

    @Test
    void shouldTellThatAGcr3TableIsRefused() {
        long gcr3 = bed.page();
        long[] words = Dte.passThrough(7);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        long entry = Gcr3Entry.address(gcr3, 0, 5);
        aborts(entry);
        targetAbort(bed.dma(bed.request(ID, 5, IOVA, false)), Event.PAGE_TAB_HARDWARE_ERROR, entry);
    }

    @Test
    void shouldTellThatAnInterruptTableIsRefused() {
        InterruptBed interrupts = InterruptBed.plain();
        interrupts.device.busFaults().orElseThrow().abortReads(InterruptBed.TABLE, 4096);
        assertThat(interrupts.msi(InterruptBed.SID, 3))
                .isEqualTo("FAULT PAGE_TAB_HARDWARE_ERROR device=0x%x domain=7 flags=0x408 addr=0x%x"
                        .formatted(InterruptBed.SID, InterruptBed.TABLE + 12));
    }
}

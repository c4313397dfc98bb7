package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.junit.jupiter.api.Test;

/** With NpCache the unit keeps that a page is not there, and software has to tell when it is. */
class NpCacheTest {
    private static final int ID = 0x128;
    private static final int DID = 7;
    private static final long IOVA = 0x5000;
    private static final long DATA = 0x2000_0000L;

    private AmdViTestbed bed = AmdViTestbed.of("np-cache").enable();
    private long root = bed.page();

    private void host() {
        bed.entry(ID, Dte.host(root, 4, DID));
    }

    private boolean there(boolean write) {
        DmaRequest request = bed.dma(bed.request(ID, DmaRequest.NO_PASID, IOVA, write));
        if (request.outcome() == DmaOutcome.OK) {
            return true;
        }
        long[] record = bed.takeEvent();
        assertThat(record[0])
                .isEqualTo(Event.withDomain(Event.word0(Event.IO_PAGE_FAULT, ID, write ? Event.RW : 0), DID));
        assertThat(record[1]).isEqualTo(IOVA);
        return false;
    }

    @Test
    void shouldKeepThatAPageIsNotThere() {
        host();
        assertThat(there(false)).isFalse();
        bed.mapHost(root, 4, IOVA, DATA);
        assertThat(there(false)).isFalse();
        assertThat(there(true)).isFalse();
        bed.command(Cmd.invalidateIommuPages0(DID, 0), Cmd.pages1(IOVA, 12));
        assertThat(there(true)).isTrue();
        assertThat(bed.sim.violations().violations()).isEmpty();
    }

    @Test
    void shouldKeepNoOtherFault() {
        host();
        bed.mapHost(root, 4, IOVA, 1, V1Pte.page(DATA, true, false));
        assertThat(bed.dmaWrite(ID, IOVA).outcome()).isEqualTo(DmaOutcome.FAULT);
        bed.mapHost(root, 4, IOVA, DATA);
        assertThat(bed.dmaWrite(ID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    void shouldSeeANewPageAtOnceOtherwise() {
        bed = AmdViTestbed.of("host-tables").enable();
        root = bed.page();
        host();
        assertThat(there(false)).isFalse();
        bed.mapHost(root, 4, IOVA, DATA);
        assertThat(there(false)).isTrue();
    }

    @Test
    void shouldGoOnRefusingIfItForgetsRefusals() {
        bed.device.mistakes().forgetsRefusals = true;
        host();
        assertThat(there(false)).isFalse();
        bed.mapHost(root, 4, IOVA, DATA);
        bed.command(Cmd.invalidateIommuPages0(DID, 0), Cmd.pages1(IOVA, 12));
        assertThat(there(false)).isFalse();
    }

    /** What guest tables have under host tables is the guest's business, and it was not told to invalidate. */
    @Test
    @Rule("AMDVI-PASID-16")
    void shouldNotKeepWhatANestedGuestDoesNotHave() {
        bed = AmdViTestbed.of("guest-tables", Map.of("np_cache", 1L)).enable();
        NestedTables tables = new NestedTables(bed);
        tables.map(5, IOVA + 0x1000, 0x5_0000_0000L, DATA);
        bed.entry(ID, tables.entry(DID));
        assertThat(bed.dma(bed.request(ID, 5, IOVA, false)).outcome()).isEqualTo(DmaOutcome.FAULT);
        tables.mapGuest(5, IOVA, 0x5_0000_0000L);
        assertThat(bed.dma(bed.request(ID, 5, IOVA, false)).outcome()).isEqualTo(DmaOutcome.OK);
    }
}

package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;

/** Host tables for tests of PREFETCH_IOMMU_PAGES, and what of them is in the caches. */
class PrefetchTables {
    static final int ID = 0x128;
    static final int DID = 7;
    static final int PASID = 5;
    static final int NONE = DmaRequest.NO_PASID;
    static final long IOVA = 0x40_0000;
    static final long DATA = 0x2000_0000L;
    static final long OTHER = 0x2800_0000L;
    static final long GUEST = 0x5_0000_0000L;
    static final long GN = Cmd.GN.mask();
    static final long INVAL = Cmd.PREFETCH_INVAL.mask();

    AmdViTestbed bed = bed(Map.of("prefetch_walks", 4L));
    long root = bed.page();

    static AmdViTestbed bed(Map<String, Long> parameters) {
        return AmdViTestbed.of("guest-tables", parameters).enable();
    }

    /** Begins anew. */
    void with(Map<String, Long> parameters) {
        bed = bed(parameters);
        root = bed.page();
    }

    /** Pages of host tables from {@link #IOVA} on; no flags are kept of them. */
    void host(int pages) {
        host(pages, 0);
    }

    /** The same with flags as HAD says; returns the address of the first page's entry. */
    long host(int pages, int had) {
        long leaf = 0;
        for (int i = pages - 1; i >= 0; i--) {
            leaf = bed.mapHost(root, 3, IOVA + 0x1000L * i, DATA + 0x1000L * i);
        }
        long[] words = Dte.host(root, 3, DID);
        Dte.HAD.put(words, had);
        bed.entry(ID, words);
        return leaf;
    }

    /** Has so many pages fetched; {@code w1} is the command's second word. */
    void prefetch(int count, long w1) {
        bed.command(Cmd.prefetchIommuPages0(ID, 0, count), w1);
    }

    /** Second word of a command about a page, counted from {@link #IOVA}. */
    static long page(int number) {
        return Cmd.pages1(IOVA + 0x1000L * number, 12);
    }

    DmaRequest read(int page) {
        return bed.dmaRead(ID, IOVA + 0x1000L * page);
    }

    /** True if a read of a page finds its translation in the IOTLB. */
    boolean isThere(int page) {
        DmaRequest request = read(page);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(DATA + 0x1000L * page);
        return request.misses() == 0;
    }

    /** How many pages or requests are on their way. */
    int underWay() {
        int[] count = new int[1];
        bed.device.flights().forEachUnderWay(flight -> count[0]++);
        return count[0];
    }
}

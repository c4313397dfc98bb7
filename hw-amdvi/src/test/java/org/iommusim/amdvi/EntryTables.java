package org.iommusim.amdvi;

import java.util.List;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;

/**
 * Tables of every depth in memory, so that an entry with any levels finds some: one page is mapped in each, and marked as accessed
 * and dirty. The PASIDs 0 and 5 have guest tables. What lies below guest tables is where it is only under two levels or more.
 */
final class EntryTables {
    /** The address that is mapped. */
    static final long PAGE = 0x12_3000L;

    private static final long DATA = 0x2000_0000L;
    private static final long GUEST_DATA = 0x2_3000L;
    private static final long NESTED_DATA = 0x2100_0000L;
    private static final int MOST_LEVELS = 6;
    private static final int GCR3_LEVELS = 3;

    private final AmdViTestbed bed;
    private final long[] host = new long[MOST_LEVELS + 2];
    /** By levels of the GCR3 table, less 1, and levels of guest tables, less 4. */
    private final long[][] gcr3 = new long[GCR3_LEVELS + 1][4];

    EntryTables(AmdViTestbed bed) {
        this.bed = bed;
        long first = bed.page();
        for (int levels = 0; levels < GCR3_LEVELS; levels++) {
            gcr3[levels][0] = pasids(levels, 4);
            gcr3[levels][1] = pasids(levels, 5);
        }
        int pages = (int) (bed.page() - first >>> 12);
        for (int levels = 1; levels <= MOST_LEVELS; levels++) {
            host[levels] = bed.page();
            map(levels, PAGE, DATA);
            map(levels, GUEST_DATA, NESTED_DATA);
            for (int i = 0; i < pages && levels > 1; i++) {
                map(levels, first + 0x1000L * i, first + 0x1000L * i);
            }
        }
    }

    private void map(int levels, long from, long to) {
        bed.mapHost(host[levels], levels, from, 1, V1Pte.page(to, true, true) | V1Pte.A | V1Pte.D);
    }

    private long pasids(int above, int guestLevels) {
        long root = bed.page();
        bed.mapGuest(root, guestLevels, PAGE, GUEST_DATA, X86Pte.RW | X86Pte.US | X86Pte.A | X86Pte.D);
        long table = bed.page();
        for (int pasid : List.of(0, 5)) {
            bed.gcr3(table, pasid, root);
        }
        for (int level = 1; level <= above; level++) {
            long next = bed.page();
            bed.memory.write64(Gcr3Entry.address(next, level, 0), Gcr3Entry.valid(table));
            table = next;
        }
        return table;
    }

    /** Has an entry with levels point to tables of so many. */
    void place(long[] words) {
        Dte.HOST_PT_ROOT.putInPlace(words, host[Dte.MODE.intIn(words)]);
        Dte.putGcr3(words, gcr3[Dte.GLX.intIn(words)][Dte.GUEST_PAGING_MODE.intIn(words)]);
    }

    /** What the tables give for a request, or {@link EntryOracle#UNMAPPED}. */
    long mapped(long[] words, DmaRequest request, boolean byGuest) {
        int levels = Dte.MODE.intIn(words);
        boolean known = request.pasid() == DmaRequest.NO_PASID || request.pasid() == 0 || request.pasid() == 5;
        if (request.iova() != PAGE || byGuest && (!known || levels == 1)) {
            return EntryOracle.UNMAPPED;
        }
        return byGuest ? levels == 0 ? GUEST_DATA : NESTED_DATA : DATA;
    }
}

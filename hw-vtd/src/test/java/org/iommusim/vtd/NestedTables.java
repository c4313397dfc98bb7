package org.iommusim.vtd;

import org.iommusim.hw.x86.X86Pte;
import org.iommusim.vtd.spec.PasidEntry;

/** A first stage of 4 levels whose tables lie at guest addresses of a second stage of 4 levels. */
final class NestedTables {
    /** Guest address of the first table; more follow it. */
    static final long FIRST = 0x10_0000;

    final long second;
    private final VtdTestbed bed;
    private long next = FIRST;

    NestedTables(VtdTestbed bed) {
        this.bed = bed;
        second = bed.page();
        table();
    }

    /** A new table of the first stage; returns its guest address. */
    private long table() {
        long guest = next;
        next += 0x1000;
        bed.mapSecond(second, 4, guest, bed.page());
        return guest;
    }

    /** Where a guest page lies. */
    long host(long guest) {
        long table = second;
        for (int level = 4; level > 1; level--) {
            table = bed.memory.read64(slot(table, guest, level)) & X86Pte.ADDRESS;
        }
        return bed.memory.read64(slot(table, guest, 1)) & X86Pte.ADDRESS;
    }

    /** Address of the second stage's entry of a guest page. */
    long secondEntryAddress(long guest) {
        long table = second;
        for (int level = 4; level > 1; level--) {
            table = bed.memory.read64(slot(table, guest, level)) & X86Pte.ADDRESS;
        }
        return slot(table, guest, 1);
    }

    private static long slot(long table, long address, int level) {
        return table + (address >>> 3 + 9 * level & 511) * Long.BYTES;
    }

    /** Maps a page by both stages. */
    void map(long iova, long guest, long host) {
        bed.mapSecond(second, 4, guest, host);
        mapFirst(iova, guest);
    }

    /** Maps a page by the first stage alone. */
    void mapFirst(long iova, long guest) {
        bed.memory.write64(entryAddress(iova), guest | X86Pte.P | X86Pte.RW | X86Pte.US);
    }

    /** Address of the first stage's entry of a page; tables are made if need be. */
    long entryAddress(long iova) {
        long table = FIRST;
        for (int level = 4; level > 1; level--) {
            long at = slot(host(table), iova, level);
            if (bed.memory.read64(at) == 0) {
                bed.memory.write64(at, X86Pte.table(table()));
            }
            table = bed.memory.read64(at) & X86Pte.ADDRESS;
        }
        return slot(host(table), iova, 1);
    }

    /** A PASID entry for both stages. */
    long[] entry(int did) {
        return PasidEntry.nested(PasidEntry.secondStage(second, 4, did), FIRST, 4, did);
    }
}

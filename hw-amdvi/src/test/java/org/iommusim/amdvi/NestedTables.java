package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.x86.X86Pte;

/**
 * A guest's tables of 4 levels under host tables of 4 levels. Every table of the guest, and its GCR3 table of one level, has a
 * guest address that is not its host address, so that nobody finds it without the host tables.
 */
final class NestedTables {
    private static final long FIRST_TABLE = 0x1_0000_0000L;

    final long host;
    private final AmdViTestbed bed;
    /** Guest address of the GCR3 table. */
    private final long gcr3;

    private long nextTable = FIRST_TABLE;

    NestedTables(AmdViTestbed bed) {
        this.bed = bed;
        host = bed.page();
        gcr3 = table();
    }

    /** Guest address of a new table. */
    private long table() {
        long guest = nextTable;
        nextTable += 0x1000;
        bed.mapHost(host, 4, guest, bed.page());
        return guest;
    }

    /** Host address of a guest page. */
    long host(long guest) {
        return bed.memory.read64(hostEntryAddress(guest)) & V1Pte.ADDRESS;
    }

    /** Address of the host tables' entry of a guest page. */
    long hostEntryAddress(long guest) {
        long table = host;
        for (int level = 4; level > 1; level--) {
            table = bed.memory.read64(slot(table, guest, level)) & V1Pte.ADDRESS;
        }
        return slot(table, guest, 1);
    }

    private static long slot(long table, long address, int level) {
        return table + (address >>> V1Pte.shift(level) & 511) * Long.BYTES;
    }

    /** Host address of the GCR3 entry of a PASID. */
    long gcr3Entry(int pasid) {
        return Gcr3Entry.address(host(gcr3), 0, pasid);
    }

    /** Guest address of the first table of a PASID, which is made if need be. */
    long root(int pasid) {
        long at = gcr3Entry(pasid);
        if (bed.memory.read64(at) == 0) {
            bed.memory.write64(at, Gcr3Entry.valid(table()));
        }
        return Gcr3Entry.ADDRESS.inPlace(bed.memory.read64(at));
    }

    /** Maps a page by both tables. */
    void map(int pasid, long iova, long guest, long target) {
        bed.mapHost(host, 4, guest, target);
        mapGuest(pasid, iova, guest);
    }

    /** Maps a page by guest tables alone. */
    void mapGuest(int pasid, long iova, long guest) {
        bed.memory.write64(guestEntryAddress(pasid, iova), guest | X86Pte.P | X86Pte.RW | X86Pte.US);
    }

    /** Host address of the guest tables' entry of a page; tables are made if need be. */
    long guestEntryAddress(int pasid, long iova) {
        long table = root(pasid);
        for (int level = 4; level > 1; level--) {
            long at = slot(host(table), iova, level);
            if (bed.memory.read64(at) == 0) {
                bed.memory.write64(at, X86Pte.table(table()));
            }
            table = bed.memory.read64(at) & X86Pte.ADDRESS;
        }
        return slot(host(table), iova, 1);
    }

    /** A device table entry for both; the GCR3 table's address is a host address. */
    long[] entry(int did) {
        long[] words = Dte.host(host, 4, did);
        Dte.putGuest(words, host(gcr3), 1, 4);
        return words;
    }

    /** The same with a guest address (GCR3TRPMode). */
    long[] guestAddressed(int did) {
        long[] words = Dte.host(host, 4, did);
        Dte.putGuest(words, gcr3, 1, 4);
        return words;
    }
}

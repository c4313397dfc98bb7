package org.iommusim.vtd.driver;

import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;

/**
 * {@code struct pasid_table}: the PASID directory of a device and the tables below it. Tables are only ever added while the
 * device lives; adding one is a compare and swap.
 */
final class PasidTable {
    /** Widest PASID, bits. */
    static final int MOST_BITS = 20;

    private static final int ENTRIES_PER_PAGE = PhysicalMemory.PAGE_BYTES >> PasidDirEntry.SHIFT;

    private PasidTable() {}

    /** Pages of the directory for so many PASIDs; 0 for a device that uses only the one of requests without. */
    static int pages(int pasids) {
        return Math.max(1, (pasids >>> PasidDirEntry.PASID_SHIFT) / ENTRIES_PER_PAGE);
    }

    /** PDTS for a directory: 2^(PDTS+7) entries. */
    static int pdts(int pages) {
        return Integer.numberOfTrailingZeros(pages * ENTRIES_PER_PAGE) - 7;
    }

    /** {@code intel_pasid_get_entry} without allocating: address of the entry, or 0 if its table is not there. */
    static long find(DeviceInfo info, int pasid) {
        long word = info.iommu().memory().read64(slot(info, pasid));
        return PasidDirEntry.P.isSet(word) ? PasidEntry.address(PasidDirEntry.SMPTBLPTR.inPlace(word), pasid) : 0;
    }

    /** The same; a table that is not there is added. 0 without memory. */
    static long findOrAdd(DeviceInfo info, int pasid) {
        long found = find(info, pasid);
        if (found != 0) {
            return found;
        }
        long table = info.iommu().tables().allocate(1);
        if (table == TableMemory.NONE) {
            return 0;
        }
        info.iommu().memory().write64(slot(info, pasid), PasidDirEntry.present(table));
        return PasidEntry.address(table, pasid);
    }

    private static long slot(DeviceInfo info, int pasid) {
        return PasidDirEntry.address(info.pasidDirectory.get(), pasid);
    }

    /** {@code intel_pasid_alloc_table}: false without memory. */
    static boolean allocate(DeviceInfo info) {
        long directory = info.iommu().tables().allocate(pages(info.maxPasids()));
        if (directory == TableMemory.NONE) {
            return false;
        }
        info.pasidDirectory.set(directory);
        return true;
    }

    /** {@code intel_pasid_free_table}: directory and tables. */
    static void free(DeviceInfo info) {
        IntelIommu iommu = info.iommu();
        int pages = pages(info.maxPasids());
        long directory = info.pasidDirectory.get();
        for (int i = 0; i < pages * ENTRIES_PER_PAGE; i++) {
            long word = iommu.memory().read64(directory + ((long) i << PasidDirEntry.SHIFT));
            if (PasidDirEntry.P.isSet(word)) {
                iommu.tables().free(PasidDirEntry.SMPTBLPTR.inPlace(word), 1);
            }
        }
        iommu.tables().free(directory, pages);
        info.pasidDirectory.set(0);
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;

/** {@code iommu_context_addr}: where a source id's context entry is. Context tables stay as long as the unit. */
final class ContextTable {
    private ContextTable() {}

    /** Words of a context entry. */
    static int words(IntelIommu iommu) {
        return iommu.scalable() ? ScalableContextEntry.WORDS : ContextEntry.WORDS;
    }

    /** Address of the entry, or 0 if its table is not there. */
    static long find(IntelIommu iommu, int sid) {
        long root = iommu.memory().read64(rootWord(iommu, sid));
        if (!RootEntry.P.isSet(root)) {
            return 0;
        }
        long table = RootEntry.CTP.inPlace(root);
        return iommu.scalable() ? ScalableContextEntry.address(table, sid) : ContextEntry.address(table, sid);
    }

    /** The same; a table that is not there is added. 0 without memory. Call with {@code iommu->lock} held. */
    static long findOrAdd(IntelIommu iommu, int sid) {
        long found = find(iommu, sid);
        if (found != 0) {
            return found;
        }
        long table = iommu.tables().allocate(1);
        if (table == TableMemory.NONE) {
            return 0;
        }
        iommu.memory().write64(rootWord(iommu, sid), RootEntry.present(table));
        return find(iommu, sid);
    }

    private static long rootWord(IntelIommu iommu, int sid) {
        int word = iommu.scalable() ? RootEntry.scalableWord(sid) : 0;
        return RootEntry.address(iommu.rootTable(), sid) + 8L * word;
    }
}

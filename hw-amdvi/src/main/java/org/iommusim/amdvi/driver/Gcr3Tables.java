package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.TableMemory;

/**
 * {@code setup_gcr3_table}, {@code update_gcr3}, {@code free_gcr3_table}: where a device's guest tables are, by PASID. Each
 * device has a table and a domain id of its own, because its PASIDs are its own.
 */
final class Gcr3Tables {
    private static final int INDEX_BITS = 9;

    private Gcr3Tables() {}

    /** Levels of the tables of a unit's devices: as many as its PASIDs need. */
    static int levels(AmdIommu iommu) {
        int bits = Integer.numberOfTrailingZeros(iommu.pasids());
        return Math.min((bits + INDEX_BITS - 1) / INDEX_BITS, iommu.efr().gcr3Levels());
    }

    /** Makes a device's table, with its domain id. Errors: ENOSPC, ENOMEM. */
    static int allocate(DevData dev) {
        AmdIommu iommu = dev.iommu();
        int id = iommu.domainIds.allocate(AmdIommu.FIRST_DOMAIN, AmdIommu.LAST_DOMAIN);
        if (id == IdPool.NONE) {
            return Errno.ENOSPC;
        }
        long table = iommu.tables().allocate(1);
        if (table == TableMemory.NONE) {
            iommu.domainIds.free(id);
            return Errno.ENOMEM;
        }
        dev.gcr3Table.set(table);
        dev.gcr3DomainId.set(id);
        return 0;
    }

    /** Sets the guest table of a PASID, {@link TableMemory#NONE} for none. Error: ENOMEM. */
    static int set(DevData dev, int pasid, long root) {
        TableMemory memory = dev.iommu().tables();
        long table = dev.gcr3Table.get();
        for (int level = levels(dev.iommu()) - 1; level > 0; level--) {
            long slot = Gcr3Entry.address(table, level, pasid);
            if (!Gcr3Entry.V.isSet(memory.read(slot))) {
                long page = memory.allocate(1);
                if (page == TableMemory.NONE) {
                    return Errno.ENOMEM;
                }
                memory.write(slot, Gcr3Entry.valid(page));
            }
            table = Gcr3Entry.ADDRESS.inPlace(memory.read(slot));
        }
        memory.write(Gcr3Entry.address(table, 0, pasid), root == TableMemory.NONE ? 0 : Gcr3Entry.valid(root));
        return 0;
    }

    /** Gives a device's table and domain id back; nothing of it is cached any more. */
    static void free(DevData dev) {
        free(dev.iommu().tables(), dev.gcr3Table.get(), levels(dev.iommu()) - 1);
        dev.gcr3Table.set(0);
        dev.iommu().domainIds.free(dev.gcr3DomainId.get());
        dev.gcr3DomainId.set(0);
    }

    private static void free(TableMemory memory, long table, int level) {
        for (int i = 0; level > 0 && i < 1 << INDEX_BITS; i++) {
            long entry = memory.read(table + 8L * i);
            if (Gcr3Entry.V.isSet(entry)) {
                free(memory, Gcr3Entry.ADDRESS.inPlace(entry), level - 1);
            }
        }
        memory.free(table, 1);
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;

/** A guest's root, context and PASID tables, and its address spaces. They stay as long as the guest. */
final class GuestTables {
    /** PDTS of the directories: one page, of which 2^7 entries count. */
    private static final int PDTS = 0;

    private final IntelIommu iommu;
    private final TableMemory memory;
    private final LongCell rootTable;
    private final RefCell<GuestSpace> spaces;
    /** The guest's domain ids in use. */
    final IdPool domainIds;

    GuestTables(IntelIommu iommu, GuestMemory memory) {
        this.iommu = iommu;
        this.memory = TableMemory.guest(memory);
        long id = iommu.world().nextInstance();
        rootTable = new LongCell(iommu.world(), Touches.GUEST, id, 0);
        spaces = new RefCell<>(iommu.world(), Touches.GUEST, id);
        domainIds = new IdPool(iommu.world(), Touches.GUEST);
    }

    IntelIommu iommu() {
        return iommu;
    }

    /** Guest memory, by guest physical addresses. */
    TableMemory memory() {
        return memory;
    }

    /** The space of a PASID of a device; it is made on first use. */
    GuestSpace space(int sid, int pasid) {
        GuestSpace known = GuestSpace.find(spaces.get(), sid, pasid);
        if (known != null) {
            return known;
        }
        GuestSpace made = new GuestSpace(iommu.world(), Touches.GUEST, sid, pasid, spaces.get());
        spaces.set(made);
        return made;
    }

    /** How many PASIDs the directories are made for. */
    static int pasids() {
        return 1 << PDTS + 7 + PasidDirEntry.PASID_SHIFT;
    }

    /** Guest physical address of a PASID's entry; 0 if some table on the way is not there. */
    long find(int sid, int pasid) {
        long slot = directorySlot(sid, pasid);
        long word = slot == 0 ? 0 : memory.read(slot);
        return PasidDirEntry.P.isSet(word) ? PasidEntry.address(PasidDirEntry.SMPTBLPTR.inPlace(word), pasid) : 0;
    }

    /** {@code intel_pasid_get_entry} of the guest: the same, with the last table added. 0 without memory, or without context. */
    long findOrAdd(int sid, int pasid) {
        long slot = directorySlot(sid, pasid);
        if (slot == 0) {
            return 0;
        }
        if (!PasidDirEntry.P.isSet(memory.read(slot))) {
            long table = memory.allocate(1);
            if (table == TableMemory.NONE) {
                return 0;
            }
            memory.write(slot, PasidDirEntry.present(table));
        }
        return find(sid, pasid);
    }

    private long directorySlot(int sid, int pasid) {
        long context = context(sid);
        long word = context == 0 ? 0 : memory.read(context);
        return ScalableContextEntry.P.isSet(word)
                ? PasidDirEntry.address(ScalableContextEntry.PASIDDIRPTR.inPlace(word), pasid)
                : 0;
    }

    /** Guest physical address of a device's context entry; 0 if its table is not there. */
    private long context(int sid) {
        long root = rootTable.get() == 0 ? 0 : memory.read(rootWord(sid));
        return RootEntry.P.isSet(root) ? ScalableContextEntry.address(RootEntry.CTP.inPlace(root), sid) : 0;
    }

    private long rootWord(int sid) {
        return RootEntry.address(rootTable.get(), sid) + 8L * RootEntry.scalableWord(sid);
    }

    /** {@code iommu_alloc_root_entry} and {@code iommu_context_addr} of the guest; false without memory. */
    boolean addContextTable(int sid) {
        if (rootTable.get() == 0) {
            long root = memory.allocate(1);
            if (root == TableMemory.NONE) {
                return false;
            }
            rootTable.set(root);
        }
        if (context(sid) == 0) {
            long table = memory.allocate(1);
            if (table == TableMemory.NONE) {
                return false;
            }
            memory.write(rootWord(sid), RootEntry.present(table));
        }
        return true;
    }

    /** The guest's {@code device_pasid_table_setup}: a context entry with an empty directory; false without memory. */
    boolean addDirectory(int sid) {
        long context = context(sid);
        if (ScalableContextEntry.P.isSet(memory.read(context))) {
            return true;
        }
        long directory = memory.allocate(1);
        if (directory == TableMemory.NONE) {
            return false;
        }
        long[] entry = ScalableContextEntry.present(directory, PDTS, IntelIommu.NO_PASID);
        ScalableContextEntry.PASIDE.put(entry, 1);
        for (int word = entry.length - 1; word >= 0; word--) {
            memory.write(context + 8L * word, entry[word]);
        }
        return true;
    }
}

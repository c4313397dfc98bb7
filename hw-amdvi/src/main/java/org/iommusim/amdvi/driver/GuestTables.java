package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.GuestSpace;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** A guest's device table and GCR3 tables, and its address spaces. They stay as long as the guest. */
final class GuestTables {
    /** Its firmware tells of buses 0 to 7. */
    private static final int DEVICES = 8 << 8;

    private static final int TABLE_PAGES = DEVICES * Dte.BYTES / 0x1000;
    /** GCR3 tables have one level. */
    private static final int PASIDS = 512;
    /** Stands for a device itself in the list of spaces: its table is the GCR3 table, its id the domain id. */
    private static final int DEVICE = -1;

    private static final int FIRST_DOMAIN = 1;
    private static final int LAST_DOMAIN = 0xffff;

    private final AmdIommu iommu;
    private final TableMemory memory;
    private final LongCell deviceTable;
    private final RefCell<GuestSpace> spaces;
    private final IdPool domainIds;

    GuestTables(AmdIommu iommu, GuestMemory memory) {
        this.iommu = iommu;
        this.memory = TableMemory.guest(memory);
        long id = iommu.world().nextInstance();
        deviceTable = new LongCell(iommu.world(), Touches.GUEST, id, 0);
        spaces = new RefCell<>(iommu.world(), Touches.GUEST, id);
        domainIds = new IdPool(iommu.world(), Touches.GUEST);
    }

    AmdIommu iommu() {
        return iommu;
    }

    /** Guest memory, by guest physical addresses. */
    TableMemory memory() {
        return memory;
    }

    /** The space of a PASID of a device; it is made on first use. */
    GuestSpace space(int deviceId, int pasid) {
        GuestSpace known = GuestSpace.find(spaces.get(), deviceId, pasid);
        if (known != null) {
            return known;
        }
        GuestSpace made = new GuestSpace(iommu.world(), Touches.GUEST, deviceId, pasid, spaces.get());
        spaces.set(made);
        return made;
    }

    /** What belongs to a device whatever the PASID: {@code root} is its GCR3 table, {@code did} its domain id. */
    GuestSpace device(int deviceId) {
        return space(deviceId, DEVICE);
    }

    /** Whether device and PASID have a place in the tables. */
    static boolean fits(GuestSpace space) {
        return space.sid < DEVICES && space.pasid < PASIDS;
    }

    /** {@code alloc_dev_table} of the guest: entries that abort everything. Error: ENOMEM. */
    int addDeviceTable() {
        if (deviceTable.get() != 0) {
            return 0;
        }
        long table = memory.allocate(TABLE_PAGES);
        if (table == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        deviceTable.set(table);
        for (int id = 0; id < DEVICES; id++) {
            memory.write(Dte.address(table, id), Dte.V.mask() | Dte.TV.mask());
        }
        return 0;
    }

    /** {@code setup_gcr3_table} of the guest. Errors: ENOSPC, ENOMEM. */
    int addGcr3Table(int deviceId) {
        GuestSpace device = device(deviceId);
        if (device.root.get() != 0) {
            return 0;
        }
        int id = domainIds.allocate(FIRST_DOMAIN, LAST_DOMAIN);
        if (id == IdPool.NONE) {
            return Errno.ENOSPC;
        }
        long table = memory.allocate(1);
        if (table == TableMemory.NONE) {
            domainIds.free(id);
            return Errno.ENOMEM;
        }
        device.root.set(table);
        device.did.set(id);
        return 0;
    }

    /** Sets the tables of a PASID; 0 for none. */
    void setGcr3(GuestSpace space, long root) {
        long entry = Gcr3Entry.address(device(space.sid).root.get(), 0, space.pasid);
        memory.write(entry, root == 0 ? 0 : Gcr3Entry.valid(root));
    }

    /** A word of a device's entry; 0 without a table. */
    long dteWord(int deviceId, int word) {
        return deviceTable.get() == 0 || deviceId >= DEVICES
                ? 0
                : memory.read(Dte.address(deviceTable.get(), deviceId) + 8L * word);
    }

    /** Writes a half of a device's entry. */
    void writeHalf(int deviceId, int half, long[] words) {
        long address = Dte.address(deviceTable.get(), deviceId) + 16L * half;
        memory.write(address, words[2 * half]);
        memory.write(address + 8, words[2 * half + 1]);
    }

    /** The entry of a device with guest tables. */
    long[] entry(int deviceId) {
        GuestSpace device = device(deviceId);
        long[] words = Dte.passThrough(device.did.get());
        Dte.putGuest(words, device.root.get(), 1, 4);
        Dte.GIOV.put(words, 1);
        return words;
    }
}

package org.iommusim.amdvi.driver;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Capability;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;

/** What the driver knows of one unit: {@code struct amd_iommu}. */
final class AmdIommu {
    /** LOOP_TIMEOUT: 100000 looks, one in a microsecond. */
    static final long LOOP_TIMEOUT_PS = 100 * Picoseconds.MS;

    /** The domain id of the domain that passes everything; 0 is nobody's. */
    static final int IDENTITY_DOMAIN = 1;
    /** The first one that is given out. */
    static final int FIRST_DOMAIN = 2;
    /** The last one. */
    static final int LAST_DOMAIN = 0xffff;
    /** IOMMU_NO_PASID: the place in a GCR3 table that serves requests without a PASID. */
    static final int NO_PASID = 0;

    /** IOMMU_HW_INFO_TYPE_AMD. */
    private static final int HW_INFO_TYPE = 4;
    /** Hardware takes no wider PASIDs, whatever it says. */
    private static final int MOST_PASID_BITS = 16;

    private final IommuDevice device;
    private final IommuHost host;
    private final int capability;
    private final TableMemory tables;
    private final CommandBuffer commands;
    private final LogRing events;
    private final LogRing requests;
    private final RefCell<Efr> efr;
    private final LongCell deviceTable;
    private final RefCell<DevData> devices;
    private final List<DriverListener> listeners = new ArrayList<>();

    /** {@code pdom_ids}. */
    final IdPool domainIds;
    /** Which device a device id belongs to; in the kernel a list that is only added to. */
    final Lock devicesLock;

    AmdIommu(IommuDevice device, int capability, IommuHost host) {
        this.device = device;
        this.capability = capability;
        this.host = host;
        World world = world();
        tables = TableMemory.host(host.memory(), host.pages());
        commands = new CommandBuffer(this, world, device.name());
        events = new LogRing(this, world);
        requests = new LogRing(this, world);
        long id = world.nextInstance();
        efr = new RefCell<>(world, Touches.UNIT, id);
        deviceTable = new LongCell(world, Touches.UNIT, id + (1L << 40), 0);
        devices = new RefCell<>(world, Touches.DEVICE, id);
        domainIds = new IdPool(world, Touches.IDS);
        devicesLock = new Lock(world, device.name() + " dev_data_list", Lock.Kind.SPIN);
    }

    IommuDevice device() {
        return device;
    }

    IommuHost host() {
        return host;
    }

    World world() {
        return host.simulation().world();
    }

    PhysicalMemory memory() {
        return host.memory();
    }

    TableMemory tables() {
        return tables;
    }

    CommandBuffer commands() {
        return commands;
    }

    /** The event log. */
    LogRing events() {
        return events;
    }

    /** The PPR log; unused without the feature. */
    LogRing requests() {
        return requests;
    }

    String name() {
        return device.name();
    }

    /** Who watches. */
    Checkers checkers() {
        return host.simulation().checkers();
    }

    /** Price of storing an entry of a page table, ps. */
    long storePs() {
        return host.simulation().costs().ps(HostCost.TABLE_STORE);
    }

    // ---- registers ----------------------------------------------------------------------------------------------

    long read64(int offset) {
        return device.mmioRead(offset, 8);
    }

    void write64(int offset, long value) {
        device.mmioWrite(offset, 8, value);
    }

    // ---- what probing found -------------------------------------------------------------------------------------

    /** The feature registers; only after probing. */
    Efr efr() {
        return efr.require();
    }

    void found(Efr registers) {
        efr.set(registers);
    }

    /** IotlbSup of the capability header: functions may have a TLB. */
    boolean iotlbSup() {
        return Capability.IOTLB_SUP.isSet(capability);
    }

    /** {@code amd_iommu_np_cache}: what is not present may be cached, too. */
    boolean npCache() {
        return Capability.NP_CACHE.isSet(capability);
    }

    /** v2 tables behind a GCR3 table, also for requests without a PASID. */
    boolean guestTables() {
        return efr().gt() && efr().gio();
    }

    /** A guest's GCR3 table can be used where it lies: its addresses are the guest's. */
    boolean nesting() {
        return guestTables() && efr().gcr3Trp() && hostLevels() != 0;
    }

    /** Page requests are taken. */
    boolean pageRequests() {
        return efr().ppr() && guestTables();
    }

    /** How many PASIDs a device may have. */
    int pasids() {
        return guestTables() ? 1 << Math.min(MOST_PASID_BITS, efr().pasidBits()) : 0;
    }

    /** Levels of host tables that the driver makes; 0 if there are none. */
    int hostLevels() {
        return Math.min(V1Format.LEVELS, efr().hostLevels());
    }

    long deviceTable() {
        return deviceTable.get();
    }

    void deviceTable(long address) {
        deviceTable.set(address);
    }

    /** Address of the entry of a device. */
    long dte(int deviceId) {
        return Dte.address(deviceTable.get(), deviceId);
    }

    /** {@code struct iommu_hw_info_amd}. */
    HwInfo hwInfo(DevData device) {
        int log2 = device.maxPasids() == 0 ? 0 : Integer.numberOfTrailingZeros(device.maxPasids());
        return new HwInfo(HW_INFO_TYPE, UserData.bytes(efr().efr(), efr().efr2()), 0, log2);
    }

    /** The list of devices; call with {@link #devicesLock} held, or as one step. */
    RefCell<DevData> devices() {
        return devices;
    }

    // ---- messages -----------------------------------------------------------------------------------------------

    void listen(DriverListener listener) {
        listeners.add(listener);
    }

    void message(String text) {
        for (DriverListener listener : listeners) {
            listener.message(name(), text);
        }
    }

    void event(long[] record, String text) {
        for (DriverListener listener : listeners) {
            listener.event(name(), record.clone(), text);
        }
    }
}

package org.iommusim.vtd.driver;

import java.util.ArrayList;
import java.util.List;
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
import org.iommusim.vtd.spec.Cap;

/** What the driver knows of one unit: {@code struct intel_iommu}. */
final class IntelIommu {
    /** DMAR_OPERATION_TIMEOUT: for a command of GCMD. */
    static final long POLL_TIMEOUT_PS = 10 * Picoseconds.S;

    /** FLPT_DEFAULT_DID: the domain id of pass-through; 0 is left to caching mode. */
    static final int PASS_THROUGH_DID = 1;
    /** IDA_START_DID. */
    static final int FIRST_DID = 2;

    /** IOMMU_NO_PASID: the PASID whose entry serves requests without one (RID_PASID). */
    static final int NO_PASID = 0;

    /** IOMMU_HW_INFO_TYPE_INTEL_VTD. */
    private static final int HW_INFO_TYPE = 1;

    private final IommuDevice device;
    private final IommuHost host;
    private final TableMemory tables;
    private final InvalidationQueue qi;
    private final PageRequests requests;
    private final RefCell<Cap> cap;
    private final LongCell rootTable;
    private final RefCell<DeviceInfo> devices;
    private final List<DriverListener> listeners = new ArrayList<>();

    /** Domain ids in use. */
    final IdPool domainIds;
    /** {@code iommu->lock}: root, context and PASID tables. */
    final Lock lock;
    /** {@code iommu->did_lock}: domain ids and who uses them. */
    final Lock didLock;
    /** {@code device_rbtree_lock}: which device a source id belongs to. */
    final Lock devicesLock;
    /** {@code iopf_lock}: keeps a device from going while a page request of it is reported. */
    final Lock iopfLock;

    IntelIommu(IommuDevice device, IommuHost host) {
        this.device = device;
        this.host = host;
        World world = world();
        String name = device.name();
        tables = TableMemory.host(host.memory(), host.pages());
        qi = new InvalidationQueue(this, world, name);
        requests = new PageRequests(this, world, name);
        long id = world.nextInstance();
        cap = new RefCell<>(world, Touches.UNIT, id);
        rootTable = new LongCell(world, Touches.UNIT, id + (1L << 40), 0);
        devices = new RefCell<>(world, Touches.DEVICE, id);
        domainIds = new IdPool(world, Touches.IDS);
        lock = new Lock(world, name + " iommu->lock", Lock.Kind.SPIN);
        didLock = new Lock(world, name + " did_lock", Lock.Kind.MUTEX);
        devicesLock = new Lock(world, name + " device_rbtree_lock", Lock.Kind.SPIN);
        iopfLock = new Lock(world, name + " iopf_lock", Lock.Kind.MUTEX);
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

    InvalidationQueue qi() {
        return qi;
    }

    /** The page request queue; unused without the capability. */
    PageRequests requests() {
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

    /** Reads a 32-bit register, zero extended. */
    long read32(int offset) {
        return device.mmioRead(offset, 4) & 0xffff_ffffL;
    }

    long read64(int offset) {
        return device.mmioRead(offset, 8);
    }

    void write32(int offset, int value) {
        device.mmioWrite(offset, 4, value & 0xffff_ffffL);
    }

    void write64(int offset, long value) {
        device.mmioWrite(offset, 8, value);
    }

    // ---- what probing found -------------------------------------------------------------------------------------

    /** The capability registers; only after probing. */
    Cap cap() {
        return cap.require();
    }

    void found(Cap registers) {
        cap.set(registers);
    }

    /** {@code sm_supported}: scalable mode is used wherever there is one. */
    boolean scalable() {
        return cap().smts();
    }

    /** {@code pasid_supported}. */
    boolean pasids() {
        return scalable() && cap().pasid();
    }

    /** {@code nested_supported}. */
    boolean nesting() {
        return scalable() && cap().nest() && cap().fsts() && cap().ssts();
    }

    /** Page requests are taken: needs a way to drain them. */
    boolean pageRequests() {
        return scalable() && cap().prs();
    }

    long rootTable() {
        return rootTable.get();
    }

    void rootTable(long address) {
        rootTable.set(address);
    }

    /** {@code struct iommu_hw_info_vtd}. */
    HwInfo hwInfo(DeviceInfo info) {
        int log2 = info.maxPasids() == 0 ? 0 : Integer.numberOfTrailingZeros(info.maxPasids());
        return new HwInfo(HW_INFO_TYPE, UserData.bytes(0, cap().cap(), cap().ecap()), 0, log2);
    }

    /** The list of devices; call with {@link #devicesLock} held. */
    RefCell<DeviceInfo> devices() {
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

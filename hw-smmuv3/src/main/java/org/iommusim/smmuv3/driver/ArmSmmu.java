package org.iommusim.smmuv3.driver;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.kernel.IdPool;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;

/** What the driver knows of one SMMU: {@code struct arm_smmu_device}. */
final class ArmSmmu {
    /** ARM_SMMU_POLL_TIMEOUT_US. */
    static final long POLL_TIMEOUT_PS = Picoseconds.S;

    /** IOMMU_HW_INFO_TYPE_ARM_SMMUV3. */
    static final int HW_INFO_TYPE = 2;

    private final IommuDevice device;
    private final IommuHost host;
    private final TableMemory tables;
    private final CommandQueue cmdq;
    private final RefCell<IdRegs> ids;
    private final LongCell streamTable;
    private final IntCell streamBits;
    private final RefCell<Smmuv3Master> masters;
    private final List<DriverListener> listeners = new ArrayList<>();

    /** ASIDs in use. */
    final IdPool asids;
    /** VMIDs in use. */
    final IdPool vmids;
    /** {@code arm_smmu_asid_lock}: attaching, and giving out ids. */
    final Lock asidLock;
    /** Who watches. */
    Checkers checkers() {
        return host.simulation().checkers();
    }

    /** {@code streams_mutex}: which master a StreamID belongs to, and its vmaster. */
    final Lock streamsMutex;

    ArmSmmu(IommuDevice device, IommuHost host) {
        this.device = device;
        this.host = host;
        World world = world();
        String name = device.name();
        tables = TableMemory.host(host.memory(), host.pages());
        cmdq = new CommandQueue(this, world, name);
        long id = world.nextInstance();
        ids = new RefCell<>(world, Touches.DEVICE_DATA, id);
        streamTable = new LongCell(world, Touches.DEVICE_DATA, id + (1L << 40), 0);
        streamBits = new IntCell(world, Touches.DEVICE_DATA, id + (2L << 40), 0);
        masters = new RefCell<>(world, Touches.MASTER, id);
        asids = new IdPool(world, Touches.IDS);
        vmids = new IdPool(world, Touches.IDS);
        asidLock = new Lock(world, name + " arm_smmu_asid_lock", Lock.Kind.MUTEX);
        streamsMutex = new Lock(world, name + " streams_mutex", Lock.Kind.MUTEX);
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

    CommandQueue cmdq() {
        return cmdq;
    }

    String name() {
        return device.name();
    }

    // ---- registers ----------------------------------------------------------------------------------------------

    /** Reads a 32-bit register, zero extended. */
    long read32(int offset) {
        return device.mmioRead(offset, 4) & 0xffff_ffffL;
    }

    void write32(int offset, int value) {
        device.mmioWrite(offset, 4, value & 0xffff_ffffL);
    }

    void write64(int offset, long value) {
        device.mmioWrite(offset, 8, value);
    }

    // ---- what probing found -------------------------------------------------------------------------------------

    /** The identification registers; only after probing. */
    IdRegs ids() {
        return ids.require();
    }

    void found(IdRegs registers) {
        ids.set(registers);
    }

    /** ARM_SMMU_OPT_MSIPOLL: CMD_SYNC tells its completion by writing over itself. */
    boolean syncByMsi() {
        return ids().msi() && ids().coherent();
    }

    /** ARM_SMMU_FEAT_NESTING. */
    boolean nesting() {
        return ids().s1p() && ids().s2p();
    }

    void streamTable(long address, int log2Entries) {
        streamTable.set(address);
        streamBits.set(log2Entries);
    }

    long streamTable() {
        return streamTable.get();
    }

    int streamBits() {
        return streamBits.get();
    }

    /** Address of a stream's entry. */
    long ste(int sid) {
        return streamTable.get() + ((long) sid << Ste.SHIFT);
    }

    /** {@code struct iommu_hw_info_arm_smmuv3}. */
    HwInfo hwInfo() {
        IdRegs r = ids();
        int[] words = {0, 0, r.idr0(), r.idr1(), r.idr2(), r.idr3(), r.idr4(), r.idr5(), r.iidr(), r.aidr()};
        byte[] data = new byte[4 * words.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (words[i / 4] >>> 8 * (i % 4));
        }
        return new HwInfo(HW_INFO_TYPE, data, 0, 0);
    }

    // ---- streams ------------------------------------------------------------------------------------------------

    /** The list of masters; call with {@link #streamsMutex} held. */
    RefCell<Smmuv3Master> masters() {
        return masters;
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

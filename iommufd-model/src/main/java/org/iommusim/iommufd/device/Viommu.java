package org.iommusim.iommufd.device;

import java.util.List;
import java.util.OptionalLong;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.iommufd.eventq.VeventReport;
import org.iommusim.iommufd.eventq.VeventqList;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.MmapRegion;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A slice of a physical IOMMU for one VM, over a nesting parent ({@code struct iommufd_viommu}, viommu.c). */
public final class Viommu extends IommufdObject implements ViommuCore {
    /** The variable of all tables of vDEVICEs ({@code viommu->vdevs}). */
    public static final Variable VDEVS = Variable.named("iommufd.viommu.vdevs");
    /** The variable of all drivers' parts of vIOMMUs. */
    public static final Variable DRIVER_PART = Variable.named("iommufd.viommu.driver");

    private static final long PAGE = 4096;

    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_viommu_destroy")
            .invoke(
                    "viommu->ops->destroy",
                    f -> f.viommu.driverPart.get() == null
                            ? null
                            : f.viommu.driverPart.require().destroy())
            .step("hwpt users--", ObjectPrograms.USERS, f -> f.viommu.hwpt.usersDec("iommufd_viommu_destroy"))
            .step("xa_destroy vdevs", Footprint.of(VDEVS), Viommu::checkEmpty)
            .build();

    private final HwptPaging hwpt;
    private final IommuDriver driver;
    private final int viommuType;
    private final Lock vdevsLock;
    private final CellList<Slot> vdevs;
    private final RefCell<VirtualIommu> driverPart;
    private final VeventqList veventqs;

    /**
     * Memory for a vIOMMU.
     *
     * @param driver of the physical IOMMU that it is a slice of ({@code viommu->iommu_dev})
     */
    public Viommu(HwptPaging hwpt, IommuDriver driver, int viommuType) {
        super(hwpt.ctx(), ObjectType.VIOMMU);
        this.hwpt = hwpt;
        this.driver = driver;
        this.viommuType = viommuType;
        var world = ctx().kernel().world();
        vdevsLock = new Lock(world, "xa_lock(vdevs)", Lock.Kind.SPIN);
        vdevs = new CellList<>(world, VDEVS);
        driverPart = new RefCell<>(world, DRIVER_PART, stableId());
        veventqs = new VeventqList(world);
    }

    /** The nesting parent. */
    public HwptPaging hwpt() {
        return hwpt;
    }

    /** The driver of its physical IOMMU. */
    public IommuDriver driver() {
        return driver;
    }

    /** {@code IOMMU_VIOMMU_TYPE_*}. */
    public int viommuType() {
        return viommuType;
    }

    /** The driver's part; {@code null} inside until it was made. */
    public RefCell<VirtualIommu> driverPart() {
        return driverPart;
    }

    /** {@code viommu->veventqs}: the queues of its events. */
    public VeventqList veventqs() {
        return veventqs;
    }

    // ---- viommu->vdevs: each method under its xa_lock
    // -----------------------------------------------------------------

    /** {@code xa_insert} of the zero entry: reserves a virtual id; false if it is taken or reserved. */
    public boolean reserve(long virtId) {
        if (slot(virtId) != null) {
            return false;
        }
        vdevs.add(new Slot(virtId, null));
        return true;
    }

    /** {@code xa_release}: gives a reserved virtual id back. */
    public void release(long virtId) {
        Slot slot = slot(virtId);
        if (slot != null && slot.vdev == null) {
            vdevs.remove(slot);
        }
    }

    /** {@code xa_store}: publishes a vDEVICE at its reserved virtual id. */
    public void store(Vdevice vdev) {
        release(vdev.virtId());
        vdevs.add(new Slot(vdev.virtId(), vdev));
    }

    /** {@code xa_cmpxchg} of nothing by this vDEVICE; false if its virtual id is taken. */
    public boolean insert(Vdevice vdev) {
        if (slot(vdev.virtId()) != null) {
            return false;
        }
        vdevs.add(new Slot(vdev.virtId(), vdev));
        return true;
    }

    /**
     * {@code xa_cmpxchg} of this vDEVICE by nothing; nothing happens if it is not there.
     *
     * @return what was there
     */
    @Nullable
    Vdevice erase(Vdevice vdev) {
        Slot slot = slot(vdev.virtId());
        if (slot != null && slot.vdev == vdev) {
            vdevs.remove(slot);
        }
        return slot == null ? null : slot.vdev;
    }

    private @Nullable Slot slot(long virtId) {
        for (Slot slot : vdevs.items()) {
            if (slot.virtId == virtId) {
                return slot;
            }
        }
        return null;
    }

    /** The vDEVICE of a virtual id, or {@code null}; a reserved id has none. */
    public @Nullable Vdevice vdevice(long virtId) {
        Slot slot = slot(virtId);
        return slot == null ? null : slot.vdev;
    }

    // ---- what drivers see
    // ---------------------------------------------------------------------------------------------

    @Override
    public Lock vdevsLock() {
        return vdevsLock;
    }

    @Override
    public @Nullable IommuMaster findDevice(long virtualId) {
        Vdevice vdev = vdevice(virtualId);
        if (vdev == null) {
            return null;
        }
        vdev.touch("iommufd_viommu_find_dev");
        ctx().kernel().tell(DeviceWatcher.class, watcher -> watcher.lookedUp(this, vdev));
        HostDevice device = vdev.device();
        return device == null ? null : device.master();
    }

    @Override
    public OptionalLong virtualIdOf(IommuMaster master) {
        for (Slot slot : vdevs.items()) {
            if (slot.vdev != null && isOf(slot.vdev, master)) {
                return OptionalLong.of(slot.virtId);
            }
        }
        return OptionalLong.empty();
    }

    private static boolean isOf(Vdevice vdev, IommuMaster master) {
        HostDevice device = vdev.device();
        return device != null && device.isMaster(master);
    }

    @Override
    public void issuing() {
        ctx().kernel().tell(DeviceWatcher.class, watcher -> watcher.issues(this));
    }

    @Override
    public void carriedOut(int entries) {
        ctx().kernel().tell(InvalidationWatcher.class, watcher -> watcher.carriedOut(entries));
    }

    @Override
    public void reachedByVm(IommuMaster master, boolean reached) {
        ctx().kernel().tell(DeviceWatcher.class, watcher -> watcher.reachedByVm(master, reached));
    }

    @Override
    public void reporting(IommuMaster master, long virtualId) {
        ctx().kernel().tell(DeviceWatcher.class, watcher -> watcher.reports(this, master, virtualId));
    }

    @Override
    public Call<?> reportEvent(int type, byte[] payload) {
        touch("iommufd_viommu_report_event");
        return VeventReport.call(this, veventqs, type, payload);
    }

    @Override
    public int allocMmap(long physicalAddress, long length, LongCell offset) {
        if (physicalAddress % PAGE != 0 || length % PAGE != 0 || length == 0) {
            ctx().kernel().warn("iommufd_viommu_alloc_mmap", "a driver offers parts of pages");
            return Errno.EINVAL;
        }
        offset.set(ctx().mmaps().allocate(this, physicalAddress, length).offset());
        return 0;
    }

    @Override
    public void destroyMmap(long offset) {
        MmapRegion region = ctx().mmaps().load(offset);
        if (region == null || region.owner() != this) {
            ctx().kernel().warn("iommufd_viommu_destroy_mmap", "nothing of " + this + " is offered at " + offset);
        } else {
            ctx().mmaps().erase(region);
        }
    }

    // ---- object operations
    // --------------------------------------------------------------------------------------------

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    protected List<Lock> locks() {
        return List.of(vdevsLock, veventqs.rwsem());
    }

    private static void checkEmpty(Self f) {
        if (!f.viommu.vdevs.isEmpty()) {
            f.viommu.ctx().kernel().warn("iommufd_viommu_destroy", f.viommu + " has vDEVICEs left");
        }
    }

    @Override
    public String detail() {
        return "hwpt " + hwpt.id();
    }

    @Override
    public List<String> contents() {
        return vdevs.items().stream()
                .map(slot -> "virt_id 0x" + Long.toHexString(slot.virtId()) + (slot.vdev() == null ? ", reserved" : ""))
                .toList();
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(hwpt, 1, this + " is on it");
        ctx().mmaps().holds(this, sink);
    }

    private record Slot(long virtId, @Nullable Vdevice vdev) implements Identified {
        @Override
        public long stableId() {
            return virtId * 1_000_003 + (vdev == null ? 1 : vdev.stableId() * 31 + 2);
        }
    }

    private static final class Self extends Frame {
        private final Viommu viommu;

        Self(Viommu viommu) {
            super(viommu.ctx().kernel().world());
            this.viommu = viommu;
        }
    }
}

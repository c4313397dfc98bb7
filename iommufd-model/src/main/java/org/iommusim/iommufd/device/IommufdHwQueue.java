package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwQueue;
import org.iommusim.hw.driver.HwQueueCore;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.iommufd.access.AccessIoas;
import org.iommusim.iommufd.access.AccessLife;
import org.iommusim.iommufd.access.AccessPin;
import org.iommusim.iommufd.access.IommufdAccess;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * A queue in guest memory that the hardware reads by physical address ({@code struct iommufd_hw_queue}, viommu.c). It holds
 * its vIOMMU, and by an internal access the pages: they cannot be unmapped from the nesting parent while it lives.
 */
public final class IommufdHwQueue extends IommufdObject implements HwQueueCore {
    /** The variable of what hardware queues consist of. */
    public static final Variable PARTS = Variable.named("iommufd.hw_queue.parts");
    /** The variable of which queues depend on which; changes together with {@code users}. */
    private static final Variable DEPEND = Variable.named("iommufd.object.users.hw_queue_depend");

    private static final Footprint LOAD = Footprint.of(PARTS);

    /** Also the end of one that was never finished: whatever is missing is skipped. */
    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_hw_queue_destroy")
            .branch(
                    "the driver has initialised it",
                    LOAD,
                    f -> f.queue.driverPart.get() != null,
                    b -> b.invoke(
                            "hw_queue->destroy",
                            f -> f.queue.driverPart.require().destroy()))
            .branch(
                    "has an access",
                    LOAD,
                    f -> f.queue.access.get() != null,
                    b -> b.invokeIgnoringError(
                                    "iommufd_access_unpin_pages",
                                    f -> AccessPin.unpin(f.access(), f.queue.firstPage(), f.queue.pinnedBytes()))
                            .invokeIgnoringError("iommufd_access_detach_internal", f -> AccessIoas.detach(f.access()))
                            .invokeIgnoringError(
                                    "iommufd_access_destroy_internal", f -> AccessLife.destroy(f.access())))
            .branch(
                    "hw_queue->viommu",
                    LOAD,
                    f -> f.queue.linked.get() != 0,
                    b -> b.step(
                            "viommu users--",
                            ObjectPrograms.USERS,
                            f -> f.queue.viommu.usersDec("iommufd_hw_queue_destroy")))
            .build();

    private final Viommu viommu;
    private final int queueType;
    private final long baseAddr;
    private final long length;
    private final IntCell linked;
    private final RefCell<IommufdAccess> access;
    private final RefCell<HwQueue> driverPart;
    private final RefCell<IommufdHwQueue> dependsOn;

    /**
     * Memory for a queue.
     *
     * @param viommu whose it will be
     * @param queueType {@code IOMMU_HW_QUEUE_TYPE_*}
     * @param baseAddr where it lies in the nesting parent's address space
     * @param length its bytes
     */
    public IommufdHwQueue(Viommu viommu, int queueType, long baseAddr, long length) {
        super(viommu.ctx(), ObjectType.HW_QUEUE);
        this.viommu = viommu;
        this.queueType = queueType;
        this.baseAddr = baseAddr;
        this.length = length;
        var world = ctx().kernel().world();
        linked = new IntCell(world, PARTS, stableId() + (3L << 40), 0);
        access = new RefCell<>(world, PARTS, stableId() + (1L << 40));
        driverPart = new RefCell<>(world, PARTS, stableId() + (2L << 40));
        dependsOn = new RefCell<>(world, DEPEND, stableId());
    }

    /** {@code hw_queue->viommu}: from here on it holds a users reference on its vIOMMU. */
    public void link() {
        linked.set(1);
    }

    /** {@code hw_queue->access}: what pins its pages. */
    public RefCell<IommufdAccess> access() {
        return access;
    }

    /** The driver's part; {@code null} inside until the driver has initialised it. */
    public RefCell<HwQueue> driverPart() {
        return driverPart;
    }

    /** First address of the pages that it lies in. */
    public long firstPage() {
        return baseAddr & -PhysicalMemory.PAGE_BYTES;
    }

    /** Bytes of the pages that it lies in. */
    public long pinnedBytes() {
        long offset = baseAddr - firstPage();
        return offset + length + PhysicalMemory.PAGE_BYTES - 1 & -PhysicalMemory.PAGE_BYTES;
    }

    // ---- what drivers see -------------------------------------------------------------------------------------------

    @Override
    public ViommuCore viommu() {
        return viommu;
    }

    @Override
    public int queueType() {
        return queueType;
    }

    @Override
    public long baseAddr() {
        return baseAddr;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public int dependOn(HwQueueCore other) {
        if (other == this || !(other instanceof IommufdHwQueue depended) || depended.viommu != viommu) {
            return Errno.EINVAL;
        }
        depended.usersInc("iommufd_hw_queue_depend");
        dependsOn.set(depended);
        return 0;
    }

    @Override
    public void undependOn(HwQueueCore other) {
        dependsOn.require().usersDec("iommufd_hw_queue_undepend");
        dependsOn.set(null);
    }

    // ---- object operations ------------------------------------------------------------------------------------------

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public String detail() {
        return "type 0x" + Integer.toHexString(queueType) + ", at 0x" + Long.toHexString(baseAddr) + ", " + length
                + " B";
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(viommu, 1, this + " is on it");
        IommufdHwQueue depended = dependsOn.get();
        if (depended != null) {
            sink.users(depended, 1, this + " depends on it");
        }
    }

    private static final class Self extends Frame {
        private final IommufdHwQueue queue;

        Self(IommufdHwQueue queue) {
            super(queue.ctx().kernel().world());
            this.queue = queue;
        }

        private IommufdAccess access() {
            return queue.access.require();
        }
    }
}

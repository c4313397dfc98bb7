package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.GuestEntry;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;

/** What a VMM keeps of a device whose configuration entry in its guest it follows. */
final class TrappedDevice implements Identified {
    final GuestActor guest;
    final long virtualId;
    final IommufdCtx ctx;
    final VfioFile file;
    /** Ids of the DEVICE, of the vIOMMU, and of the two nested HWPTs that say nothing but abort and bypass. */
    final long dev;

    final long viommu;
    final long abort;
    final long bypass;

    private final long id;
    private final LongCell nested;
    private final RefCell<GuestEntry> done;

    TrappedDevice(StepArguments step, GuestActor guest, IommufdCtx ctx, VfioFile file) {
        World world = step.actor().machine().simulation().world();
        this.guest = guest;
        this.ctx = ctx;
        this.file = file;
        virtualId = step.number("virt_id", 0);
        dev = step.reference("dev");
        viommu = step.reference("viommu");
        abort = step.reference("abort");
        bypass = step.reference("bypass");
        id = world.nextInstance();
        nested = new LongCell(world, GuestActor.VCPU, id, 0);
        done = new RefCell<>(world, GuestActor.VCPU, id + (1L << 40));
    }

    /** Id of the nested HWPT of the guest's tables that the device is attached to; 0: none. */
    LongCell nested() {
        return nested;
    }

    /** What the entry said when the VMM did the same with the device; empty before the first time. */
    RefCell<GuestEntry> done() {
        return done;
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return file.device().device().toString();
    }
}

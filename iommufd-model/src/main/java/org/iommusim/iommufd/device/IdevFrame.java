package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.SplitRemoval;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** Frame of the programs that take a bound device down. */
final class IdevFrame extends Frame {
    /** Cached before the idev can go away. */
    final IommufdCtx ctx;

    final Idev idev;
    /** The vDEVICE that the idev pointed to. */
    final RefCell<Vdevice> vdev = ref();
    /** What a look-up found; it may be another object. */
    final RefCell<IommufdObject> found = ref();
    /** A number that a step leaves for a later one: an id, or 1 for yes. */
    final IntCell note = count();
    /** A removal in two parts. */
    private final RefCell<SplitRemoval> removal = ref();
    /** The answer of a removal. */
    final IntCell error = count();

    IdevFrame(Idev idev) {
        super(idev.ctx().kernel().world());
        this.idev = idev;
        ctx = idev.ctx();
    }

    boolean noted() {
        return note.get() != 0;
    }

    boolean hasVdev() {
        return vdev.get() != null;
    }

    /** {@code iommufd_get_vdevice(ictx, idev->vdev->obj.id)}: by the id only, so that it may find another vDEVICE. */
    void getVdevById() {
        Vdevice wanted = vdev.require();
        wanted.touch("idev->vdev->obj.id");
        @Nullable IommufdObject object = ctx.objects().get(wanted.id(), ObjectType.VDEVICE);
        found.set(object);
        if (object != null && object != wanted) {
            ctx.kernel().warn("iommufd_device_remove_vdev", "the id of " + wanted + " leads to another object");
        }
    }

    boolean foundAnother() {
        return found.get() != null && found.get() != vdev.get();
    }

    Call<?> beginRemoval() {
        SplitRemoval both = ObjectPrograms.removal(idev);
        removal.set(both);
        return both.untilUnlinked();
    }

    Call<?> endRemoval() {
        return removal.require().rest();
    }

    void putFile() {
        if (ctx.filePut()) {
            // Its destroyer came through the file or through a bound VFIO device, and both hold it.
            throw new IllegalStateException("the file of " + ctx + " ends inside of a call");
        }
    }
}

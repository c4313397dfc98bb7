package org.iommusim.iommufd.vfio;

import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** An open device file ({@code struct vfio_device_file}, df). */
public final class VfioFile extends KernelFile {
    /** The variable of the state of open device files; under {@code dev_set->lock}. */
    public static final Variable DF = Variable.named("vfio.df");

    /** What a look at the file's state touches. */
    static final Footprint STATE = Footprint.of(DF);

    private final VfioDevice device;
    private final IntCell accessGranted;
    private final IntCell attached;
    private final CellList<Pasid> pasids;
    private final RefCell<IommufdCtx> iommufd;
    private final RefCell<Idev> idev;

    VfioFile(VfioDevice device) {
        super(device.device().kernel(), "vfio " + device);
        this.device = device;
        World world = device.device().kernel().world();
        long instance = stableId();
        accessGranted = new IntCell(world, DF, instance, 0);
        attached = new IntCell(world, DF, instance + (1L << 40), 0);
        pasids = new CellList<>(world, DF);
        iommufd = new RefCell<>(world, DF, instance + (2L << 40));
        idev = new RefCell<>(world, DF, instance + (3L << 40));
    }

    /** The device. */
    public VfioDevice device() {
        return device;
    }

    /** The context that it is bound to, or {@code null}. */
    public @Nullable IommufdCtx iommufd() {
        return iommufd.get();
    }

    /** The DEVICE object, or {@code null} while it is not bound. */
    public @Nullable Idev idev() {
        return idev.get();
    }

    RefCell<IommufdCtx> iommufdCell() {
        return iommufd;
    }

    RefCell<Idev> idevCell() {
        return idev;
    }

    /** {@code df->access_granted}: bound. */
    boolean accessGranted() {
        return accessGranted.get() != 0;
    }

    void accessGranted(boolean granted) {
        accessGranted.set(granted ? 1 : 0);
    }

    /** {@code vdev->iommufd_attached}, or whether a PASID is in {@code vdev->pasids}. */
    boolean attached(int pasid) {
        return pasid == DeviceAttach.NO_PASID ? attached.get() != 0 : pasids.contains(new Pasid(pasid));
    }

    void attached(int pasid, boolean now) {
        if (pasid == DeviceAttach.NO_PASID) {
            attached.set(now ? 1 : 0);
            return;
        }
        pasids.remove(new Pasid(pasid));
        if (now) {
            pasids.add(new Pasid(pasid));
        }
    }

    /** The lowest PASID that is attached, or {@link DeviceAttach#NO_PASID}. */
    int firstPasid() {
        return pasids.items().stream().mapToInt(Pasid::number).min().orElse(DeviceAttach.NO_PASID);
    }

    @Override
    public Call<?> release() {
        return Vfio.close(this);
    }

    private record Pasid(int number) implements Identified {
        @Override
        public long stableId() {
            return number;
        }
    }
}

package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/**
 * A device as a vIOMMU knows it ({@code struct iommufd_vdevice}, viommu.c). It holds a users reference on its vIOMMU, and it
 * keeps the reference on both counts with which its allocation found the idev.
 */
public final class Vdevice extends IommufdObject {
    /** The variable of whether drivers have initialised vDEVICEs. */
    public static final Variable INITIALISED = Variable.named("iommufd.vdevice.initialised");

    /** Called with igroup->lock held. In 7.3 the driver lets go first: until the erase an invalidation finds it torn down. */
    private static final Program<Self> ABORT = Program.<Self>named("iommufd_vdevice_abort")
            .branch(
                    "driver has initialised it",
                    Footprint.of(INITIALISED),
                    f -> f.vdev.initialised.get() != 0,
                    b -> b.invoke("vdev->destroy", Self::driverDestroy))
            .lock("xa_lock(vdevs)", f -> f.vdev.viommu.vdevsLock())
            // Does nothing for an allocation that failed before it had stored the vDEVICE.
            .step("xa_cmpxchg vdev by nothing", Footprint.of(Viommu.VDEVS), f -> f.vdev.viommu.erase(f.vdev))
            .undoNow("xa_lock(vdevs)")
            .step("viommu users--", ObjectPrograms.USERS, f -> f.vdev.viommu.usersDec("iommufd_vdevice_abort"))
            .step("idev->vdev = NULL", Footprint.of(Idev.VDEV, IommufdObject.LIFE), f -> f.vdev.idev.vdev(null))
            .build();

    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_vdevice_destroy")
            .lock("igroup->lock", f -> f.vdev.idev.igroup().lock())
            .invoke("iommufd_vdevice_abort", f -> f.vdev.abort())
            .undoNow("igroup->lock")
            // Last of all: an unbind that waits for this reference frees the idev and its igroup at once.
            .invoke("iommufd_put_object idev", f -> ObjectPrograms.put(f.vdev.idev))
            .build();

    private final Viommu viommu;
    private final Idev idev;
    private final long virtId;
    private final IntCell initialised;

    /** Memory for a vDEVICE. */
    public Vdevice(Viommu viommu, Idev idev, long virtId) {
        super(viommu.ctx(), ObjectType.VDEVICE);
        this.viommu = viommu;
        this.idev = idev;
        this.virtId = virtId;
        initialised = new IntCell(ctx().kernel().world(), INITIALISED, stableId(), 0);
    }

    /** Its vIOMMU. */
    public Viommu viommu() {
        return viommu;
    }

    /** Its device. */
    public Idev idev() {
        return idev;
    }

    /** The device's virtual id. */
    public long virtId() {
        return virtId;
    }

    /** The driver's vdevice_init has succeeded: destroying it calls the driver again. */
    public void setInitialised() {
        initialised.set(1);
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public Call<?> abort() {
        return new Call<>(ABORT, new Self(this));
    }

    @Override
    public String detail() {
        return "viommu " + viommu.id() + ", device " + idev.id() + ", virt_id 0x" + Long.toHexString(virtId);
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(viommu, 1, this + " is on it");
        sink.users(idev, 1, this + " keeps the reference of its allocation");
        sink.waits(idev, this + " keeps the reference of its allocation");
    }

    private static final class Self extends Frame {
        private final Vdevice vdev;

        Self(Vdevice vdev) {
            super(vdev.ctx().kernel().world());
            this.vdev = vdev;
        }

        private Call<?> driverDestroy() {
            VirtualIommu part = vdev.viommu.driverPart().require();
            return part.vdeviceDestroy(vdev.idev.dev().master(), vdev.virtId);
        }
    }
}

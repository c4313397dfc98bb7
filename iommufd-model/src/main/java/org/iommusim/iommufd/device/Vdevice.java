package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.iommufd.policy.VdeviceRules;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * A device as a vIOMMU knows it ({@code struct iommufd_vdevice}, viommu.c). It holds a users reference on its vIOMMU. What
 * it points to and holds of its device depends on the kernel: the idev, the {@code struct device}, or both.
 */
public final class Vdevice extends IommufdObject {
    /** The variable of whether drivers have initialised vDEVICEs. */
    public static final Variable INITIALISED = Variable.named("iommufd.vdevice.initialised");
    /** The variable of what vDEVICEs point to. */
    public static final Variable LINKS = Variable.named("iommufd.vdevice.links");

    /** Value of {@link #initialised} when the driver was called to take it down. */
    private static final int TORN_DOWN = 2;

    private final Viommu viommu;
    private final Idev madeFor;
    private final long virtId;
    private final IntCell initialised;
    private final RefCell<Idev> idev;
    private final RefCell<HostDevice> dev;
    private final IntCell viommuForgotten;

    /** Memory for a vDEVICE that points to nothing of its device yet. */
    public Vdevice(Viommu viommu, Idev madeFor, long virtId) {
        super(viommu.ctx(), ObjectType.VDEVICE);
        this.viommu = viommu;
        this.madeFor = madeFor;
        this.virtId = virtId;
        var world = ctx().kernel().world();
        initialised = new IntCell(world, INITIALISED, stableId(), 0);
        idev = new RefCell<>(world, LINKS, stableId());
        dev = new RefCell<>(world, LINKS, stableId() + (1L << 40));
        viommuForgotten = new IntCell(world, LINKS, stableId() + (2L << 40), 0);
    }

    // ---- what it points to
    // --------------------------------------------------------------------------------------------

    /** Its vIOMMU. */
    public Viommu viommu() {
        return viommu;
    }

    /** True until {@link #forgetViommu}. */
    boolean hasViommu() {
        touch("vdev->viommu");
        return viommuForgotten.get() == 0;
    }

    /** {@code vdev->viommu = NULL}: it is torn down already. */
    void forgetViommu() {
        touch("vdev->viommu");
        viommuForgotten.set(1);
    }

    /** {@code vdev->idev}, which is set. */
    public Idev idev() {
        touch("vdev->idev");
        return idev.require();
    }

    /** {@code vdev->idev}. */
    @Nullable
    Idev idevOrNull() {
        touch("vdev->idev");
        return idev.get();
    }

    /** Sets {@code vdev->idev}. */
    public void idev(@Nullable Idev newIdev) {
        touch("vdev->idev");
        idev.set(newIdev);
    }

    /** {@code vdev->dev}, in a kernel where a vDEVICE holds the struct device. */
    HostDevice heldDevice() {
        touch("vdev->dev");
        return dev.require();
    }

    /** {@code vdev->dev = get_device(dev)}. */
    public void hold(HostDevice device) {
        touch("vdev->dev");
        device.get();
        dev.set(device);
    }

    /**
     * {@code iommufd_vdevice_to_device}: the struct device of a look-up by virtual id. Nothing keeps its {@code dev->iommu};
     * {@code null} if the kernel has unlinked a vDEVICE whose device is gone.
     */
    public @Nullable HostDevice device() {
        HostDevice held = dev.get();
        if (held != null) {
            return held;
        }
        Idev bound = idev.get();
        return bound == null ? null : bound.dev();
    }

    /** The device that it was made for, whatever it points to now. */
    public Idev madeFor() {
        return madeFor;
    }

    /** True if it was made for this device. */
    public boolean isOf(Idev idev) {
        return madeFor == idev;
    }

    /** The device's virtual id. */
    public long virtId() {
        return virtId;
    }

    /** What its driver has done about it. */
    public enum DriverState {
        /** In this kernel drivers know nothing of vDEVICEs. */
        NONE,
        /** The driver's vdevice_init has not succeeded yet. */
        INITIALISING,
        /** It has. */
        READY,
        /** The driver was called to take it down. */
        TORN_DOWN
    }

    /** True once the driver's vdevice_init has succeeded. */
    boolean initialised() {
        return initialised.get() != 0;
    }

    /** The driver's vdevice_init has succeeded: destroying it calls the driver again. */
    public void setInitialised() {
        initialised.set(1);
    }

    /** The driver is called to take it down. */
    void setTornDown() {
        initialised.set(TORN_DOWN);
    }

    /** What its driver has done about it. */
    public DriverState driverState() {
        if (!ctx().kernel().policy().vdevices().knownToDriver()) {
            return DriverState.NONE;
        }
        return switch (initialised.get()) {
            case 0 -> DriverState.INITIALISING;
            case TORN_DOWN -> DriverState.TORN_DOWN;
            default -> DriverState.READY;
        };
    }

    // ---- object operations
    // --------------------------------------------------------------------------------------------

    @Override
    public Call<?> destroy() {
        return new Call<>(ctx().kernel().policy().programs().get(VdevicePrograms.DESTROY), new VdeviceFrame(this));
    }

    @Override
    public Call<?> abort() {
        return new Call<>(ctx().kernel().policy().programs().get(VdevicePrograms.ABORT), new VdeviceFrame(this));
    }

    @Override
    public String detail() {
        return "viommu " + viommu.id() + ", device " + madeFor.id() + ", virt_id 0x" + Long.toHexString(virtId);
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(viommu, 1, this + " is on it");
        VdeviceRules rules = ctx().kernel().policy().vdevices();
        if (rules.onIdev() == VdeviceRules.OnIdev.USERS) {
            sink.users(madeFor, 1, this + " holds it");
        } else if (rules.onIdev() == VdeviceRules.OnIdev.REFERENCE) {
            sink.users(madeFor, 1, this + " keeps the reference of its allocation");
            sink.waits(madeFor, this + " keeps the reference of its allocation");
        }
        if (rules.holdsDevice()) {
            HostDevice held = heldDevice();
            sink.share(held, "get_device", held.references(), 1);
        }
        if (rules.heldByIdev()) {
            sink.users(this, 1, "its device is bound");
        }
    }
}

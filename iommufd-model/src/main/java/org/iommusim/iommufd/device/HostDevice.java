package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/** A device as the kernel knows it ({@code struct device}), with the state of its IOMMU ({@code dev->iommu}). */
public final class HostDevice implements Identified {
    /** The variable of all {@code dev->iommu}. */
    public static final Variable DEV_IOMMU = Variable.named("device.iommu");

    private final Kernel kernel;
    private final PciFunction function;
    private final IommuDriver driver;
    private final IommuGroup group;
    private final long instance;
    private final RefCell<IommuMaster> master;

    /**
     * A device that the IOMMU driver does not know yet.
     *
     * @param group the group that it will be part of
     */
    public HostDevice(Kernel kernel, PciFunction function, IommuDriver driver, IommuGroup group) {
        this.kernel = kernel;
        this.function = function;
        this.driver = driver;
        this.group = group;
        instance = kernel.world().nextInstance();
        master = new RefCell<>(kernel.world(), DEV_IOMMU, instance);
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    /** The hardware. */
    public PciFunction function() {
        return function;
    }

    /** The driver of the IOMMU that it sits behind. */
    public IommuDriver driver() {
        return driver;
    }

    /** Its group. */
    public IommuGroup group() {
        return group;
    }

    RefCell<IommuMaster> masterCell() {
        return master;
    }

    /** True between probe and release. */
    public boolean probed() {
        return master.get() != null;
    }

    /**
     * {@code dev->iommu} with the driver's master. Whoever asks after the device was released from its IOMMU uses freed
     * memory: that is reported, and the machine stops.
     */
    public IommuMaster master() {
        IommuMaster present = master.get();
        if (present == null) {
            kernel.simulation()
                    .violations()
                    .report(Kernel.USE_AFTER_FREE, "dev->iommu of " + function + " is used after iommu_release_device");
            throw new IllegalStateException("dev->iommu of " + function + " is null");
        }
        return present;
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return function.name();
    }
}

package org.iommusim.iommufd.check;

import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;

/** A look-up by virtual id never finds a vDEVICE that its driver has not initialised yet, or has torn down already. */
public final class HalfMade implements Checker, DeviceWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "half-made", "nobody finds a vDEVICE that its driver has not initialised yet or has torn down already");

    private final Kernel kernel;

    /** Watches a kernel. */
    public HalfMade(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void lookedUp(Viommu viommu, Vdevice vdev) {
        switch (vdev.driverState()) {
            case INITIALISING -> report(viommu, vdev, "which its driver has not initialised yet");
            case TORN_DOWN -> report(viommu, vdev, "which its driver has torn down already");
            case NONE, READY -> {}
        }
    }

    private void report(Viommu viommu, Vdevice vdev, String how) {
        kernel.simulation()
                .violations()
                .report(
                        INFO.name(),
                        "virtual id 0x" + Long.toHexString(vdev.virtId()) + " of " + viommu + " is looked up and finds "
                                + vdev + ", " + how);
    }
}

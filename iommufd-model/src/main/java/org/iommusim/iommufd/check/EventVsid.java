package org.iommusim.iommufd.check;

import java.util.OptionalLong;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;

/** An event names its device by the virtual id that the device has now. */
public final class EventVsid implements Checker, DeviceWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("event-vsid", "an event names its device by the virtual id that the device has now");

    private final Kernel kernel;

    /** Watches a kernel. */
    public EventVsid(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void reports(Viommu viommu, IommuMaster master, long virtualId) {
        OptionalLong now = viommu.virtualIdOf(master);
        if (now.isEmpty() || now.getAsLong() != virtualId) {
            String has = now.isEmpty() ? "which has none any more" : "which has 0x" + Long.toHexString(now.getAsLong());
            kernel.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            "an event of " + master.name() + " goes to " + viommu + " under virtual id 0x"
                                    + Long.toHexString(virtualId) + ", " + has + owner(viommu, virtualId));
        }
    }

    private static String owner(Viommu viommu, long virtualId) {
        var vdev = viommu.vdevice(virtualId);
        return vdev == null ? "" : "; that id is " + vdev + " (" + vdev.detail() + ") now";
    }
}

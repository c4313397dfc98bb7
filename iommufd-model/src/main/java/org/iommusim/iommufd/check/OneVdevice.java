package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.iommufd.object.Removal;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * In a kernel whose bound devices point to their vDEVICE ({@code idev->vdev}) a device has one at most. That a virtual id has
 * one at most follows from the table of virtual ids.
 */
public final class OneVdevice implements Checker, ObjectWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("one-vdevice", "a bound device that points to its vDEVICE has no other one");

    private static final Variable LIVE = Variable.named("check.one-vdevice");

    private final Kernel kernel;
    private final TreeMap<Long, RefCell<Vdevice>> live = new TreeMap<>();

    /** Watches a kernel. */
    public OneVdevice(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(LIVE);
    }

    @Override
    public void published(IommufdObject object) {
        if (!(object instanceof Vdevice vdev)) {
            return;
        }
        Idev idev = vdev.madeFor();
        Vdevice other = live(idev).get();
        if (other != null && !idev.freed() && idev.vdev() != null) {
            kernel.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            idev + " (" + idev.detail() + ") gets " + vdev + " (" + vdev.detail() + ") although it has "
                                    + other + " (" + other.detail() + ")");
        }
        live(idev).set(vdev);
    }

    @Override
    public void unlinked(IommufdObject object, Removal how) {
        if (object instanceof Vdevice vdev && live(vdev.madeFor()).get() == vdev) {
            live(vdev.madeFor()).set(null);
        }
    }

    private RefCell<Vdevice> live(Idev idev) {
        return live.computeIfAbsent(idev.stableId(), k -> new RefCell<>(kernel.world(), LIVE, k));
    }
}

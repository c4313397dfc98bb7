package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * A guest's virtual id reaches a device only while that device is bound to the guest's own context, and only through the
 * IOMMU that the device is behind. Judged when the virtual id is looked up, and again when the command goes to the hardware.
 */
public final class WrongContext implements Checker, ObjectWatcher, DeviceWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("wrong-context", "a guest reaches only devices that are bound to its own context now");

    private static final Variable FOUND = Variable.named("check.wrong-context");

    private static final Variable BOUND = Variable.named("check.wrong-context.bound");

    private final Kernel kernel;
    private final TreeMap<Long, RefCell<IommufdCtx>> bound = new TreeMap<>();
    /** What each task has looked up and not handed on. */
    private final TreeMap<Long, RefCell<Found>> found = new TreeMap<>();

    /** Watches a kernel. */
    public WrongContext(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(FOUND, BOUND);
    }

    @Override
    public void published(IommufdObject object) {
        if (object instanceof Idev idev) {
            bound(idev.dev()).set(idev.ctx());
        }
    }

    /** Until then nobody else can have it, although its object may be on its way out. */
    @Override
    public void disclaimed(HostDevice device, int claims) {
        bound(device).set(null);
    }

    @Override
    public void lookedUp(Viommu viommu, Vdevice vdev) {
        HostDevice device = vdev.device();
        if (device == null) {
            return;
        }
        String id = "virtual id 0x" + Long.toHexString(vdev.virtId()) + " of " + viommu;
        if (viommu.driver() != device.driver()) {
            report(id + " translates to " + device
                    + ", which is behind another IOMMU: its stream there is somebody else's");
        } else if (bound(device).get() != viommu.ctx()) {
            report(id + " translates to " + device + ", which is not bound to " + viommu.ctx() + " any more");
        } else {
            remember(device);
        }
    }

    @Override
    public void issues(Viommu viommu) {
        Task task = kernel.simulation().checkers().running();
        if (task == null) {
            return;
        }
        RefCell<Found> cell = found(task);
        for (Found f = cell.get(); f != null; f = f.next) {
            if (bound(f.device).get() != viommu.ctx()) {
                report("a command of " + viommu + " goes to " + f.device + ", which was unbound from " + viommu.ctx()
                        + " since its virtual id was looked up");
            }
        }
        cell.set(null);
    }

    private void remember(HostDevice device) {
        Task task = kernel.simulation().checkers().running();
        if (task != null) {
            RefCell<Found> cell = found(task);
            cell.set(new Found(device, cell.get()));
        }
    }

    /** To which context a device is bound. */
    private RefCell<IommufdCtx> bound(HostDevice device) {
        return bound.computeIfAbsent(device.stableId(), k -> new RefCell<>(kernel.world(), BOUND, k));
    }

    private void report(String what) {
        kernel.simulation().violations().report(INFO.name(), what);
    }

    private RefCell<Found> found(Task task) {
        return found.computeIfAbsent(task.stableId(), k -> new RefCell<>(kernel.world(), FOUND, k));
    }

    private record Found(HostDevice device, @Nullable Found next) implements Identified {
        @Override
        public long stableId() {
            return device.stableId() * 31 + (next == null ? 1 : next.stableId() * 131);
        }
    }
}

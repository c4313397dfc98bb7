package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.iommufd.object.Removal;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * An id that an allocating ioctl has given to user space names the same object until user space destroys it, and a removal
 * by id removes what the remover means. Found where an id is given out again, where IOMMU_DESTROY hits another object than
 * the one for which its caller got the id, and where an unbind that goes by id hits what is not of its device.
 */
public final class IdReuse implements Checker, ObjectWatcher, DeviceWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "id-reuse", "an id names the object for which user space got it until user space destroys that");

    private static final Variable GIVEN = Variable.named("check.id-reuse");

    private final Kernel kernel;
    private final UserMade userMade;
    /** For which object user space got an id, by context and id. */
    private final TreeMap<Long, RefCell<IommufdObject>> given = new TreeMap<>();
    /** Which device a task unbinds, by task. */
    private final TreeMap<Long, RefCell<Idev>> unbinding = new TreeMap<>();

    /** Watches a kernel. */
    public IdReuse(Kernel kernel) {
        this.kernel = kernel;
        userMade = new UserMade(kernel);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(GIVEN);
    }

    @Override
    public void published(IommufdObject object) {
        RefCell<IommufdObject> cell = given(object);
        IommufdObject before = cell.get();
        if (before != null) {
            report(object + " gets the id for which user space got " + describe(before)
                    + " and which it has not destroyed:" + " its IOMMU_DESTROY will hit the wrong object");
        }
        cell.set(userMade.now(object) ? object : null);
    }

    @Override
    public void unlinked(IommufdObject object, Removal how) {
        RefCell<IommufdObject> cell = given(object);
        IommufdObject meant = cell.get();
        if (how == Removal.RELEASE) {
            cell.set(null);
        } else if (how == Removal.BY_ID && userMade.byUser()) {
            if (meant != null && meant != object) {
                report("IOMMU_DESTROY of id " + object.id() + " hits " + describe(object)
                        + ", but user space got the id for " + describe(meant));
            }
            cell.set(null);
        } else if (how == Removal.BY_ID) {
            byUnbind(object);
        }
    }

    /** A kernel that goes by id, and what it hits. */
    private void byUnbind(IommufdObject object) {
        Task task = kernel.simulation().checkers().running();
        Idev idev = task == null ? null : unbinding(task).get();
        if (idev != null && !(object instanceof Vdevice vdev && vdev.isOf(idev))) {
            report("the unbind of " + idev + " goes by id and destroys " + describe(object)
                    + ", which is not of that device");
        }
    }

    @Override
    public void unbinds(Idev idev) {
        Task task = kernel.simulation().checkers().running();
        if (task != null) {
            unbinding(task).set(idev);
        }
    }

    private void report(String what) {
        kernel.simulation().violations().report(INFO.name(), what);
    }

    private static String describe(@Nullable IommufdObject object) {
        return object == null ? "nothing" : object + " (" + object.detail() + ")";
    }

    private RefCell<IommufdObject> given(IommufdObject object) {
        long key = object.ctx().stableId() * 0x1_0000_0000L + object.id();
        return given.computeIfAbsent(key, k -> new RefCell<>(kernel.world(), GIVEN, k));
    }

    private RefCell<Idev> unbinding(Task task) {
        return unbinding.computeIfAbsent(task.stableId(), k -> new RefCell<>(kernel.world(), GIVEN, k + (1L << 62)));
    }
}

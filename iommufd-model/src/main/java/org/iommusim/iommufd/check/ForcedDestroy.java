package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.iommufd.object.Removal;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/** What user space made only user space destroys, or the end of its context. */
public final class ForcedDestroy implements Checker, ObjectWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "forced-destroy", "what user space made only user space destroys, or the end of its context");

    private static final Variable MADE = Variable.named("check.forced-destroy");

    private final Kernel kernel;
    private final UserMade userMade;
    private final TreeMap<Long, IntCell> made = new TreeMap<>();

    /** Watches a kernel. */
    public ForcedDestroy(Kernel kernel) {
        this.kernel = kernel;
        userMade = new UserMade(kernel);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(MADE);
    }

    @Override
    public void published(IommufdObject object) {
        // An access that an ioctl makes for the kernel's own use has no id that its user was told.
        if (userMade.now(object) && object.type() != ObjectType.ACCESS) {
            made(object).set(1);
        }
    }

    @Override
    public void unlinked(IommufdObject object, Removal how) {
        IntCell cell = made(object);
        if (cell.get() == 0) {
            return;
        }
        cell.set(0);
        boolean wanted = how == Removal.RELEASE || userMade.exits() || how == Removal.BY_ID && userMade.byUser();
        if (!wanted) {
            kernel.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            "the kernel destroys " + object + " (" + object.detail()
                                    + "), which user space made and has" + " not destroyed; its id "
                                    + (how == Removal.TOMBSTONE ? "stays taken" : "is free"));
        }
    }

    private IntCell made(IommufdObject object) {
        return made.computeIfAbsent(object.stableId(), k -> new IntCell(kernel.world(), MADE, k, 0));
    }
}

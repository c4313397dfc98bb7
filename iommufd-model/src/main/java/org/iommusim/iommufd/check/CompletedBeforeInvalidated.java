package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.iommufd.device.InvalidationWatcher;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/**
 * IOMMU_HWPT_INVALIDATE counts an entry as handled only if the hardware has carried it out. Knows only what drivers say; a
 * driver that says nothing of an array that it was given has carried nothing of it out.
 */
public final class CompletedBeforeInvalidated implements Checker, InvalidationWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "completed-before-invalidated", "an invalidation that user space is told is done has been carried out");

    private static final Variable DONE = Variable.named("check.completed-before-invalidated");

    private final Kernel kernel;
    private final TreeMap<Long, IntCell> done = new TreeMap<>();

    /** Watches a kernel. */
    public CompletedBeforeInvalidated(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(DONE);
    }

    @Override
    public void carriedOut(int entries) {
        Task task = kernel.simulation().checkers().running();
        if (task != null) {
            done(task).set(entries);
        }
    }

    @Override
    public void answers(int entries) {
        Task task = kernel.simulation().checkers().running();
        if (task == null) {
            return;
        }
        int carriedOut = done(task).get();
        done(task).set(0);
        if (entries > carriedOut) {
            kernel.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            task + " is told that " + entries + " invalidations are done, but only " + carriedOut
                                    + " were carried out: what the others cover may still be used");
        }
    }

    private IntCell done(Task task) {
        return done.computeIfAbsent(task.stableId(), k -> new IntCell(kernel.world(), DONE, k, 0));
    }
}

package org.iommusim.iommufd.check;

import java.util.List;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.FaultWatcher;
import org.iommusim.iommufd.eventq.IopfGroup;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.EndWatcher;
import org.iommusim.sim.world.Variable;

/** A group of page requests gets one answer: at the end one that has none still lies where user space can answer it. */
public final class FaultResponse implements Checker, FaultWatcher, EndWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("fault-response", "every group of page requests is answered once");

    private static final Variable WAITING = Variable.named("check.fault-response");

    private final Kernel kernel;
    private final Contexts contexts;
    private final CellList<IopfGroup> waiting;

    /** Watches a kernel. */
    public FaultResponse(Kernel kernel, Contexts contexts) {
        this.kernel = kernel;
        this.contexts = contexts;
        waiting = new CellList<>(kernel.world(), WAITING);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(WAITING);
    }

    @Override
    public void formed(IopfGroup group) {
        waiting.add(group);
    }

    @Override
    public void answered(IopfGroup group) {
        if (!waiting.remove(group)) {
            report(group + " is answered a second time");
        }
    }

    @Override
    public void atEnd() {
        for (IopfGroup group : waiting.items()) {
            if (!answerable(group)) {
                report(group + " has no answer and lies where nobody can answer it: its device waits for ever");
            }
        }
    }

    private boolean answerable(IopfGroup group) {
        for (IommufdCtx ctx : contexts.opened()) {
            for (IommufdObject object : ctx.objects().live()) {
                if (object instanceof Fault fault && fault.holds(group)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void report(String what) {
        kernel.simulation().violations().report(INFO.name(), what);
    }
}

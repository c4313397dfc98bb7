package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.iommufd.check.Contexts;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.EndWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.Variable;

/**
 * Every reference of a context is explained by somebody who holds it. Judged when nobody is inside the kernel: calls hold
 * references of their own. In a timed run that is after each step of an actor with which no other overlaps; an exploration
 * asks at the end of a schedule only, because who must know whether all others are outside depends on all of them.
 */
public final class References implements Checker, ActorWatcher, EndWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "references", "every reference on a context's objects and file is explained by somebody who holds it");

    private static final Variable INSIDE = Variable.named("check.references.inside");
    private static final Variable REPORTED = Variable.named("check.references.reported");

    private final Simulation simulation;
    private final Contexts contexts;
    private final boolean afterEveryStep;
    private final CellList<Actor> inside;
    /** One cause, one message: what is wrong stays wrong. */
    private final CellList<Finding> reported;

    /**
     * Watches a machine.
     *
     * @param afterEveryStep whether to look after each step, too; else only at the end
     */
    public References(Machine machine, boolean afterEveryStep) {
        simulation = machine.simulation();
        contexts = machine.contexts();
        this.afterEveryStep = afterEveryStep;
        inside = new CellList<>(simulation.world(), INSIDE);
        reported = new CellList<>(simulation.world(), REPORTED);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(INSIDE);
    }

    @Override
    public void begins(Actor actor, Verb verb) {
        if (afterEveryStep && !verb.waits()) {
            inside.add(actor);
        }
    }

    @Override
    public void ended(Actor actor, Verb verb, int errno) {
        if (afterEveryStep) {
            inside.remove(actor);
            if (inside.isEmpty()) {
                audit(verb.name());
            }
        }
    }

    @Override
    public void atEnd() {
        for (Task task : simulation.checkers().tasks()) {
            if (!task.idle()) {
                return;
            }
        }
        audit("at the end");
    }

    private void audit(String when) {
        for (IommufdCtx ctx : contexts.opened()) {
            if (!ctx.released()) {
                GraphAudit.of(ctx, contexts.holders(ctx)).forEach(finding -> report(when, finding));
            }
        }
    }

    private void report(String when, String what) {
        Finding finding = new Finding(what);
        if (!reported.contains(finding)) {
            reported.add(finding);
            simulation.violations().report(INFO.name(), when + ": " + what);
        }
    }

    private record Finding(String what) implements Identified {
        @Override
        public long stableId() {
            return what.hashCode() * 2L + 1;
        }
    }
}

package org.iommusim.iommufd.actor;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.iommufd.check.Contexts;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.object.GraphSnapshot;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * A call that fails leaves nothing behind: the contexts are as they were before it. Judged of steps that a test made to fail
 * and with which no other step overlapped.
 */
public final class NotRestored implements Checker, ActorWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("not-restored", "a call that fails leaves its context as it was");

    private static final Variable BEFORE = Variable.named("check.not-restored");

    /** What stays done in part when it fails: areas that went, entries that were carried out. */
    private static final Set<String> PARTIAL = new TreeSet<>(List.of("IOMMU_IOAS_UNMAP", "IOMMU_HWPT_INVALIDATE"));

    /**
     * Where a failure leaves something behind: the kernel does not unmap when only the answer cannot be copied, and an attach
     * whose answer cannot be copied detaches the device even if it had been attached before.
     */
    private static final Set<String> KEPT = new TreeSet<>(List.of(
            "IOMMU_IOAS_MAP: iommufd_ucmd_respond",
            "IOMMU_IOAS_MAP_FILE: iommufd_ucmd_respond",
            "IOMMU_IOAS_COPY: iommufd_ucmd_respond",
            "VFIO_DEVICE_ATTACH_IOMMUFD_PT: copy pt_id"));

    private final Simulation simulation;
    private final FaultInjection faults;
    private final Contexts contexts;
    private final TreeMap<Long, RefCell<Inside>> inside = new TreeMap<>();

    /** Watches a machine. */
    public NotRestored(Machine machine) {
        simulation = machine.simulation();
        faults = machine.kernel().faults();
        contexts = machine.contexts();
    }

    /** A step that is under way. */
    private record Inside(List<GraphSnapshot> before, boolean alone) {}

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void begins(Actor actor, Verb verb) {
        if (verb.waits()) {
            return;
        }
        boolean alone = true;
        for (RefCell<Inside> cell : inside.values()) {
            Inside other = cell.get();
            if (other != null) {
                alone = false;
                cell.set(new Inside(other.before, false));
            }
        }
        cell(actor).set(new Inside(injecting() ? snapshots() : List.of(), alone));
    }

    @Override
    public void ended(Actor actor, Verb verb, int errno) {
        Inside step = cell(actor).get();
        cell(actor).set(null);
        String fired = faults.firedAt();
        if (step != null && step.alone && !step.before.isEmpty() && !fired.isEmpty() && errno < 0) {
            compare(step, verb, fired);
        }
    }

    private RefCell<Inside> cell(Actor actor) {
        return inside.computeIfAbsent(actor.stableId(), k -> new RefCell<>(simulation.world(), BEFORE, k));
    }

    private boolean injecting() {
        return faults != FaultInjection.NONE && faults.firedAt().isEmpty();
    }

    private void compare(Inside step, Verb verb, String fired) {
        if (PARTIAL.contains(verb.name()) || KEPT.contains(fired)) {
            return;
        }
        List<GraphSnapshot> after = snapshots();
        for (int i = 0; i < step.before.size(); i++) {
            List<String> differences = step.before.get(i).differences(after.get(i));
            if (!differences.isEmpty()) {
                simulation
                        .violations()
                        .report(INFO.name(), verb.name() + " failed at " + fired + " and left: " + differences);
            }
        }
    }

    private List<GraphSnapshot> snapshots() {
        return contexts.opened().stream().map(GraphSnapshot::of).toList();
    }
}

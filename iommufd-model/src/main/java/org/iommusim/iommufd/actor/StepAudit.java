package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.GraphSnapshot;
import org.iommusim.iommufd.object.IommufdCtx;

/**
 * Looks at every context when nobody is inside the kernel: all references must be explained ({@code references}), and a step
 * that was made to fail must have left nothing behind ({@code not-restored}). It watches and never changes a result.
 */
final class StepAudit {
    private static final String REFERENCES = "references";
    private static final String NOT_RESTORED = "not-restored";

    /** What stays done in part when it fails: areas that went, entries that were carried out. */
    private static final Set<String> PARTIAL = new TreeSet<>(List.of("IOMMU_IOAS_UNMAP", "IOMMU_HWPT_INVALIDATE"));

    /** Where a failure leaves what was done: the kernel does not unmap when only the answer cannot be copied. */
    private static final Set<String> KEPT = new TreeSet<>(List.of(
            "IOMMU_IOAS_MAP: iommufd_ucmd_respond",
            "IOMMU_IOAS_MAP_FILE: iommufd_ucmd_respond",
            "IOMMU_IOAS_COPY: iommufd_ucmd_respond"));

    private final Machine machine;
    private final List<IommufdCtx> contexts = new ArrayList<>();
    private final Map<String, Inside> inside = new TreeMap<>();
    private final Set<String> reported = new TreeSet<>();

    StepAudit(Machine machine) {
        this.machine = machine;
    }

    /** A step that is under way. */
    private static final class Inside {
        final List<GraphSnapshot> before;
        boolean alone = true;

        Inside(List<GraphSnapshot> before) {
            this.before = before;
        }
    }

    /** A context was opened: it is looked at until it is released. */
    void opened(IommufdCtx ctx) {
        contexts.add(ctx);
    }

    /** An actor's step begins. */
    void begins(String actor, Verb verb) {
        if (verb.waits()) {
            return;
        }
        Inside step = new Inside(injecting() ? snapshots() : List.of());
        inside.values().forEach(other -> other.alone = false);
        step.alone = inside.isEmpty();
        inside.put(actor, step);
    }

    /** It has ended; {@code errno} is its answer. */
    void ended(String actor, Verb verb, int errno) {
        Inside step = inside.remove(actor);
        if (!inside.isEmpty()) {
            return;
        }
        for (IommufdCtx ctx : contexts) {
            if (!ctx.released()) {
                GraphAudit.of(ctx, holders(ctx)).forEach(finding -> report(REFERENCES, verb.name() + ": " + finding));
            }
        }
        String fired = machine.kernel().faults().firedAt();
        if (step != null && step.alone && !step.before.isEmpty() && !fired.isEmpty() && errno < 0) {
            compare(step, verb, fired);
        }
    }

    private boolean injecting() {
        FaultInjection faults = machine.kernel().faults();
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
                report(NOT_RESTORED, verb.name() + " failed at " + fired + " and left: " + differences);
            }
        }
    }

    private List<GraphSnapshot> snapshots() {
        return contexts.stream().map(GraphSnapshot::of).toList();
    }

    /** Descriptors of a context, and device files that are bound to it. */
    private int holders(IommufdCtx ctx) {
        int holders = 0;
        for (Actor actor : machine.actors()) {
            if (actor instanceof VmmActor vmm) {
                holders += vmm.holdersOf(ctx);
            }
        }
        return holders;
    }

    /** One cause, one message: what is wrong stays wrong. */
    private void report(String checker, String finding) {
        if (reported.add(finding.substring(finding.indexOf(':')))) {
            machine.simulation().violations().report(checker, finding);
        }
    }
}

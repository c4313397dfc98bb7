package org.iommusim.scenario.language;

import java.util.List;
import java.util.stream.Stream;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.actor.Verbs;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.variant.Variants;

/** What this build of the simulator can do. */
public final class Installed {
    private Installed() {}

    /**
     * One line of a list.
     *
     * @param name the word that scenarios or options use
     * @param summary one sentence
     */
    public record Row(String name, String summary) {}

    /** Verbs, policies, vendors, checks and patches. */
    public static Vocabulary vocabulary() {
        return new Vocabulary(
                Verbs.all(),
                Kernels.all().stream()
                        .map(policy -> new Vocabulary.KernelWord(policy.name(), policy.acceptedIds()))
                        .toList(),
                IommuProvider.all(),
                checks().stream().map(Row::name).toList(),
                patches().stream().map(Row::name).toList());
    }

    /** Kernel policies, the default one first. */
    public static List<Row> policies() {
        return Kernels.all().stream()
                .map(policy -> new Row(policy.name(), describe(policy)))
                .toList();
    }

    private static String describe(LifecyclePolicy policy) {
        return policy.summary()
                + (policy.reconstructed() ? " (reconstructed)" : "")
                + (policy.accepted().isEmpty() ? "" : "; accepts " + String.join(", ", policy.acceptedIds()));
    }

    /** Known bugs that a kernel or a driver can be given, by name. */
    public static List<Row> patches() {
        return Variants.all().stream()
                .map(variant -> new Row(variant.name(), variant.bug() + ": " + variant.summary()))
                .toList();
    }

    /** Checks by the name under which they report: first those that are always on, then those of explorations. */
    public static List<Row> checks() {
        return Stream.concat(alwaysOn().stream(), ofExplorations().stream()).toList();
    }

    private static List<Row> alwaysOn() {
        return List.of(
                new Row("boot", "the machine boots: every IOMMU driver probes its hardware"),
                new Row(Kernel.WARN, "the kernel reaches none of its own warnings"),
                new Row(Kernel.USE_AFTER_FREE, "nobody uses a kernel object that was freed"),
                new Row("freed-page", "no access, by software or by hardware, reaches a page that was freed"),
                new Row("freed-pinned-page", "no page is freed while it is pinned"),
                new Row("stale-use", "no translation is used after the CMD_SYNC that completed its invalidation"),
                new Row("sleep-in-atomic", "no task sleeps with a spinlock held"),
                new Row("references", "every reference that an object counts has a holder"),
                new Row("not-restored", "a step that was made to fail leaves nothing behind"));
    }

    private static List<Row> ofExplorations() {
        return List.of(
                new Row("unexpected-errno", "every step answers what its script allows"),
                new Row("deadlock", "no task waits for what only a waiting task can give"),
                new Row("unbounded-wait", "no task waits without a bound for user memory or for a user"),
                new Row("lost-wakeup", "nobody sleeps on until a timer although what it waits for has happened"),
                new Row("leak", "nothing is left when the last file of a context is gone"),
                new Row("lock-order", "locks are taken in an order without a circle"),
                new Row("lock-held-at-exit", "no task ends a system call with a lock held"),
                new Row("unbind-lock-sleep", "nobody sleeps on user memory with a lock held that unbind needs"),
                new Row("id-reuse", "an id names the same object until its user destroys it"),
                new Row("stale-translation", "no translation is used after its invalidation was completed"),
                new Row("wrong-context", "no device's request or command reaches another owner's context"),
                new Row("torn-read", "hardware reads no descriptor that is half written"),
                new Row("fault-response", "every fault is answered once"),
                new Row("completed-before-invalidated", "no command counts as done before the hardware has done it"),
                new Row("must-succeed", "what cannot be refused is not refused"),
                new Row("spurious-busy", "EBUSY only while somebody uses the object"),
                new Row("half-made", "nobody sees an object that is not ready, or no longer"));
    }
}

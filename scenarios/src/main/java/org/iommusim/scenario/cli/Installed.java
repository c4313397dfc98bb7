package org.iommusim.scenario.cli;

import java.util.List;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.actor.Verbs;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.scenario.language.Vocabulary;

/** What this build of the simulator can do. */
final class Installed {
    private Installed() {}

    /**
     * One line of a list.
     *
     * @param name the word that scenarios or options use
     * @param summary one sentence
     */
    record Row(String name, String summary) {}

    /** Verbs, policies and vendors. */
    static Vocabulary vocabulary() {
        return new Vocabulary(Verbs.all(), policies().stream().map(Row::name).toList(), IommuProvider.all());
    }

    /** Kernel policies, the default one first. */
    static List<Row> policies() {
        return LifecyclePolicy.all().stream()
                .map(policy -> new Row(policy.name(), policy.summary()))
                .toList();
    }

    /** Checks that are always on, by the name under which they report. */
    static List<Row> checks() {
        return List.of(
                new Row("boot", "the machine boots: every IOMMU driver probes its hardware"),
                new Row(Kernel.WARN, "the kernel reaches none of its own warnings"),
                new Row(Kernel.USE_AFTER_FREE, "nobody uses a kernel object that was freed"),
                new Row("freed-page", "no access, by software or by hardware, reaches a page that was freed"),
                new Row("freed-pinned-page", "no page is freed while it is pinned"),
                new Row("stale-use", "no translation is used after the CMD_SYNC that completed its invalidation"),
                new Row("sleep-in-atomic", "no task sleeps with a spinlock held"));
    }
}

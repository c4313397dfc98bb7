package org.iommusim.scenario.language;

import java.util.List;
import java.util.stream.Stream;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.actor.CheckerList;
import org.iommusim.iommufd.actor.Verbs;
import org.iommusim.iommufd.kernels.Kernels;
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

    /** Checks by the name under which they report: first those that are always on, then those that are attached. */
    public static List<Row> checks() {
        return Stream.concat(CheckerList.builtIn().stream(), CheckerList.attached().stream())
                .map(info -> new Row(info.name(), info.summary()))
                .toList();
    }
}

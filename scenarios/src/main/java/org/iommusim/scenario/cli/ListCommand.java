package org.iommusim.scenario.cli;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Preset;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.policy.PolicyDiff;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code list}: what is bundled, one line each, the name first. */
@Command(name = "list", description = "Lists what is bundled.")
final class ListCommand implements Callable<Integer> {
    /** What can be listed. */
    enum What {
        scenarios,
        policies,
        presets,
        checks,
        patches,
        counterexamples
    }

    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "WHAT",
            description = "One of ${COMPLETION-CANDIDATES}; without it, all of them.")
    private List<What> what = List.of();

    @Option(
            names = "--diff",
            arity = "2",
            paramLabel = "POLICY",
            description = "With policies: shows step by step what differs between two of them.")
    private List<String> diff = List.of();

    @Spec
    private @Nullable CommandSpec spec;

    ListCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (!diff.isEmpty()) {
            if (!what.equals(List.of(What.policies)) || diff.size() != 2) {
                throw wrong("option '--diff': expected 'list policies --diff POLICY POLICY'");
            }
            console.out().print(PolicyDiff.of(policy(diff.get(0)), policy(diff.get(1))));
        } else if (what.isEmpty()) {
            for (What each : What.values()) {
                console.out().println(each + ":");
                print(each, "  ");
            }
        } else {
            print(what.get(0), "");
        }
        return Exit.OK;
    }

    private LifecyclePolicy policy(String name) {
        return Kernels.find(name)
                .orElseThrow(() -> wrong("option '--diff': found '" + name + "', expected one of "
                        + Kernels.all().stream().map(LifecyclePolicy::name).toList()));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private void print(What each, String indent) {
        switch (each) {
            case scenarios -> Library.bundled().forEach(entry -> row(indent, entry.name(), entry.summary()));
            case policies -> Installed.policies().forEach(row -> row(indent, row.name(), row.summary()));
            case presets -> {
                for (IommuProvider provider : IommuProvider.all()) {
                    for (Preset preset : provider.presets()) {
                        row(indent, provider.kind() + "/" + preset.name(), preset.description());
                    }
                }
            }
            case checks -> Installed.checks().forEach(row -> row(indent, row.name(), row.summary()));
            case counterexamples ->
                Library.counterexamples().forEach(name -> console.out().println(indent + name));
            case patches -> Installed.patches().forEach(row -> row(indent, row.name(), row.summary()));
        }
    }

    private void row(String indent, String name, String summary) {
        console.out().println(indent + String.format(java.util.Locale.ROOT, "%-28s", name) + " " + summary);
    }
}

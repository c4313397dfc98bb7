package org.iommusim.scenario.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Preset;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.library.Library;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code list}: what is bundled, one line each, the name first. */
@Command(name = "list", description = "Lists what is bundled.")
final class ListCommand implements Callable<Integer> {
    /** What can be listed. */
    enum What {
        scenarios,
        policies,
        presets,
        checks
    }

    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "WHAT",
            description = "One of ${COMPLETION-CANDIDATES}; without it, all of them.")
    private List<What> what = List.of();

    ListCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (what.isEmpty()) {
            for (What each : What.values()) {
                console.out().println(each + ":");
                print(each, "  ");
            }
        } else {
            print(what.get(0), "");
        }
        return Exit.OK;
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
        }
    }

    private void row(String indent, String name, String summary) {
        console.out().println(indent + String.format(java.util.Locale.ROOT, "%-28s", name) + " " + summary);
    }
}

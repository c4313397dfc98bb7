package org.iommusim.scenario.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Commands that are agreed but not built: any arguments, one line, exit status 2. */
abstract class NotBuilt implements Callable<Integer> {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec known = Objects.requireNonNull(spec);
        throw new ParameterException(known.commandLine(), "the command '" + known.name() + "' is not built yet");
    }

    /** A grid of runs. */
    @Command(name = "sweep", description = "Runs a grid of parameter values (not built yet).")
    static final class Sweep extends NotBuilt {}
}

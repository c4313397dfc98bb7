package org.iommusim.scenario.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.iommusim.scenario.language.ScenarioException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** All commands by name, and what happens when one fails. */
final class Commands {
    private final Console console;
    private final Map<String, Supplier<Callable<Integer>>> all = new LinkedHashMap<>();

    Commands(Console console) {
        this.console = console;
        all.put("run", () -> new RunCommand(console));
        all.put("validate", () -> new ValidateCommand(console));
        all.put("list", () -> new ListCommand(console));
        all.put("report", () -> new ReportCommand(console));
        all.put("explore", () -> new ExploreCommand(console));
        all.put("replay", () -> new ReplayCommand(console));
        all.put("check", () -> new CheckCommand(console));
        all.put("conform", () -> new ConformCommand(console));
        all.put("sweep", () -> new SweepCommand(console));
    }

    /** Runs what the arguments say. */
    int execute(String... arguments) {
        return commandLine(arguments).execute(arguments);
    }

    private CommandLine commandLine(String... arguments) {
        CommandLine root = new CommandLine(new RootCommand());
        // One known command: the others need not be loaded.
        Supplier<Callable<Integer>> one = arguments.length == 0 ? null : all.get(arguments[0]);
        if (one != null) {
            root.addSubcommand(arguments[0], one.get());
        } else {
            all.forEach((name, command) -> root.addSubcommand(name, command.get()));
        }
        root.setOut(console.out());
        root.setErr(console.err());
        root.setColorScheme(new ColorScheme.Builder(console.colour() ? Ansi.ON : Ansi.OFF).build());
        root.setUsageHelpLongOptionsMaxWidth(28);
        root.setParameterExceptionHandler((e, words) -> badUsage(e));
        root.setExecutionExceptionHandler(
                (e, line, parsed) -> failed(e, List.of(arguments).contains("--debug")));
        return root;
    }

    private int badUsage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        String message = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().get(0);
            boolean subcommand = command.getParent() == null && !word.startsWith("-");
            message = "found the unknown " + (subcommand ? "command" : "argument") + " '" + word + "'";
            List<String> near = unmatched.getSuggestions();
            message += near.isEmpty() ? "" : ", did you mean '" + near.get(0).strip() + "'?";
        }
        console.err()
                .println("iommusim: " + message + " (see '"
                        + command.getCommandSpec().qualifiedName() + " --help')");
        return Exit.BAD_INPUT;
    }

    /** Tells in one line why a command failed; the exit status. */
    int failed(Throwable e, boolean debug) {
        if (e instanceof ScenarioException) {
            console.err().println(e.getMessage());
            return Exit.BAD_INPUT;
        }
        String message = String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
        console.err()
                .println("iommusim: internal error: " + e.getClass().getSimpleName() + ": " + message
                        + (debug ? "" : " (--debug shows where)"));
        if (debug) {
            e.printStackTrace(console.err());
        }
        return Exit.INTERNAL;
    }
}

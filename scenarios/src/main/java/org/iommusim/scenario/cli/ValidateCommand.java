package org.iommusim.scenario.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.scenario.run.Runner;
import org.iommusim.scenario.schema.SchemaCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code validate}: says of every scenario whether it can be run, without running it. */
@Command(name = "validate", description = "Checks scenarios against the schema and the rules, without running them.")
final class ValidateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(arity = "1..*", paramLabel = "SCENARIO", description = "Files or bundled names.")
    private List<String> scenarios = List.of();

    ValidateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ScenarioLoader loader = new ScenarioLoader(Installed.vocabulary());
        SchemaCheck schema = SchemaCheck.published();
        int status = Exit.OK;
        for (String name : scenarios) {
            try {
                ScenarioSource source = Library.find(name);
                Scenario scenario = loader.load(source.name(), source.utf8(), source.attachments());
                schema.check(source.name(), source.utf8());
                Runner.tryMachine(scenario);
                console.out().println(source.name() + ": valid (" + scenario.name() + ")");
            } catch (ScenarioException e) {
                console.err().println(e.getMessage());
                status = Exit.BAD_INPUT;
            }
        }
        return status;
    }
}

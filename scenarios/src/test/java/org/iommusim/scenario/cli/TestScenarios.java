package org.iommusim.scenario.cli;

import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;

/** Scenarios for tests outside of this package, read with the installed vocabulary. */
public final class TestScenarios {
    private TestScenarios() {}

    /** A bundled one. */
    public static Scenario bundled(String name) {
        ScenarioSource source = Library.find(name);
        return new ScenarioLoader(Installed.vocabulary()).load(source.name(), source.utf8(), source.attachments());
    }
}

package org.iommusim.scenario.cli;

import org.iommusim.scenario.language.Attachments;
import org.iommusim.scenario.language.Installed;
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
        return load(source.name(), source.utf8(), source.attachments());
    }

    /** One of a test's own. */
    public static Scenario load(byte[] utf8, Attachments attachments) {
        return load("own.json", utf8, attachments);
    }

    private static Scenario load(String name, byte[] utf8, Attachments attachments) {
        return new ScenarioLoader(Installed.vocabulary()).load(name, utf8, attachments);
    }
}

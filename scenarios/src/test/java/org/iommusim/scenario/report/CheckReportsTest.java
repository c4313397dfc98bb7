package org.iommusim.scenario.report;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.check.CheckCase;
import org.iommusim.scenario.check.CheckVerdict;
import org.iommusim.scenario.check.CheckVerdict.Status;
import org.iommusim.scenario.language.BadInputTest;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.language.TestVocabulary;
import org.junit.jupiter.api.Test;

/** What suites look like, with verdicts made by hand. */
class CheckReportsTest {
    private static final List<String> KERNELS = List.of("linux-7.3", "linux-6.17", "linux-6.13");

    private final List<CheckVerdict> verdicts = List.of(
            new CheckVerdict(new CheckCase.Run("a.json", scenario("plain")), Status.PASSED, "pass", List.of(), ""),
            new CheckVerdict(
                    new CheckCase.Run("b.json", scenario("other")),
                    Status.FAILED,
                    "FAIL",
                    List.of(),
                    "expected that /expect/0 stuck: 0, found <1> & \"more\""),
            explore("s1-forget", "linux-7.3", Status.PASSED, "safe", List.of("D1"), ""),
            explore("s1-forget", "linux-6.13", Status.PASSED, "WARN, leak", List.of(), ""),
            explore(
                    "s2-race",
                    "linux-7.3",
                    Status.FAILED,
                    "use-after-free",
                    List.of(),
                    "expected that it is safe, found use-after-free: t2 touches DEVICE 1"),
            explore("s2-race", "linux-7.3", Status.PASSED, "deadlock", List.of(), "", "no-unlock", "no-wake"),
            new CheckVerdict(
                    new CheckCase.Explore(
                            "s2-race.json",
                            scenario("s2-race"),
                            new Outcome("", "linux-7.3", List.of(), List.of("WARN"), List.of(), true)),
                    Status.PASSED,
                    "WARN",
                    List.of(),
                    ""),
            new CheckVerdict(
                    new CheckCase.Skipped("notes.json", "nothing"),
                    Status.SKIPPED,
                    "-",
                    List.of(),
                    "neither a scenario nor a counterexample"));

    private static Scenario scenario(String name) {
        String text = BadInputTest.GOOD.replace("\"good\"", "\"" + name + "\"");
        return new ScenarioLoader(TestVocabulary.vocabulary()).load("x.json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static CheckVerdict explore(
            String name,
            String kernel,
            Status status,
            String found,
            List<String> accepted,
            String message,
            String... patches) {
        Outcome outcome = new Outcome("", kernel, List.of(patches), List.of(), List.of());
        return new CheckVerdict(
                new CheckCase.Explore(name + ".json", scenario(name), outcome), status, found, accepted, message);
    }

    @Test
    void shouldShowKernelsAgainstScenarios() {
        Golden.check(
                "check.txt",
                CheckText.of(verdicts, KERNELS, Paint.PLAIN)
                        + "-----\n"
                        + CheckText.of(List.of(), KERNELS, Paint.PLAIN));
    }

    @Test
    void shouldWriteWhatJUnitWrites() {
        Golden.check("check-junit.xml", JUnitReport.of(verdicts));
    }
}

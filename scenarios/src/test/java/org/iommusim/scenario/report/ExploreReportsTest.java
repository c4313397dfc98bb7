package org.iommusim.scenario.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ExploreResult.Ended;
import org.iommusim.scenario.explore.ExploreSetup;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.SyntheticSchedule;
import org.iommusim.scenario.language.BadInputTest;
import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.scenario.language.CounterexampleLoader;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.language.TestVocabulary;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Counterexample;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What explorations and replays look like, with results made by hand. */
class ExploreReportsTest {
    private static final String TEXT = BadInputTest.GOOD.replace(
            "\"seed\": 1",
            "\"explore\": {\"from\": \"opened\", \"timeouts\": 2, \"user_copies\": \"finite\", \"outcomes\":"
                    + " [{\"kernel\": \"linux-7.3\", \"finds\": []}]}");

    private final Scenario scenario = new ScenarioLoader(TestVocabulary.vocabulary()).load("x.json", utf8());
    private final ReplayedSchedule schedule = SyntheticSchedule.freedGroup();

    private static byte[] utf8() {
        return TEXT.getBytes(StandardCharsets.UTF_8);
    }

    private ExploreResult violated() {
        Counterexample least = new Counterexample(2, List.of(3, 3, 1, 1, 7, 3, 1, 1, 3), schedule.violations());
        Exploration exploration =
                exploration(Stop.COUNTEREXAMPLE, "the least violating schedule takes 2 preemptions", false, 1, least);
        List<String> choices = schedule.rows().stream()
                .map(row -> schedule.lanes().get(row.lane()))
                .toList();
        ExploreSetup setup = new ExploreSetup(scenario, List.of("unbind-no-wait"), false);
        return new ExploreResult(setup, exploration, choices, schedule, "", List.of("D1", "D2"), Ended.AS_COUNTED);
    }

    private ExploreResult safe(Stop stop, boolean exhaustive, Ended ended) {
        Exploration exploration =
                exploration(stop, "it was stopped", exhaustive, exhaustive ? Bounds.UNLIMITED : 1, null);
        return new ExploreResult(
                new ExploreSetup(scenario, List.of(), true), exploration, List.of(), null, "", List.of(), ended);
    }

    private static Exploration exploration(
            Stop stop, String reason, boolean exhaustive, int completed, @Nullable Counterexample least) {
        return new Exploration(
                "stateful",
                Exploration.NO_REDUCTION,
                Bounds.unlimited(),
                stop,
                reason,
                exhaustive,
                completed,
                1234,
                567_890,
                1_234_567,
                least == null ? 0 : 77,
                exhaustive ? 4.56e16 : Double.NaN,
                least);
    }

    @Test
    void shouldShowAViolation() {
        Golden.check("explore-violation.txt", ExploreText.of(violated(), Paint.PLAIN));
        Golden.check("explore-violation.json", ExploreJson.of(violated()));
    }

    @Test
    void shouldShowThatNothingWasFound() {
        Golden.check(
                "explore-safe.txt",
                ExploreText.of(safe(Stop.COMPLETE, true, Ended.AS_COUNTED), Paint.PLAIN)
                        + "-----\n"
                        + ExploreText.of(safe(Stop.CANCELLED, false, Ended.AS_COUNTED), Paint.PLAIN)
                        + "-----\n"
                        + ExploreText.of(safe(Stop.CANCELLED, false, Ended.BY_TIME), Paint.PLAIN)
                        + "-----\n"
                        + ExploreJson.of(safe(Stop.CANCELLED, false, Ended.BY_TIME)));
    }

    @Test
    void shouldShowAReplay() {
        CounterexampleFile file = CounterexampleFiles.of(utf8(), violated(), schedule);
        ReplayedSchedule gone = new ReplayedSchedule(
                schedule.lanes(), schedule.calls(), schedule.rows().subList(0, 2), List.of(), "", "1234");
        ReplayedSchedule cannot = new ReplayedSchedule(
                schedule.lanes(),
                schedule.calls(),
                schedule.rows().subList(0, 1),
                List.of(),
                "transition 2: 't2' has nothing to do there",
                "5678");
        Golden.check(
                "replay.txt",
                ReplayText.of(file, schedule, Paint.PLAIN)
                        + "-----\n"
                        + ReplayText.of(file, gone, Paint.PLAIN)
                        + "-----\n"
                        + ReplayText.of(file, cannot, Paint.PLAIN));
        Golden.check("counterexample.md", ReplayText.markdown(file, schedule));
        assertThat(ExploreJson.of(cannot)).contains("\"reproduced\": false", "has nothing to do there");
    }

    @Test
    void shouldSayThatTheStepsHaveChangedOrAnotherCheckObjects() {
        CounterexampleFile file = CounterexampleFiles.of(utf8(), violated(), schedule);
        ReplayedSchedule otherSteps = new ReplayedSchedule(
                schedule.lanes(), schedule.calls(), schedule.rows(), schedule.violations(), "", "another digest");
        ReplayedSchedule warned = SyntheticSchedule.warning();
        assertThat(ReplayText.of(file, otherSteps, Paint.PLAIN)).contains("the programs have changed since");
        assertThat(ReplayText.of(file, warned, Paint.PLAIN)).contains("found with another check: use-after-free");
        assertThat(ReplayText.of(file, schedule, Paint.PLAIN)).doesNotContain("changed", "another");
    }

    @Test
    void shouldWriteACounterexampleThatItReadsAgain() {
        CounterexampleFile file = CounterexampleFiles.of(utf8(), violated(), schedule);
        Golden.check("counterexample.json", file.json());
        CounterexampleFile again = new CounterexampleLoader(TestVocabulary.vocabulary())
                .load("c.json", file.json().getBytes(StandardCharsets.UTF_8));
        assertThat(again.json()).isEqualTo(file.json());
        assertThat(again.choices()).hasSize(9).startsWith("t2", "t2", "vmm");
        assertThat(again.scenario().exploreOrUnsaid().timeouts()).isEqualTo(2);
        assertThat(again.title()).isEqualTo("linux-7.3 + unbind-no-wait");
    }
}

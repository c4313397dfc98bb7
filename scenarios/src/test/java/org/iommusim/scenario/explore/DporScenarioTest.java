package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Engine;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.SourceDpor;
import org.iommusim.sim.explore.StatefulSearch;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.testkit.ForwardingSubject;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reduced search comes to the same verdict as the stateful one on kernels, and to the same states at the end. */
class DporScenarioTest {
    private static final long MOST_SCHEDULES = 3_000;

    /** What one engine said, and the states in which its schedules ended. */
    private record Explored(Exploration result, Set<String> ends) {
        static Explored by(Engine engine, Supplier<Subject> subjects, Bounds bounds) {
            Set<String> ends = new TreeSet<>();
            Supplier<Subject> watched = () -> new WatchedEnds(subjects.get(), ends);
            return new Explored(engine.explore(watched, bounds, ExploreProgress.NONE), ends);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s2-destroy-races-unbind",
                "s3-alloc-races-unbind",
                "s4-id-is-given-away",
                "s8-answer-never-copied",
                "s9-lookup-races-unbind"
            })
    void shouldAgreeWithTheStatefulSearch(String name) {
        Scenario scenario = TestScenarios.bundled(name);
        int complete = 0;
        for (Outcome outcome : scenario.explore().orElseThrow().outcomes()) {
            ExploreSetup setup = ExploreSetup.of(scenario, outcome, false);
            Supplier<Subject> subjects = ExploredScenario.subjects(setup, id -> {});
            Explored stateful = Explored.by(StatefulSearch.onAllCores().withWorkers(1), subjects, Bounds.unlimited());
            Explored reduced =
                    Explored.by(new SourceDpor(), subjects, Bounds.unlimited().withMaxSchedules(MOST_SCHEDULES));
            if (reduced.result.stop() != Stop.SCHEDULES) {
                assertThat(reduced.result.violated()).as(setup.title()).isEqualTo(stateful.result.violated());
            }
            if (reduced.result.stop() == Stop.COMPLETE) {
                assertThat(reduced.ends).as(setup.title()).isEqualTo(stateful.ends);
                complete++;
            }
        }
        assertThat(complete).as("kernels on which everything was run").isPositive();
    }

    /** Notes the fingerprints of the states in which nothing is enabled. */
    private static final class WatchedEnds extends ForwardingSubject {
        private final Subject subject;
        private final Set<String> ends;

        WatchedEnds(Subject subject, Set<String> ends) {
            super(subject);
            this.subject = subject;
            this.ends = ends;
        }

        @Override
        public boolean end() {
            ends.add(subject.fingerprintHigh() + " " + subject.fingerprintLow());
            return super.end();
        }
    }
}

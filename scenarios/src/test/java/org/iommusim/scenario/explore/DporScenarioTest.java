package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Accesses;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Engine;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.SourceDpor;
import org.iommusim.sim.explore.StatefulSearch;
import org.iommusim.sim.explore.Subject;
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
    private record WatchedEnds(Subject subject, Set<String> ends) implements Subject {
        @Override
        public boolean end() {
            ends.add(subject.fingerprintHigh() + " " + subject.fingerprintLow());
            return subject.end();
        }

        @Override
        public int lanes() {
            return subject.lanes();
        }

        @Override
        public String laneName(int lane) {
            return subject.laneName(lane);
        }

        @Override
        public int enabled(int[] into) {
            return subject.enabled(into);
        }

        @Override
        public boolean dependsOnAll(int lane) {
            return subject.dependsOnAll(lane);
        }

        @Override
        public boolean step(int lane) {
            return subject.step(lane);
        }

        @Override
        public List<Violation> violations() {
            return subject.violations();
        }

        @Override
        public int mark() {
            return subject.mark();
        }

        @Override
        public void undoTo(int mark) {
            subject.undoTo(mark);
        }

        @Override
        public boolean undoesAnywhere() {
            return subject.undoesAnywhere();
        }

        @Override
        public long fingerprintHigh() {
            return subject.fingerprintHigh();
        }

        @Override
        public long fingerprintLow() {
            return subject.fingerprintLow();
        }

        @Override
        public void recordAccesses(boolean on) {
            subject.recordAccesses(on);
        }

        @Override
        public Accesses accesses() {
            return subject.accesses();
        }
    }
}

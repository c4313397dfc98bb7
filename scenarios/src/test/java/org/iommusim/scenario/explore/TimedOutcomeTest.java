package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.Runner;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.trace.TraceSink;
import org.junit.jupiter.api.Test;

/** The models do not know who drives them: what comes out of a timed run is among what comes out of an exploration. */
class TimedOutcomeTest {
    private static final int STATES_MAX = 40_000;

    /** What every step answered. */
    private static final class Answers implements RunListener {
        final Map<String, String> answers = new TreeMap<>();

        @Override
        public boolean wantsText() {
            return false;
        }

        @Override
        public void stepEnded(
                long timePs,
                String actor,
                int index,
                ScriptStep step,
                int errno,
                SortedMap<String, Long> outputs,
                boolean asExpected) {
            answers.put(actor + " " + index + " " + step.verb().name(), errno + " " + outputs);
        }
    }

    /** The schedules that lead to the different ends of an exploration. */
    private static final class Ends {
        final Subject subject;
        final Set<String> seen = new TreeSet<>();
        final List<List<Integer>> schedules = new ArrayList<>();
        final List<Integer> path = new ArrayList<>();

        Ends(Subject subject) {
            this.subject = subject;
            visit();
        }

        private void visit() {
            if (seen.size() > STATES_MAX || !seen.add(subject.fingerprintHigh() + " " + subject.fingerprintLow())) {
                return;
            }
            int[] lanes = new int[subject.lanes()];
            int count = subject.enabled(lanes);
            if (count == 0) {
                schedules.add(List.copyOf(path));
            }
            for (int i = 0; i < count; i++) {
                int mark = subject.mark();
                path.add(lanes[i]);
                subject.step(lanes[i]);
                visit();
                path.remove(path.size() - 1);
                subject.undoTo(mark);
            }
        }
    }

    private static Map<String, String> explored(Scenario scenario, List<Integer> schedule) {
        Answers answers = new Answers();
        Subject subject = ExploredScenario.of(scenario, answers).subject();
        schedule.forEach(subject::step);
        return answers.answers;
    }

    private static Map<String, String> timed(Scenario scenario) {
        Answers answers = new Answers();
        Runner.run(scenario, RunOptions.DEFAULT.listening(TraceSink.NONE, answers, events -> {}));
        return answers.answers;
    }

    @Test
    void shouldHaveTheTimedOutcomeAmongTheExplored() {
        int compared = 0;
        for (Library.Entry entry : Library.bundled()) {
            String name = entry.name();
            Scenario scenario = TestScenarios.bundled(name);
            if (scenario.explore().isEmpty() || !ExploredScenario.isAllCells(scenario)) {
                continue;
            }
            Ends ends = new Ends(ExploredScenario.of(scenario, new Answers()).subject());
            if (ends.seen.size() > STATES_MAX) {
                continue;
            }
            compared++;
            Set<Map<String, String>> outcomes = new java.util.HashSet<>();
            ends.schedules.forEach(schedule -> outcomes.add(explored(scenario, schedule)));
            assertThat(outcomes).as(name).contains(timed(scenario));
        }
        assertThat(compared).isPositive();
    }
}

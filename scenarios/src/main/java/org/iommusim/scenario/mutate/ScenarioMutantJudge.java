package org.iommusim.scenario.mutate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.iommusim.scenario.explore.ExploredScenario;
import org.iommusim.scenario.language.ExploreSettings;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Counterexample;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.StatefulSearch;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/**
 * Judges mutants by scenarios: those that are safe under the kernel as it is. A mutant is killed by the first scenario, in
 * their order, that is not safe any more.
 */
public final class ScenarioMutantJudge implements MutantJudge {
    private static final int MAX_DEPTH = 20_000;

    private final List<Scenario> scenarios = new ArrayList<>();
    private final long maxStates;

    private ScenarioMutantJudge(long maxStates) {
        this.maxStates = maxStates;
    }

    /**
     * Explores the kernel as it is, to find the scenarios that can judge.
     *
     * @param scenarios under the kernel whose programs are changed
     * @param maxStates most states of one exploration; one that has more is not exhaustive
     */
    public static ScenarioMutantJudge of(List<Scenario> scenarios, long maxStates) {
        ScenarioMutantJudge judge = new ScenarioMutantJudge(maxStates);
        for (Scenario scenario : scenarios) {
            if (!judge.explore(scenario, List.of()).violated()) {
                judge.scenarios.add(scenario);
            }
        }
        return judge;
    }

    /** The scenarios that judge, by name and with their bounds: part of what tells journals apart. */
    public String description() {
        String names = scenarios.stream().map(ScenarioMutantJudge::describe).collect(Collectors.joining(", "));
        return (names.isEmpty() ? "nobody" : names) + "; at most " + maxStates + " states";
    }

    private static String describe(Scenario scenario) {
        ExploreSettings settings = scenario.exploreOrUnsaid();
        List<String> bounds = new ArrayList<>();
        if (settings.preemptions() != ExploreSettings.UNLIMITED) {
            bounds.add("preemptions " + settings.preemptions());
        }
        if (settings.timeouts() != 0) {
            bounds.add("timeouts " + settings.timeouts());
        }
        if (settings.userCopies() != ExploreSettings.UserCopies.PROMPT) {
            bounds.add("user copies " + settings.userCopies().word());
        }
        if (settings.maxSchedules() != Long.MAX_VALUE) {
            bounds.add("schedules " + settings.maxSchedules());
        }
        return scenario.name() + (bounds.isEmpty() ? "" : " (" + String.join(", ", bounds) + ")");
    }

    @Override
    public MutantVerdict judge(ProgramPatch change) {
        AtomicBoolean reached = new AtomicBoolean();
        ProgramPatch told = change.telling(() -> reached.set(true));
        List<Variant> mutant = List.of(Variant.of("mutant", "", change.name(), told));
        int exhaustive = 0;
        for (Scenario scenario : scenarios) {
            Exploration exploration;
            try {
                exploration = explore(scenario, mutant);
            } catch (RuntimeException e) {
                return MutantVerdict.killed(
                        scenario.name() + ": oops", String.valueOf(innermost(e).getMessage()));
            }
            Counterexample found = exploration.counterexample();
            if (found != null) {
                Violation first = found.violations().get(0);
                return MutantVerdict.killed(scenario.name() + ": " + first.checker(), first.message());
            }
            exhaustive += exploration.exhaustive() ? 1 : 0;
        }
        return reached.get()
                ? MutantVerdict.survived(
                        exhaustive + " of " + scenarios.size() + " scenarios explored exhaustively",
                        exhaustive == scenarios.size())
                : MutantVerdict.notReached();
    }

    /** One worker: the campaign has as many mutants at work as there are cores. */
    private Exploration explore(Scenario scenario, List<Variant> variants) {
        ExploreSettings settings = scenario.exploreOrUnsaid();
        Bounds bounds =
                Bounds.unlimited().withMaxSchedules(settings.maxSchedules()).withMaxDepth(MAX_DEPTH);
        if (settings.preemptions() != ExploreSettings.UNLIMITED) {
            bounds = bounds.withPreemptions(settings.preemptions());
        }
        return StatefulSearch.onAllCores()
                .withWorkers(1)
                .explore(ExploredScenario.subjects(scenario, variants), bounds, new StateLimit(maxStates));
    }

    private static Throwable innermost(Throwable e) {
        return e.getCause() == null ? e : innermost(e.getCause());
    }

    /** Ends an exploration that has too many states; with one worker always at the same place. */
    private static final class StateLimit implements ExploreProgress {
        private final long most;
        private volatile boolean reached;

        StateLimit(long most) {
            this.most = most;
        }

        @Override
        public void update(String level, long schedules, long states, double fraction) {
            reached |= states > most;
        }

        @Override
        public boolean cancelled() {
            return reached;
        }
    }
}

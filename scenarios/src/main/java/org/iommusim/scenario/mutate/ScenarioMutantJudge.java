package org.iommusim.scenario.mutate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/**
 * Judges mutants by scenarios: a mutant is killed by the first scenario, in their order, in which something is found that
 * is not found in the kernel as it is.
 */
public final class ScenarioMutantJudge implements MutantJudge {
    private static final int MAX_DEPTH = 5_000;
    /** A kernel that does so much wrong in a scenario is not worth changing there. */
    private static final int KNOWN_MAX = 30;

    private final List<KnownScenario> scenarios = new ArrayList<>();
    private final long maxStates;

    private ScenarioMutantJudge(long maxStates) {
        this.maxStates = maxStates;
    }

    /**
     * A scenario, and what is known of it under the kernel as it is.
     *
     * @param scenario under the kernel as it is
     * @param known findings as {@link #key} spells them
     * @param started names of the programs that run in it: changes of others cannot be noticed
     * @param cost how much there is to explore, transitions
     */
    private record KnownScenario(Scenario scenario, Set<String> known, Set<String> started, long cost) {
        boolean knows(Violation violation) {
            return known.contains(key(violation));
        }

        boolean runs(ProgramPatch change) {
            return started.contains(change.program());
        }
    }

    /**
     * Explores the kernel as it is, to learn what is found and what runs anyhow. Scenarios in which it does not survive that
     * do not judge; the others do so in the order of their cost.
     *
     * @param scenarios under the kernel whose programs are changed
     * @param programs those that are changed
     * @param maxStates most states of one exploration; one that has more is not exhaustive
     */
    public static ScenarioMutantJudge of(List<Scenario> scenarios, List<Program<?>> programs, long maxStates) {
        ScenarioMutantJudge judge = new ScenarioMutantJudge(maxStates);
        scenarios.forEach(scenario -> judge.learn(scenario, programs));
        judge.scenarios.sort(Comparator.comparingLong(KnownScenario::cost));
        return judge;
    }

    private void learn(Scenario scenario, List<Program<?>> programs) {
        KnownScenario learnt = new KnownScenario(scenario, new TreeSet<>(), new TreeSet<>(), 0);
        List<Variant> watched = programs.isEmpty() ? List.of() : List.of(watching(programs, learnt.started));
        while (learnt.known.size() < KNOWN_MAX) {
            Exploration exploration;
            try {
                exploration = explore(learnt, watched);
            } catch (RuntimeException e) {
                return;
            }
            Counterexample found = exploration.counterexample();
            if (found == null) {
                if (!exploration.exhaustive()) {
                    programs.forEach(program -> learnt.started.add(program.name()));
                }
                scenarios.add(new KnownScenario(scenario, learnt.known, learnt.started, exploration.transitions()));
                return;
            }
            found.violations().forEach(violation -> learnt.known.add(key(violation)));
        }
    }

    /** Changes nothing, and hears which programs are started. */
    private static Variant watching(List<Program<?>> programs, Set<String> started) {
        ProgramPatch[] watchers = programs.stream()
                .map(program -> ProgramPatch.to(program.name(), "watch " + program.name())
                        .build()
                        .telling(() -> started.add(program.name())))
                .toArray(ProgramPatch[]::new);
        return Variant.of("watch", "", "what is started", watchers);
    }

    /** The same finding in another schedule may have other numbers. */
    private static String key(Violation violation) {
        return violation.checker() + ": " + violation.message().replaceAll("[0-9]+", "");
    }

    /** The scenarios that judge, by name and with their bounds: part of what tells journals apart. */
    public String description() {
        String names = scenarios.stream().map(each -> describe(each.scenario)).collect(Collectors.joining(", "));
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
        List<KnownScenario> running =
                scenarios.stream().filter(each -> each.runs(change)).toList();
        List<Variant> mutant = List.of(Variant.of("mutant", "", change.name(), change));
        int exhaustive = 0;
        for (KnownScenario each : running) {
            Exploration exploration;
            try {
                exploration = explore(each, mutant);
            } catch (RuntimeException e) {
                return MutantVerdict.killed(
                        each.scenario.name() + ": oops",
                        String.valueOf(innermost(e).getMessage()));
            }
            Counterexample found = exploration.counterexample();
            if (found != null) {
                Violation first = found.violations().get(0);
                return MutantVerdict.killed(each.scenario.name() + ": " + first.checker(), first.message());
            }
            exhaustive += exploration.exhaustive() ? 1 : 0;
        }
        return running.isEmpty()
                ? MutantVerdict.notReached()
                : MutantVerdict.survived(
                        exhaustive + " of " + running.size() + " scenarios explored exhaustively",
                        exhaustive == running.size());
    }

    /** One worker: the campaign has as many mutants at work as there are cores. */
    private Exploration explore(KnownScenario each, List<Variant> variants) {
        ExploreSettings settings = each.scenario.exploreOrUnsaid();
        Bounds bounds =
                Bounds.unlimited().withMaxSchedules(settings.maxSchedules()).withMaxDepth(MAX_DEPTH);
        if (settings.preemptions() != ExploreSettings.UNLIMITED) {
            bounds = bounds.withPreemptions(settings.preemptions());
        }
        return StatefulSearch.onAllCores()
                .withWorkers(1)
                .explore(
                        ExploredScenario.subjects(each.scenario, variants, each::knows),
                        bounds,
                        new StateLimit(maxStates));
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

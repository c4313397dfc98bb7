package org.iommusim.scenario.explore;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;
import org.iommusim.iommufd.actor.ScriptException;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.variant.KernelFit;
import org.iommusim.scenario.explore.ExploreResult.Ended;
import org.iommusim.scenario.language.ExploreSettings;
import org.iommusim.scenario.language.ExploreSettings.Strategy;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.run.Runner;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Counterexample;
import org.iommusim.sim.explore.Engine;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.MirroredSubject;
import org.iommusim.sim.explore.NotSymmetricException;
import org.iommusim.sim.explore.RandomSchedules;
import org.iommusim.sim.explore.RandomSchedules.Method;
import org.iommusim.sim.explore.SourceDpor;
import org.iommusim.sim.explore.StatefulSearch;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.variant.Variant;
import org.jspecify.annotations.Nullable;

/** Explores a scenario under one kernel with the engine that its strategy names, and runs what it finds again. */
public final class ScenarioExplorer {
    /** Schedules that are sampled if nobody says how many. */
    private static final long SAMPLES = 10_000;

    private final int workers;
    private final @Nullable Path checkpoint;

    private ScenarioExplorer(int workers, @Nullable Path checkpoint) {
        this.workers = workers;
        this.checkpoint = checkpoint;
    }

    /** An explorer with so many workers; the result does not depend on their number. */
    public static ScenarioExplorer withWorkers(int count) {
        return new ScenarioExplorer(count, null);
    }

    /** The same with a file in which a search that is stopped is saved, and from which it goes on. */
    public ScenarioExplorer withCheckpoint(Path file) {
        return new ScenarioExplorer(workers, file);
    }

    /**
     * Explores.
     *
     * @throws ScenarioException if the machine cannot be made, or if a step makes no sense when it is reached
     */
    public ExploreResult explore(ExploreSetup setup, ExploreProgress progress) {
        Scenario scenario = setup.scenario();
        refuseWithoutActors(scenario);
        refuseBoundWithReduction(scenario);
        refuseMisfits(setup);
        try {
            Set<String> accepted = new ConcurrentSkipListSet<>();
            Supplier<Subject> subjects = ExploredScenario.subjects(setup, accepted::add);
            Explored explored = explored(setup, subjects, progress);
            return result(setup, explored, List.copyOf(accepted));
        } catch (RuntimeException e) {
            throw explained(scenario, e);
        }
    }

    /**
     * What an engine has found.
     *
     * @param symmetry as {@link ExploreResult#symmetry}
     */
    private record Explored(Exploration exploration, String symmetry) {}

    /**
     * Tries to swap threads that look interchangeable. If they are not, or if something violates, all is searched without:
     * which of the two shows first may depend on the workers, and a violation needs no proof.
     */
    private Explored explored(ExploreSetup setup, Supplier<Subject> subjects, ExploreProgress progress) {
        Bounds bounds = bounds(setup.scenario().exploreOrUnsaid());
        List<String> alike = setup.scenario().exploreOrUnsaid().strategy() == Strategy.EXHAUSTIVE
                ? InterchangeableThreads.of(setup.scenario())
                : List.of();
        String symmetry = "";
        if (!alike.isEmpty() && checkpoint != null) {
            symmetry = "off: a search that can be resumed goes without";
        } else if (!alike.isEmpty()) {
            Exploration swapped = swapped(alike, subjects, bounds, progress);
            if (swapped != null && !swapped.violated()) {
                return new Explored(swapped, String.join(", ", alike) + " are interchangeable");
            }
            symmetry = swapped == null ? "off: " + String.join(", ", alike) + " only look interchangeable" : "";
        }
        Exploration found = engine(setup).explore(subjects, bounds, progress);
        return new Explored(found, found.violated() ? "" : symmetry);
    }

    /** Searches with threads swapped; null if they are not interchangeable. */
    private @Nullable Exploration swapped(
            List<String> alike, Supplier<Subject> subjects, Bounds bounds, ExploreProgress progress) {
        List<List<String>> lanes = alike.stream()
                .map(thread -> List.of(thread, thread + ScheduleReplay.TIMER))
                .toList();
        try {
            return StatefulSearch.onAllCores()
                    .withWorkers(workers)
                    .withSymmetry(true)
                    .explore(() -> MirroredSubject.of(subjects, lanes), bounds, progress);
        } catch (NotSymmetricException e) {
            return null;
        }
    }

    private static void refuseWithoutActors(Scenario scenario) {
        if (scenario.actors().isEmpty()) {
            throw new ScenarioException(
                    scenario.file(), "/actors", "found nobody who acts", "expected an actor: who else could race?");
        }
    }

    private static void refuseBoundWithReduction(Scenario scenario) {
        ExploreSettings settings = scenario.exploreOrUnsaid();
        if (settings.strategy() == Strategy.DPOR && settings.preemptions() != ExploreSettings.UNLIMITED) {
            throw new ScenarioException(
                    scenario.file(),
                    "/explore",
                    "found at most " + settings.preemptions() + " preemptions with the strategy dpor",
                    "expected any number of them: with a bound it would miss schedules");
        }
    }

    private static void refuseMisfits(ExploreSetup setup) {
        LifecyclePolicy kernel = Kernels.find(setup.scenario().kernel()).orElseThrow();
        for (Variant variant : setup.variants()) {
            String misfit = KernelFit.misfit(variant, kernel);
            if (!misfit.isEmpty()) {
                throw new ScenarioException(
                        setup.scenario().file(), "/explore", "found that " + misfit, "expected another kernel");
            }
        }
    }

    private Engine engine(ExploreSetup setup) {
        long seed = setup.scenario().seed();
        return switch (setup.scenario().exploreOrUnsaid().strategy()) {
            case EXHAUSTIVE -> stateful(setup);
            case DPOR -> new SourceDpor().withWorkers(workers);
            case PCT -> RandomSchedules.of(Method.PCT3, seed).withWorkers(workers);
            case RANDOM -> RandomSchedules.of(Method.POS, seed).withWorkers(workers);
        };
    }

    private Engine stateful(ExploreSetup setup) {
        StatefulSearch search = StatefulSearch.onAllCores().withWorkers(workers);
        return checkpoint == null ? search : search.withCheckpoint(checkpoint, identity(setup));
    }

    private static String identity(ExploreSetup setup) {
        return setup.scenario().name() + " on " + setup.title();
    }

    /** Samples have no end of their own. */
    private static Bounds bounds(ExploreSettings settings) {
        boolean samples = settings.strategy() == Strategy.PCT || settings.strategy() == Strategy.RANDOM;
        long schedules = samples && settings.maxSchedules() == Bounds.NO_MAXIMUM ? SAMPLES : settings.maxSchedules();
        Bounds bounds = Bounds.unlimited().withMaxSchedules(schedules);
        return settings.preemptions() == ExploreSettings.UNLIMITED
                ? bounds
                : bounds.withPreemptions(settings.preemptions());
    }

    /** How much was seen before a counterexample ended the search is chance: then only what shows on its way counts. */
    private static ExploreResult result(ExploreSetup setup, Explored explored, List<String> accepted) {
        Exploration exploration = explored.exploration;
        Counterexample least = exploration.counterexample();
        if (least == null) {
            return new ExploreResult(
                    setup, exploration, List.of(), null, explored.symmetry, accepted, Ended.AS_COUNTED);
        }
        TreeSet<String> onTheWay = new TreeSet<>();
        Subject named = ExploredScenario.subjects(setup, onTheWay::add).get();
        List<String> choices = new ArrayList<>();
        for (int lane : least.lanes()) {
            named.step(lane);
            choices.add(named.laneName(lane));
        }
        return new ExploreResult(
                setup,
                exploration,
                choices,
                ScheduleReplay.run(setup, choices),
                explored.symmetry,
                List.copyOf(onTheWay),
                Ended.AS_COUNTED);
    }

    /** A mistake in a script may be found by any worker, deep inside of an engine. */
    private static RuntimeException explained(Scenario scenario, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ScriptException script) {
                return Runner.cannotGoOn(scenario, script);
            }
            if (cause instanceof ScenarioException bad) {
                return bad;
            }
        }
        return e;
    }
}

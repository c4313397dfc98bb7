package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.replay.ReplayDevice;
import org.iommusim.iommufd.actor.Machine;
import org.iommusim.iommufd.actor.ScriptException;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.RunResult.StatisticValue;
import org.iommusim.scenario.run.RunResult.Unfinished;
import org.iommusim.scenario.run.RunResult.Verdict;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistic;
import org.iommusim.sim.time.Picoseconds;

/** One timed run of a scenario. */
public final class Runner {
    private final Scenario scenario;
    private final RunOptions options;
    private final RunCollector collector;
    private final Simulation simulation;
    private final Machine machine;
    private final ScenarioMachine.Parts parts;

    private Runner(Scenario scenario, RunOptions options) {
        this.scenario = scenario;
        this.options = options;
        collector = new RunCollector(scenario, options.listener());
        simulation = Simulation.seeded(scenario.seed())
                .choice(new TimedChoice(scenario.ties()))
                .trace(options.trace())
                .watcher(collector)
                .checks(!nobodyActs(scenario))
                .variants(options.variants())
                .build();
        if (simulation.checks()) {
            simulation.checkers().watch(new LongWaits(simulation, collector));
        }
        parts = ScenarioMachine.build(
                scenario,
                simulation,
                collector,
                options.faults(),
                traffic -> request -> collector.answered(traffic, request));
        machine = parts.machine();
        if (options.strict()) {
            simulation.violations().accept(violation -> Optional.empty());
        }
    }

    /** Tables that lie ready and that no software changes cannot be used stale: there is nothing to check. */
    private static boolean nobodyActs(Scenario scenario) {
        return scenario.topology().preset() && scenario.actors().isEmpty();
    }

    /**
     * Runs a scenario to its end.
     *
     * @throws ScenarioException if its machine cannot be made, or if a step makes no sense when it is reached
     */
    public static RunResult run(Scenario scenario, RunOptions options) {
        try {
            return new Runner(scenario, options).run();
        } catch (ScriptException e) {
            throw cannotGoOn(scenario, e);
        }
    }

    /** The one line about a mistake in a script, which is found at a step or only at its actor. */
    public static ScenarioException cannotGoOn(Scenario scenario, ScriptException e) {
        String problem = String.valueOf(e.getMessage()).substring(e.where().length() + 2);
        String pointer = e.where().replace(scenario.file() + ": ", "");
        for (int i = 0; i < scenario.actors().size(); i++) {
            if (scenario.actors().get(i).id().equals(pointer)) {
                pointer = "/actors/" + i;
            }
        }
        return new ScenarioException(
                scenario.file(), pointer, "found that " + problem, "expected a script that can be run");
    }

    /**
     * Makes a scenario's machine and forgets it.
     *
     * @throws ScenarioException if it cannot be made
     */
    public static void tryMachine(Scenario scenario) {
        new Runner(scenario, RunOptions.DEFAULT);
    }

    private RunResult run() {
        for (ActorScript script : scenario.actors()) {
            Objects.requireNonNull(machine.actor(script.id())).run(script.script());
        }
        if (scenario.topology().preset()) {
            parts.writeRegisters();
        } else {
            machine.boot(scenario.topology().devices().stream()
                    .filter(Topology.Device::plugged)
                    .map(Topology.Device::id)
                    .toList());
        }
        parts.replays().forEach(ReplayDevice::start);
        return result(untilNothingIsLeft());
    }

    /** Why the run was ended; empty if no event is left. */
    private String untilNothingIsLeft() {
        Scheduler scheduler = simulation.scheduler();
        StandStill standStill = new StandStill();
        long steps =
                scenario.actors().stream().mapToLong(a -> a.script().size()).sum();
        boolean scriptsEnded = false;
        while (scheduler.step()) {
            if (!scriptsEnded && collector.stepsEnded() == steps) {
                scriptsEnded = true;
                stopEndlessTraffic();
            }
            if (!scriptsEnded && scheduler.now() - collector.lastStepPs() > options.patiencePs()) {
                return "no step ended for " + Picoseconds.text(options.patiencePs());
            }
            if (!standStill.due(scheduler.executed())) {
                continue;
            }
            options.progress().accept(scheduler.executed());
            if (standStill.look(scheduler.now())) {
                return "time stands still at " + Picoseconds.text(scheduler.now());
            }
            if (scheduler.executed() >= options.eventsMax()) {
                return scheduler.executed() + " events";
            }
        }
        return "";
    }

    private void stopEndlessTraffic() {
        for (TrafficGenerator generator : machine.traffics().values()) {
            if (generator.spec().count() == 0) {
                generator.stop();
            }
        }
    }

    private RunResult result(String limit) {
        if (limit.isEmpty()) {
            simulation.checkers().atEnd();
        }
        List<Verdict> verdicts = new Judge(machine, collector).judge(scenario.expectations());
        List<StatisticValue> statistics = new ArrayList<>();
        for (Statistic statistic : simulation.statistics()) {
            if (statistic instanceof Counter counter) {
                statistics.add(
                        new StatisticValue(counter.name(), counter.unit(), counter.value(), counter.description()));
            }
        }
        List<Violation> violations = simulation.violations().violations();
        List<Unfinished> unfinished = machine.unfinished().stream()
                .map(actor -> new Unfinished(actor.name(), actor.describePosition()))
                .toList();
        statistics.forEach(collector.digest()::statistic);
        violations.forEach(collector.digest()::violation);
        unfinished.forEach(collector.digest()::unfinished);
        return new RunResult(
                scenario,
                simulation.now(),
                simulation.scheduler().executed(),
                collector.timeline(),
                collector.eventsNotShown(),
                collector.objects().changes(),
                collector.objects().objects(),
                collector.traffics().stream().map(TrafficCollector::result).toList(),
                collector.total().result(),
                statistics,
                violations,
                simulation.violations().accepted(),
                unfinished,
                limit,
                verdicts,
                collector.digest().end(simulation.now()));
    }
}

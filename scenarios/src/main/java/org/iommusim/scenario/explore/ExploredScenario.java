package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.iommusim.iommufd.actor.Actor;
import org.iommusim.iommufd.actor.Machine;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.ScenarioMachine;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.explore.SimulationSubject;
import org.iommusim.sim.explore.Subject;

/** One instance of a scenario's machine at the place where its exploration begins. */
public final class ExploredScenario {
    private final Simulation simulation;
    private final Machine machine;
    private final SimulationSubject subject;

    private ExploredScenario(Scenario scenario, String from, int timeouts) {
        simulation = Simulation.seeded(scenario.seed())
                .choice(new TimedChoice(scenario.ties()))
                .checks(false)
                .build();
        ScenarioMachine.Parts parts = ScenarioMachine.build(
                scenario, simulation, new StepAnswers(), FaultInjection.NONE, traffic -> request -> {});
        machine = parts.machine();
        for (ActorScript script : scenario.actors()) {
            Objects.requireNonNull(machine.actor(script.id())).run(script.script());
        }
        machine.boot(scenario.topology().devices().stream()
                .filter(Topology.Device::plugged)
                .map(Topology.Device::id)
                .toList());
        runUntil(from);
        subject = new SimulationSubject(
                simulation, SimulationSubject.Judge.of(this::atEnd, violation -> false), timeouts, true);
    }

    /**
     * Makes one more instance.
     *
     * @param from label at whose setting the exploration begins; empty: when the machine has booted
     * @param timeouts how many timeouts may fire although something else could go on
     */
    public static ExploredScenario of(Scenario scenario, String from, int timeouts) {
        return new ExploredScenario(scenario, from, timeouts);
    }

    /** The system to explore. */
    public Subject subject() {
        return subject;
    }

    /** The machine behind it. */
    public Machine machine() {
        return machine;
    }

    private void runUntil(String from) {
        while (!(from.isEmpty() ? machine.booted() : machine.labelSet(from))) {
            if (!simulation.scheduler().step()) {
                throw new IllegalStateException("the run ends before label '" + from + "' is set");
            }
        }
    }

    private List<Violation> atEnd() {
        List<Violation> found = new ArrayList<>();
        for (Actor actor : machine.unfinished()) {
            found.add(new Violation(
                    simulation.now(), "deadlock", actor.name() + " never ends: " + actor.describePosition()));
        }
        return found;
    }

    /** Reports steps whose answer the script does not allow. */
    private final class StepAnswers implements RunListener {
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
            if (!asExpected) {
                simulation
                        .violations()
                        .report(
                                "unexpected-errno",
                                actor + ", step " + index + ", " + step.verb().name() + " answers " + errno);
            }
        }
    }
}

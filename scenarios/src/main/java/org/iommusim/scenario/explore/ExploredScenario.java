package org.iommusim.scenario.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.actor.Machine;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.object.UserPages;
import org.iommusim.iommufd.policy.AcceptedDeviations;
import org.iommusim.iommufd.selftest.MockProvider;
import org.iommusim.scenario.language.ExploreSettings;
import org.iommusim.scenario.language.ExploreSettings.UserCopies;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Scenario.ActorScript;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.ScenarioMachine;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.explore.SimulationSubject;
import org.iommusim.sim.explore.Subject;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.LockWatcher;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.variant.Variant;
import org.iommusim.sim.world.PlainState;

/** One instance of a scenario's machine, under one kernel, at the place where its exploration begins. */
public final class ExploredScenario {
    private static final Variant PAGES_WITHHELD = Variant.of(
            "user-pages-withheld",
            "",
            "User space serves its page faults itself and withholds the pages.",
            UserPages.WITHHELD,
            1);

    private static final RunListener SILENT = new RunListener() {
        @Override
        public boolean wantsText() {
            return false;
        }
    };

    /** Wrong software may never come to the place where the exploration begins. */
    private static final long EVENTS_BEFORE = 20_000_000;

    private static final List<String> HARDWARE = List.of(
            "org.iommusim.hw.",
            "org.iommusim.smmuv3.",
            "org.iommusim.amdvi.",
            "org.iommusim.vtd.",
            MemoryPort.class.getName(),
            "org.iommusim.sim.resource.",
            "org.iommusim.sim.random.");

    private final Simulation simulation;
    private final Machine machine;
    private final Subject subject;

    private ExploredScenario(
            Scenario scenario,
            List<Variant> variants,
            TraceSink trace,
            RunListener listener,
            LockWatcher locks,
            Predicate<Violation> accepts) {
        ExploreSettings settings = scenario.exploreOrUnsaid();
        simulation = Simulation.seeded(scenario.seed())
                .choice(new TimedChoice(scenario.ties()))
                .variants(with(variants, settings.userCopies()))
                .trace(trace)
                .exploring(true)
                .build();
        simulation.checkers().watch(locks);
        ScenarioMachine.Parts parts = ScenarioMachine.build(
                scenario, simulation, new StepAnswers(listener), FaultInjection.NONE, traffic -> request -> {});
        machine = parts.machine();
        for (ActorScript script : scenario.actors()) {
            Objects.requireNonNull(machine.actor(script.id())).run(script.script());
        }
        machine.boot(scenario.topology().devices().stream()
                .filter(Topology.Device::plugged)
                .map(Topology.Device::id)
                .toList());
        runUntil(scenario, settings.from());
        parts.prepare(requests(scenario));
        subject = new SimulationSubject(
                simulation,
                SimulationSubject.Judge.of(this::atEnd, accepts),
                settings.timeouts(),
                isAllCells(scenario) ? null : new PlainState(hardware(parts), ExploredScenario::isHardware));
    }

    /** How many DMA requests there may be at a time. */
    private static int requests(Scenario scenario) {
        return scenario.topology().traffic().stream()
                .map(Topology.Traffic::spec)
                .mapToInt(spec -> spec.outstanding() > 0 ? spec.outstanding() : spec.deviceOutstanding())
                .sum();
    }

    /** What keeps state of its own between two events of a transaction. */
    private static List<Object> hardware(ScenarioMachine.Parts parts) {
        List<Object> roots = new ArrayList<>(parts.devices().values());
        roots.addAll(parts.machine().devices().values());
        roots.addAll(parts.machine().traffics().values());
        parts.machine().iommus().values().forEach(unit -> roots.add(unit.driver()));
        return roots;
    }

    /** Classes of hardware and of what watches it. The kernel, its tasks and the machinery keep their state in cells. */
    private static boolean isHardware(Class<?> type) {
        String name = type.getName();
        boolean machinery = Frame.class.isAssignableFrom(type) || name.startsWith("org.iommusim.hw.provider.");
        return !machinery && HARDWARE.stream().anyMatch(name::startsWith);
    }

    /**
     * Makes one more instance.
     *
     * @param scenario what is explored, under its kernel
     * @param variants known bugs that its software has
     * @param trace is told of the steps inside programs, also of those before the exploration begins
     */
    public static ExploredScenario of(Scenario scenario, List<Variant> variants, TraceSink trace) {
        return new ExploredScenario(
                scenario, variants, trace, SILENT, new LockWatcher() {}, accepting(scenario, id -> {}));
    }

    /** Makes one more instance, to whose steps somebody listens. */
    static ExploredScenario of(Scenario scenario, RunListener listener) {
        return new ExploredScenario(
                scenario, List.of(), TraceSink.NONE, listener, new LockWatcher() {}, accepting(scenario, id -> {}));
    }

    /** Makes one more instance, to which somebody listens. */
    static ExploredScenario of(ExploreSetup setup, ScheduleRecorder recorder) {
        return new ExploredScenario(
                setup.scenario(), setup.variants(), recorder, recorder, recorder, accepting(setup, id -> {}));
    }

    /**
     * Makes systems to explore, one for each worker.
     *
     * @param accepted gets the ids of accepted deviations that show; on whichever thread they do
     */
    static Supplier<Subject> subjects(ExploreSetup setup, Consumer<String> accepted) {
        return () -> new ExploredScenario(
                        setup.scenario(),
                        setup.variants(),
                        TraceSink.NONE,
                        SILENT,
                        new LockWatcher() {},
                        accepting(setup, accepted))
                .subject();
    }

    private static Predicate<Violation> accepting(ExploreSetup setup, Consumer<String> accepted) {
        return setup.strict() ? violation -> false : accepting(setup.scenario(), accepted);
    }

    private static Predicate<Violation> accepting(Scenario scenario, Consumer<String> accepted) {
        AcceptedDeviations known =
                new AcceptedDeviations(Kernels.find(scenario.kernel()).orElseThrow());
        return violation -> {
            Optional<String> id = known.idOf(violation);
            id.ifPresent(accepted);
            return id.isPresent();
        };
    }

    /**
     * Makes systems to explore, one for each worker; what their kernel is accepted to do wrong is let pass.
     *
     * @param known says which findings besides the accepted ones do not end a schedule
     */
    public static Supplier<Subject> subjects(Scenario scenario, List<Variant> variants, Predicate<Violation> known) {
        Predicate<Violation> accepted = accepting(scenario, id -> {});
        return () -> new ExploredScenario(
                        scenario, variants, TraceSink.NONE, SILENT, new LockWatcher() {}, accepted.or(known))
                .subject();
    }

    /** True if all of a scenario's state is in cells: nothing of it is hardware. */
    public static boolean isAllCells(Scenario scenario) {
        return scenario.topology().traffic().isEmpty()
                && scenario.topology().iommus().stream()
                        .allMatch(iommu -> iommu.kind().equals(MockProvider.KIND));
    }

    private static List<Variant> with(List<Variant> variants, UserCopies copies) {
        List<Variant> all = new ArrayList<>(variants);
        if (copies == UserCopies.FOREVER) {
            all.add(PAGES_WITHHELD);
        }
        return all;
    }

    /** The system to explore. */
    public Subject subject() {
        return subject;
    }

    private void runUntil(Scenario scenario, String from) {
        while (!(from.isEmpty() ? machine.booted() : machine.labelSet(from))) {
            if (!simulation.scheduler().step() || simulation.scheduler().executed() > EVENTS_BEFORE) {
                throw new ScenarioException(
                        scenario.file(),
                        from.isEmpty() ? "/topology" : "/explore/from",
                        "found that the run ends, or goes on for ever, before "
                                + (from.isEmpty() ? "the machine has booted" : "the label \"" + from + "\" is set"),
                        "expected a place that it reaches");
            }
        }
    }

    /** Checkers report to the log, which is looked at next. */
    private List<Violation> atEnd() {
        simulation.checkers().atEnd();
        return List.of();
    }

    /** Reports steps whose answer the script does not allow; passes everything on. */
    private final class StepAnswers implements RunListener {
        private final RunListener also;

        StepAnswers(RunListener also) {
            this.also = also;
        }

        @Override
        public boolean wantsText() {
            return also.wantsText();
        }

        @Override
        public void stepStarted(long timePs, String actor, int index, Verb verb, String text) {
            also.stepStarted(timePs, actor, index, verb, text);
        }

        @Override
        public void objectChanged(long timePs, String context, String type, int id, String change, String detail) {
            also.objectChanged(timePs, context, type, id, change, detail);
        }

        @Override
        public void deviceChanged(long timePs, String device, String change) {
            also.deviceChanged(timePs, device, change);
        }

        @Override
        public void eventReported(long timePs, String iommu, String text) {
            also.eventReported(timePs, iommu, text);
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
            also.stepEnded(timePs, actor, index, step, errno, outputs, asExpected);
            if (!asExpected) {
                simulation
                        .violations()
                        .report(
                                "unexpected-errno",
                                actor + ", step " + index + ", " + step.verb().name() + " answers "
                                        + Errno.name(errno));
            }
        }
    }
}

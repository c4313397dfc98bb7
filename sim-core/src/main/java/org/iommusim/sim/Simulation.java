package org.iommusim.sim;

import java.util.List;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.event.LaneChoice;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HostCosts;
import org.iommusim.sim.program.PatchedPrograms;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.StepWatcher;
import org.iommusim.sim.program.TaskEnvironment;
import org.iommusim.sim.program.check.SleepInAtomic;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.variant.Knobs;
import org.iommusim.sim.variant.Variant;
import org.iommusim.sim.world.World;

/**
 * What every component of one simulation shares: the world of cells, the scheduler, the price list of software, random
 * streams, statistics, the trace and the log of violations. One simulation belongs to one Java thread.
 */
public final class Simulation {
    private final World world = new World();
    private final Scheduler scheduler;
    private final TaskEnvironment tasks;
    private final RandomStreams random;
    private final Statistics statistics = new Statistics();
    private final ViolationLog violations;
    private final boolean checks;
    private final boolean exploring;
    private final Knobs knobs;

    private Simulation(Builder builder) {
        scheduler = new Scheduler(world, builder.choice);
        random = new RandomStreams(builder.seed);
        Checkers checkers = new Checkers();
        checkers.watch(builder.watcher);
        violations = new ViolationLog(scheduler::now, checkers::scene);
        checks = builder.checks;
        exploring = builder.exploring;
        knobs = builder.knobs;
        tasks = new TaskEnvironment(
                scheduler, builder.costs, builder.trace, violations, checkers, PatchedPrograms.of(builder.patches));
        if (checks) {
            checkers.attach(new SleepInAtomic(checkers, violations));
        }
    }

    /** Starts a simulation with a seed: a timed run without observers unless told otherwise. */
    public static Builder seeded(long seed) {
        return new Builder(seed);
    }

    /** All cells. */
    public World world() {
        return world;
    }

    /** Runs events. */
    public Scheduler scheduler() {
        return scheduler;
    }

    /** Current simulated time, ps. */
    public long now() {
        return scheduler.now();
    }

    /** What tasks share: hand it to each new {@link org.iommusim.sim.program.Task}. */
    public TaskEnvironment tasks() {
        return tasks;
    }

    /** What software steps cost. */
    public HostCosts costs() {
        return tasks.costs();
    }

    /** Named random streams, all from one seed. */
    public RandomStreams random() {
        return random;
    }

    /** Counters and histograms. */
    public Statistics statistics() {
        return statistics;
    }

    /** What checkers found. */
    public ViolationLog violations() {
        return violations;
    }

    /** Who watches the tasks. */
    public Checkers checkers() {
        return tasks.checkers();
    }

    /** True if checkers that cost time look on; they never change a result. */
    public boolean checks() {
        return checks;
    }

    /** What models do differently from what they stand for; they read it when they are made. */
    public Knobs knobs() {
        return knobs;
    }

    /** True if it will be explored: checkers leave out what would cost an exploration too much. */
    public boolean exploring() {
        return exploring;
    }

    /** Who listens. */
    public TraceSink trace() {
        return tasks.trace();
    }

    /** Collects what a simulation is made of. */
    public static final class Builder {
        private final long seed;
        private LaneChoice choice = new TimedChoice();
        private HostCosts costs = HostCosts.DEFAULT;
        private TraceSink trace = TraceSink.NONE;
        private StepWatcher watcher = StepWatcher.NONE;
        private boolean checks = true;
        private boolean exploring;
        private List<ProgramPatch> patches = List.of();
        private Knobs knobs = Knobs.ORIGINAL;

        private Builder(long seed) {
            this.seed = seed;
        }

        /** Who chooses the next lane. */
        public Builder choice(LaneChoice newChoice) {
            choice = newChoice;
            return this;
        }

        /** What software steps cost. */
        public Builder costs(HostCosts newCosts) {
            costs = newCosts;
            return this;
        }

        /** Who listens. */
        public Builder trace(TraceSink newTrace) {
            trace = newTrace;
            return this;
        }

        /** Who watches the steps of tasks. */
        public Builder watcher(StepWatcher newWatcher) {
            watcher = newWatcher;
            return this;
        }

        /** Whether checkers that cost time look on; they do unless told otherwise. */
        public Builder checks(boolean on) {
            checks = on;
            return this;
        }

        /** Changes of programs, applied in this order. */
        public Builder patches(List<ProgramPatch> newPatches) {
            patches = List.copyOf(newPatches);
            return this;
        }

        /** Known bugs that the software has: their patches and knobs, later ones on top. */
        public Builder variants(List<Variant> variants) {
            knobs = Variant.knobs(variants);
            return patches(Variant.patches(variants));
        }

        /** Whether it will be explored; it will not unless told otherwise. */
        public Builder exploring(boolean will) {
            exploring = will;
            return this;
        }

        /** Makes the simulation, at time 0. */
        public Simulation build() {
            return new Simulation(this);
        }
    }
}

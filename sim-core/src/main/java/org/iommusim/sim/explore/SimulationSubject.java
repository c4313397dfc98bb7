package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.FootprintRecorder;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.PlainState;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A simulation as a {@link Subject}: a transition runs events of one lane until one of them has touched something shared.
 * The simulation may have run timed until now; from now on the engines say which lane is next.
 *
 * <p>Timeouts are lanes of {@link Phase#TIMEOUT}. A timeout is enabled when nothing else is, or at any time as long as the
 * budget lasts.
 */
public final class SimulationSubject implements Subject {
    private static final Variable BUDGET = Variable.named("explore.timeouts");
    /** Stands for all state that is not in cells. */
    private static final long PLAIN_KEY = -1;
    /** Events of one transition; a lane that does so much in private never comes to an end. */
    private static final int PRIVATE_EVENTS_MAX = 100_000;

    private final Simulation simulation;
    private final Scheduler scheduler;
    private final World world;
    private final Judge judge;
    private final @Nullable PlainStack plain;
    private final IntCell timeoutBudget;
    private final Accesses accesses = new Accesses();
    private final Recorder recorder = new Recorder();
    /** What was wrong already where the exploration begins: no schedule can make up for it. */
    private final List<Violation> before;

    private List<Violation> violations = List.of();

    /** Says what the end of a schedule is worth, and which findings are let pass. */
    public interface Judge {
        /** What is wrong where no lane can go on; empty if nothing is. */
        List<Violation> atEnd();

        /** True if a finding is known and accepted: the schedule goes on. */
        boolean accepts(Violation violation);

        /** A judge that knows no ends and accepts nothing. */
        static Judge of(Supplier<List<Violation>> atEnd, Predicate<Violation> accepts) {
            return new Judge() {
                @Override
                public List<Violation> atEnd() {
                    return atEnd.get();
                }

                @Override
                public boolean accepts(Violation violation) {
                    return accepts.test(violation);
                }
            };
        }
    }

    /**
     * Begins to explore a simulation where it stands.
     *
     * @param timeouts how many timeouts may fire although something else could go on
     * @param plain what of its state is not in cells, or {@code null} if all of it is
     */
    public SimulationSubject(Simulation simulation, Judge judge, int timeouts, @Nullable PlainState plain) {
        this.simulation = simulation;
        this.judge = judge;
        this.plain = plain == null ? null : new PlainStack(plain);
        scheduler = simulation.scheduler();
        world = simulation.world();
        timeoutBudget = new IntCell(world, BUDGET, 1, timeouts);
        before = objections(simulation.violations().drain());
        scheduler.explore(recorder::scheduled);
        world.record(recorder);
    }

    @Override
    public int lanes() {
        return scheduler.lanes().size();
    }

    @Override
    public String laneName(int lane) {
        return scheduler.lanes().get(lane).name();
    }

    @Override
    public int enabled(int[] into) {
        int count = 0;
        boolean timeouts = timeoutBudget.get() > 0;
        List<Lane> lanes = scheduler.lanes();
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            if (!lane.isEmpty() && (timeouts || lane.phase() != Phase.TIMEOUT)) {
                into[count++] = i;
            }
        }
        return count > 0 ? count : stuck(into);
    }

    /** Nothing but timeouts can end the wait. */
    private int stuck(int[] into) {
        int count = 0;
        List<Lane> lanes = scheduler.lanes();
        for (int i = 0; i < lanes.size(); i++) {
            if (!lanes.get(i).isEmpty()) {
                into[count++] = i;
            }
        }
        return count;
    }

    @Override
    public boolean dependsOnAll(int lane) {
        return scheduler.lanes().get(lane).phase() == Phase.TIMEOUT;
    }

    @Override
    public boolean step(int lane) {
        Lane running = scheduler.lanes().get(lane);
        recorder.begin();
        world.enterLane(lane);
        spendTimeout(running);
        int events = 0;
        boolean right = true;
        do {
            scheduler.runHead(running);
            if (plain != null) {
                recorder.touchedPlain();
            }
            right = look(simulation.violations().drain());
            if (++events > PRIVATE_EVENTS_MAX) {
                throw new IllegalStateException(running + " does not come to an end");
            }
        } while (right && !recorder.touchedShared && !running.isEmpty());
        world.enterLane(-1);
        if (plain != null) {
            plain.changed();
        }
        return right;
    }

    /** A timeout that fires although something else could go on costs one of the budget. */
    private void spendTimeout(Lane running) {
        if (running.phase() == Phase.TIMEOUT && timeoutBudget.get() > 0) {
            for (Lane lane : scheduler.lanes()) {
                if (lane.phase() != Phase.TIMEOUT && !lane.isEmpty()) {
                    timeoutBudget.add(-1);
                    return;
                }
            }
        }
    }

    private boolean look(List<Violation> found) {
        violations = before;
        if (!found.isEmpty()) {
            List<Violation> all = new ArrayList<>(before);
            all.addAll(objections(found));
            violations = List.copyOf(all);
        }
        return violations.isEmpty();
    }

    private List<Violation> objections(List<Violation> found) {
        return found.stream().filter(violation -> !judge.accepts(violation)).toList();
    }

    @Override
    public boolean end() {
        List<Violation> found = new ArrayList<>(judge.atEnd());
        if (plain != null) {
            plain.changed();
        }
        found.addAll(simulation.violations().drain());
        return look(found);
    }

    @Override
    public List<Violation> violations() {
        return violations;
    }

    @Override
    public int mark() {
        if (plain != null) {
            plain.keep(world.mark());
        }
        return world.mark();
    }

    @Override
    public void undoTo(int mark) {
        world.undoTo(mark);
        if (plain != null) {
            plain.undoTo(mark);
        }
        simulation.violations().drain();
        violations = List.of();
    }

    @Override
    public long fingerprintHigh() {
        return plain == null ? world.hash() : world.hash() + plain.state().high();
    }

    @Override
    public long fingerprintLow() {
        return plain == null
                ? world.secondHash()
                : world.secondHash() + plain.state().low();
    }

    @Override
    public void recordAccesses(boolean on) {
        recorder.all = on;
    }

    @Override
    public Accesses accesses() {
        return accesses;
    }

    /** Sorts out what is shared; keeps it only if somebody wants it. */
    private final class Recorder implements FootprintRecorder {
        private boolean all;
        private boolean touchedShared;

        void begin() {
            touchedShared = false;
            if (all) {
                accesses.clear();
            }
        }

        /** Nobody records who reads or writes a plain field: each event may, so it is a transition that depends on all. */
        void touchedPlain() {
            touchedShared = true;
            if (all) {
                accesses.noteWrite(PLAIN_KEY);
            }
        }

        @Override
        public void read(Cell cell, long index) {
            if (cell.variable().shared() && cell.key() != 0) {
                touchedShared = true;
                if (all) {
                    accesses.noteRead(cell.key() + index);
                }
            }
        }

        @Override
        public void written(Cell cell, long index) {
            if (cell.variable().shared() && cell.key() != 0) {
                touchedShared = true;
                if (all) {
                    accesses.noteWrite(cell.key() + index);
                }
            }
        }

        /**
         * Two events that both schedule something on the same lane do not commute: it runs in that order. That holds for a
         * lane's own events too, but for a task: others give it work only while it has none of its own.
         */
        void scheduled(Lane lane, boolean own) {
            if (lane.phase() == Phase.TIMEOUT || own && lane.phase() == Phase.SOFTWARE) {
                return;
            }
            touchedShared = true;
            if (all) {
                accesses.noteWrite(lane.stableId());
                if (!own) {
                    accesses.noteWake(lane.index());
                }
            }
        }
    }
}

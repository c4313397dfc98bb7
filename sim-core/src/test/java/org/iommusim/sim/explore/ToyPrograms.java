package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/**
 * The steps of {@link ToyProtocol} as programs of a simulation, with the simulation's lock: a user that finds it taken queues
 * for it, and whoever releases it to a waiter touches it once more.
 */
public final class ToyPrograms {
    private static final Variable OBJECT = Variable.named("object");
    private static final Footprint TOUCHES = Footprint.of(OBJECT);

    private final Simulation simulation = Simulation.seeded(1).build();
    private final Lock lock = new Lock(simulation.world(), "lock", Lock.Kind.MUTEX);
    private final IntCell slot = new IntCell(simulation.world(), OBJECT, 1, 1);
    private final IntCell users = new IntCell(simulation.world(), OBJECT, 2, 1);
    private final IntCell freed = new IntCell(simulation.world(), OBJECT, 3, 0);
    private final IntCell data = new IntCell(simulation.world(), OBJECT, 4, 0);
    private final List<Task> tasks = new ArrayList<>();
    private final SimulationSubject subject;

    private static final class Local extends Frame {
        final IntCell found = count();

        Local(Simulation simulation) {
            super(simulation.world());
        }
    }

    private ToyPrograms(int number, int bug) {
        start("destroyer", destroyer());
        for (int i = 1; i <= number; i++) {
            start("user " + i, user(bug));
        }
        subject =
                new SimulationSubject(simulation, SimulationSubject.Judge.of(this::stuck, violation -> false), 0, null);
    }

    /** The protocol in its initial state, as {@link ToyProtocol}. */
    public static Subject of(int users, int bug) {
        return new ToyPrograms(users, bug).subject;
    }

    private void start(String name, Program<Local> program) {
        Task task = new Task(simulation.tasks(), name);
        tasks.add(task);
        task.run(new Call<>(program, new Local(simulation)), error -> {});
    }

    private List<Violation> stuck() {
        return tasks.stream()
                .filter(task -> !task.idle())
                .map(task -> new Violation(0, "stuck", task + " waits for " + task.waitingFor()))
                .toList();
    }

    private Program<Local> user(int bug) {
        Program.Builder<Local> program = Program.named("use");
        boolean locks = bug != 1;
        if (locks) {
            program.lock("lock", f -> lock);
        }
        return program.step("load", TOUCHES, f -> f.found.set(slot.get()))
                .when("found", f -> f.found.get() != 0, found -> {
                    found.step("get", TOUCHES, f -> touch(() -> users.add(1)));
                    if (locks) {
                        found.undoNow("lock");
                    }
                    found.step("use", TOUCHES, f -> touch(data::get));
                    found.step("write", TOUCHES, f -> touch(() -> data.add(1)));
                    found.step("put", TOUCHES, f -> touch(() -> users.add(-1)));
                    if (bug == 2) {
                        found.step("touch", TOUCHES, f -> touch(() -> {}));
                    }
                })
                .build();
    }

    private Program<Local> destroyer() {
        return Program.<Local>named("destroy")
                .lock("lock", f -> lock)
                .step("load", TOUCHES, f -> f.found.set(slot.get()))
                .when(
                        "found",
                        f -> f.found.get() != 0,
                        found -> found.step("unused", TOUCHES, f -> f.found.set(users.get() == 1 ? 1 : 0))
                                .when(
                                        "free it",
                                        f -> f.found.get() != 0,
                                        free -> free.step("erase", TOUCHES, f -> slot.set(0))
                                                .undoNow("lock")
                                                .step("put", TOUCHES, f -> users.add(-1))
                                                .step("free", TOUCHES, f -> freed.set(1))))
                .build();
    }

    private void touch(Runnable access) {
        if (freed.get() != 0) {
            simulation.violations().report("use-after-free", "somebody touches the freed object");
        }
        access.run();
    }
}

package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.explore.TinyMachine.Kind;
import org.iommusim.sim.explore.TinyMachine.Op;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/** The operations of {@link TinyMachine} as programs of a simulation. */
final class ProgramSystem {
    private static final Variable VARIABLE = Variable.named("variable");
    private static final Footprint TOUCHES = Footprint.of(VARIABLE, WaitQueue.SLEEPERS);

    final Simulation simulation = Simulation.seeded(1).build();
    final SimulationSubject subject;
    private final IntCell[] variables = new IntCell[TinyMachine.VARIABLES];
    private final Lock[] locks = new Lock[TinyMachine.LOCKS];
    private final WaitQueue queue = new WaitQueue(simulation.world(), "queue");
    private final Lane device = simulation.scheduler().newLane("device", Phase.HARDWARE);
    private final List<Task> tasks = new ArrayList<>();

    private static final class Local extends Frame {
        final IntCell register = count();

        Local(Simulation simulation) {
            super(simulation.world());
        }
    }

    ProgramSystem(List<List<Op>> programs, int timeouts) {
        for (int i = 0; i < variables.length; i++) {
            variables[i] = new IntCell(simulation.world(), VARIABLE, i + 1, 0);
        }
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new Lock(simulation.world(), "lock " + i, Lock.Kind.MUTEX);
        }
        for (List<Op> ops : programs) {
            Task task = new Task(simulation.tasks(), "task " + tasks.size());
            tasks.add(task);
            if (!ops.isEmpty()) {
                task.run(new Call<>(program(ops), new Local(simulation)), error -> {});
            }
        }
        subject = new SimulationSubject(
                simulation, SimulationSubject.Judge.of(this::stuck, violation -> false), timeouts, null);
    }

    private List<Violation> stuck() {
        return tasks.stream()
                .filter(task -> !task.idle())
                .map(task ->
                        new Violation(0, "stuck", task + " waits for " + task.waitingFor() + " " + task.position()))
                .toList();
    }

    private Program<Local> program(List<Op> ops) {
        Program.Builder<Local> program = Program.named("program");
        String[] held = new String[TinyMachine.LOCKS];
        int number = 0;
        for (Op op : ops) {
            String id = op.kind() + " " + number++;
            if (op.kind() == Kind.LOCK) {
                if (held[op.a()] == null) {
                    program.lock(id, f -> locks[op.a()]);
                    held[op.a()] = id;
                }
            } else if (op.kind() == Kind.UNLOCK) {
                if (held[op.a()] != null) {
                    program.undoNow(held[op.a()]);
                    held[op.a()] = null;
                }
            } else if (op.kind() == Kind.AWAIT) {
                await(program, id, op);
            } else {
                program.step(id, TOUCHES, f -> run(f, op));
            }
        }
        return program.build();
    }

    private void await(Program.Builder<Local> program, String id, Op op) {
        WaitQueue.Sleep mode = WaitQueue.Sleep.UNINTERRUPTIBLE;
        if (op.b() == 0) {
            program.await(id, TOUCHES, f -> queue, mode, f -> variables[op.a()].get() != 0);
        } else {
            program.await(id, TOUCHES, f -> queue, mode, f -> variables[op.a()].get() != 0, f -> 60, f -> {
                f.register.add(100);
                return 0;
            });
        }
    }

    private void run(Local f, Op op) {
        switch (op.kind()) {
            case READ -> f.register.set(7 * f.register.get() + variables[op.a()].get());
            case WRITE -> variables[op.a()].set(op.b() + f.register.get());
            case SET -> variables[op.a()].set(op.b());
            case ADD -> variables[op.a()].add(1);
            case WAKE -> queue.wakeAll();
            case HAND -> hand(op.a(), op.b());
            case WRONG_IF -> {
                if (variables[op.a()].get() == op.b()) {
                    simulation.violations().report("wrong", "somebody sees " + op);
                }
            }
            default -> throw new IllegalArgumentException(op.toString());
        }
    }

    /** Work for the device, which after a 3 gives itself more. */
    private void hand(int variable, long value) {
        simulation.scheduler().after(device, 1, this::work, variable, value);
    }

    private void work(int variable, long value) {
        variables[variable].set((int) value);
        if (value == 3) {
            hand(variable, 1);
        }
    }
}

package org.iommusim.sim.program.check;

import java.util.List;
import java.util.function.Consumer;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Task;

/** Tasks whose steps take the time that a test says, and locks for them. */
final class CheckedTasks {
    final Simulation sim = Simulation.seeded(1).build();

    static final class Empty extends Frame {
        Empty(Simulation sim) {
            super(sim.world());
        }
    }

    Task spawn(String name, Consumer<Program.Builder<Empty>> body) {
        Program.Builder<Empty> program = Program.named(name + " program");
        body.accept(program);
        Task task = new Task(sim.tasks(), name);
        task.run(new Call<>(program.build(), new Empty(sim)), error -> {});
        return task;
    }

    Lock mutex(String name) {
        return new Lock(sim.world(), name, Lock.Kind.MUTEX);
    }

    Lock spinlock(String name) {
        return new Lock(sim.world(), name, Lock.Kind.SPIN);
    }

    /** Runs everything, then asks for the end. */
    List<Violation> run() {
        sim.scheduler().run();
        sim.checkers().atEnd();
        return sim.violations().violations();
    }

    static void step(Program.Builder<Empty> program, String id, Runnable body) {
        program.step(id, HostCost.ATOMIC, Footprint.LOCAL, f -> body.run());
    }
}

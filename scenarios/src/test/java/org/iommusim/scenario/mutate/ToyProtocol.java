package org.iommusim.scenario.mutate;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.mutate.Mutants;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/** Two tasks that count under a lock, and a step that nobody needs; judged by two timed runs. */
final class ToyProtocol {
    private static final Variable COUNT = Variable.named("count");
    private static final Variable SEEN = Variable.named("seen");

    private static final Program<Local> INCREMENT = Program.<Local>named("increment")
            .lock("lock", f -> f.shared.lock)
            .step("load", Footprint.of(COUNT), f -> f.value.set(f.shared.count.get()))
            .step("store", Footprint.of(COUNT), f -> f.shared.count.set(f.value.get() + 1))
            .undoNow("lock")
            .step("seen = true", Footprint.of(SEEN), f -> f.shared.seen.set(1))
            .build();
    private static final Program<Local> NEVER_RUN = Program.<Local>named("decrement")
            .step("count--", Footprint.of(COUNT), f -> f.shared.count.add(-1))
            .build();

    static final List<Mutant> MUTANTS = Mutants.of(List.of(INCREMENT, NEVER_RUN));

    private ToyProtocol() {}

    static MutantVerdict judge(ProgramPatch change) {
        if (change.program().equals(NEVER_RUN.name())) {
            return MutantVerdict.notReached();
        }
        Simulation sim = Simulation.seeded(1).patches(List.of(change)).build();
        Shared shared = new Shared(sim.world());
        List<String> ended = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            new Task(sim.tasks(), name).run(new Call<>(INCREMENT, new Local(shared)), error -> ended.add(name));
        }
        sim.scheduler().run();
        return ended.size() == 2 && shared.count.get() == 2
                ? MutantVerdict.survived("one run", false)
                : MutantVerdict.killed("toy: count", "it is " + shared.count.get());
    }

    private static final class Shared {
        final World world;
        final Lock lock;
        final IntCell count;
        final IntCell seen;

        Shared(World world) {
            this.world = world;
            lock = new Lock(world, "lock", Lock.Kind.MUTEX);
            count = new IntCell(world, COUNT, 1, 0);
            seen = new IntCell(world, SEEN, 2, 0);
        }
    }

    private static final class Local extends Frame {
        final Shared shared;
        final IntCell value = count();

        Local(Shared shared) {
            super(shared.world);
            this.shared = shared;
        }
    }
}

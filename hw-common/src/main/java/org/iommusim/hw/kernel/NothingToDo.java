package org.iommusim.hw.kernel;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.World;

/** An operation that a driver has nothing to do for: it succeeds at once. */
public final class NothingToDo extends Frame {
    private static final Program<NothingToDo> PROGRAM =
            Program.<NothingToDo>named("nothing to do").build();

    private NothingToDo(World world) {
        super(world);
    }

    /** The call that succeeds. */
    public static Call<NothingToDo> call(World world) {
        return new Call<>(PROGRAM, new NothingToDo(world));
    }
}

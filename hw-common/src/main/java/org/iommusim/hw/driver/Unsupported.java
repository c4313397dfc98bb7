package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.World;

/** What the kernel answers where a driver has no such operation: EOPNOTSUPP, at once. */
public final class Unsupported extends Frame {
    private static final Program<Unsupported> PROGRAM = Program.<Unsupported>named("operation not supported")
            .finish("EOPNOTSUPP", f -> Errno.EOPNOTSUPP)
            .build();

    private Unsupported(World world) {
        super(world);
    }

    /** The call that answers EOPNOTSUPP. */
    public static Call<?> call(World world) {
        return new Call<>(PROGRAM, new Unsupported(world));
    }
}

package org.iommusim.smmuv3.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.World;

/** Operations that this driver has nothing to do for. */
final class NothingToDo extends Frame {
    private static final Program<NothingToDo> PROGRAM =
            Program.<NothingToDo>named("arm_smmu (nothing to do)").build();

    private NothingToDo(World world) {
        super(world);
    }

    static Call<NothingToDo> call(ArmSmmu smmu) {
        return new Call<>(PROGRAM, new NothingToDo(smmu.world()));
    }
}

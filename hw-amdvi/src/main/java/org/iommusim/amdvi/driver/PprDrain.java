package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.kernel.InterruptThread;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;

/**
 * Waits until every page request in the log was reported or answered. Not in the kernel: for the mended detach. The device must
 * not be able to ask any more, or this may never end.
 */
final class PprDrain extends Frame {
    private static final Footprint LOG =
            Footprint.of(AmdViVariables.REGISTER, InterruptThread.PENDING, WaitQueue.SLEEPERS, Touches.UNIT);
    static final Program<PprDrain> PROGRAM = Program.<PprDrain>named("drain page requests")
            .await(
                    "the log is empty and its thread idle",
                    LOG,
                    f -> f.thread.idle(),
                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                    PprDrain::drained)
            .build();

    private final AmdIommu iommu;
    private final InterruptThread thread;

    private PprDrain(DevData dev) {
        super(dev.iommu().world());
        iommu = dev.iommu();
        thread = dev.requestThread();
    }

    static Call<?> call(DevData dev) {
        return new Call<>(PROGRAM, new PprDrain(dev));
    }

    private boolean drained() {
        return iommu.read64(Reg.PPR_HEAD) == iommu.read64(Reg.PPR_TAIL) && !thread.running();
    }
}

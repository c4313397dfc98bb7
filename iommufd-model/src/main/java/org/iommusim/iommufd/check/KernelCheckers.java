package org.iommusim.iommufd.check;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.check.TornRead;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.check.Deadlock;
import org.iommusim.sim.program.check.LockHeldAtExit;
import org.iommusim.sim.program.check.LockOrder;
import org.iommusim.sim.program.check.LostWakeup;
import org.iommusim.sim.program.check.UnboundedWait;

/** All checkers that can be attached to a machine. */
public final class KernelCheckers {
    private KernelCheckers() {}

    /**
     * Makes every checker of a kernel, not attached yet.
     *
     * @param contexts what was opened on it
     * @param locks the order of its locks
     */
    public static List<Checker> of(Kernel kernel, Contexts contexts, KernelLocks locks) {
        Simulation simulation = kernel.simulation();
        Checkers checkers = simulation.checkers();
        List<Checker> all = new ArrayList<>();
        all.add(new LockOrder(simulation.world(), checkers, simulation.violations(), locks.order()));
        all.add(new LockHeldAtExit(checkers, simulation.violations()));
        all.add(new Deadlock(checkers, simulation.violations()));
        all.add(new UnboundedWait(checkers, simulation.violations()));
        all.add(new LostWakeup(checkers, simulation.violations()));
        all.add(new TornRead(simulation.world(), simulation.violations()));
        all.add(new UnbindLockSleep(kernel, locks.neededByUnbind()));
        all.add(new MustSucceed(kernel));
        all.add(new ForcedDestroy(kernel));
        all.add(new IdReuse(kernel));
        all.add(new SpuriousBusy(kernel));
        all.add(new OneVdevice(kernel));
        all.add(new HalfMade(kernel));
        all.add(new HardwareStateOrder(kernel));
        all.add(new WrongContext(kernel));
        all.add(new EventVsid(kernel));
        all.add(new DmaOwnerOnce(kernel));
        all.add(new FaultResponse(kernel, contexts));
        all.add(new CompletedBeforeInvalidated(kernel));
        all.add(new Leak(kernel, contexts));
        return List.copyOf(all);
    }
}

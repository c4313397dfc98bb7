package org.iommusim.iommufd.object;

import java.util.function.Consumer;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.World;

/**
 * What all parts of the simulated kernel share.
 *
 * @param simulation time, cells, tasks, violations
 * @param memory what is in physical memory
 * @param pages where user processes get their pages
 * @param policy which kernel this is
 * @param listener hears of objects
 * @param faults makes steps fail, for tests
 */
public record Kernel(
        Simulation simulation,
        PhysicalMemory memory,
        PageAllocator pages,
        LifecyclePolicy policy,
        KernelListener listener,
        FaultInjection faults) {
    /** The checker name under which a kernel warning is reported. */
    public static final String WARN = "WARN";
    /** The checker name under which the use of a freed object is reported. */
    public static final String USE_AFTER_FREE = "use-after-free";

    /** All cells. */
    public World world() {
        return simulation.world();
    }

    /** Tells the checkers that have this watcher interface. */
    public <W> void tell(Class<W> kind, Consumer<W> news) {
        simulation.checkers().tell(kind, news);
    }

    /** {@code WARN_ON}: the kernel noticed that it is wrong. */
    public void warn(String where, String what) {
        simulation.violations().report(WARN, where + ": " + what);
    }
}

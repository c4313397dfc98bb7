package org.iommusim.vtd.driver;

import java.util.function.Predicate;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.vtd.spec.Reg;

/**
 * Commands of GCMD: one change at a time, written together with all that is in effect, then GSTS is polled. The kernel panics
 * when the unit does not follow within {@link IntelIommu#POLL_TIMEOUT_PS}; here the program ends with ETIMEDOUT.
 */
final class GlobalCommand {
    private GlobalCommand() {}

    /** What is in effect, as GCMD must repeat it. */
    static int levels(IntelIommu iommu) {
        return (int) iommu.read32(Reg.GSTS) & Reg.GCMD_LEVELS;
    }

    /** Adds the steps that set a bit. */
    static void set(Program.Builder<InitDmars> p, String name, int bit) {
        p.step(
                "write GCMD." + name,
                HostCost.MMIO_WRITE,
                Touches.MMIO,
                f -> f.iommu().write32(Reg.GCMD, levels(f.iommu()) | bit));
        poll(p, name + "=1", f -> (f.iommu().read32(Reg.GSTS) & bit) != 0);
    }

    /** Adds the steps that clear a bit that is a level. */
    static void clear(Program.Builder<InitDmars> p, String name, int bit) {
        p.step(
                "write GCMD." + name + "=0",
                HostCost.MMIO_WRITE,
                Touches.MMIO,
                f -> f.iommu().write32(Reg.GCMD, levels(f.iommu()) & ~bit));
        poll(p, name + "=0", f -> (f.iommu().read32(Reg.GSTS) & bit) == 0);
    }

    /** Adds a poll of a register. */
    static void poll(Program.Builder<InitDmars> p, String name, Predicate<InitDmars> done) {
        p.await(
                "poll " + name,
                Touches.MMIO,
                f -> f.iommu().device().changed(),
                WaitQueue.Sleep.UNINTERRUPTIBLE,
                done,
                f -> IntelIommu.POLL_TIMEOUT_PS,
                f -> Errno.ETIMEDOUT);
    }
}

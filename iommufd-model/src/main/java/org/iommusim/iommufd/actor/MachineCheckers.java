package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.provider.IommuProvider.IommuUnit;
import org.iommusim.iommufd.check.KernelCheckers;
import org.iommusim.iommufd.check.KernelLocks;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.program.check.UnboundedWait;

/** The checkers of a machine: those of its kernel, and those that know its actors. */
final class MachineCheckers {
    private MachineCheckers() {}

    /**
     * Makes and attaches all of them.
     *
     * @param exploring true if the machine will be explored: then nobody looks at what costs an exploration too much
     */
    static void attach(Machine machine, boolean exploring) {
        List<List<String>> locks = new ArrayList<>();
        for (IommuUnit unit : machine.iommus().values()) {
            locks.addAll(unit.driver().lockOrder());
        }
        List<Checker> all =
                new ArrayList<>(KernelCheckers.of(machine.kernel(), machine.contexts(), KernelLocks.with(locks)));
        if (!exploring) {
            // A timed run tells by itself who is stuck in the end.
            all.removeIf(checker -> checker.info().equals(UnboundedWait.INFO));
        }
        all.add(new References(machine, !exploring));
        all.add(new NotRestored(machine));
        all.add(new GuestBypass(machine));
        all.forEach(machine.simulation().checkers()::attach);
    }
}

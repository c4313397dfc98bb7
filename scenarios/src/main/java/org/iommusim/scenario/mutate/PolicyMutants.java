package org.iommusim.scenario.mutate;

import java.util.List;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.mutate.Mutants;
import org.iommusim.sim.program.Program;

/** The mutants of a kernel: those of the programs on its paths. */
public final class PolicyMutants {
    private PolicyMutants() {}

    /** All of them, in the order of the paths. */
    public static List<Mutant> of(LifecyclePolicy policy) {
        List<Program<?>> programs = policy.paths().stream()
                .<Program<?>>flatMap(path -> path.programs().stream())
                .toList();
        return Mutants.of(programs);
    }
}

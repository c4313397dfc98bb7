package org.iommusim.scenario.mutate;

import java.util.List;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.mutate.Mutants;

/** The mutants of a kernel: those of the programs on its paths. */
public final class PolicyMutants {
    private PolicyMutants() {}

    /** All of them, in the order of the paths. */
    public static List<Mutant> of(LifecyclePolicy policy) {
        return Mutants.of(policy.programsOnPaths());
    }
}

package org.iommusim.iommufd.variant;

import java.util.List;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Whether a known bug can be given to a kernel: what it changes may be written otherwise there, or not be there at all. */
public final class KernelFit {
    private KernelFit() {}

    /** Why a kernel cannot be given a bug, in one line; empty if it can. What all kernels share fits all of them. */
    public static String misfit(Variant variant, LifecyclePolicy kernel) {
        for (ProgramPatch patch : variant.patches()) {
            String misfit = misfit(patch, kernel);
            if (!misfit.isEmpty()) {
                return misfit;
            }
        }
        return "";
    }

    private static String misfit(ProgramPatch patch, LifecyclePolicy kernel) {
        List<Program<?>> own =
                kernel.programsOnPaths().stream().filter(patch::isFor).toList();
        if (own.isEmpty()) {
            boolean ofAnother = Kernels.all().stream()
                    .flatMap(each -> each.programsOnPaths().stream())
                    .anyMatch(patch::isFor);
            return ofAnother ? "patch '" + patch.name() + "' changes what " + kernel.name() + " does not have" : "";
        }
        try {
            own.forEach(patch::apply);
            return "";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }
}

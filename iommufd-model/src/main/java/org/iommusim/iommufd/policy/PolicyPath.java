package org.iommusim.iommufd.policy;

import java.util.List;
import org.iommusim.sim.program.Program;

/**
 * One path of a kernel, for whoever reads or compares kernels.
 *
 * @param name which path: {@code ALLOC}, {@code UNWIND}, {@code DESTROY}, {@code UNBIND}, {@code RELEASE}, {@code
 *     INVALIDATE}, {@code OBJECTS}
 * @param programs the programs that make it, in the order of their first call
 */
public record PolicyPath(String name, List<Program<?>> programs) {
    /** Copies the list. */
    public PolicyPath {
        programs = List.copyOf(programs);
    }
}

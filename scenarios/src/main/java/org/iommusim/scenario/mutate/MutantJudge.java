package org.iommusim.scenario.mutate;

import org.iommusim.sim.program.ProgramPatch;

/**
 * Explores a kernel with one change. Called by several threads at once; the same change always gets the same answer. A
 * change that makes a model throw (it follows a pointer that nobody set) is noticed: a kernel would end there.
 */
@FunctionalInterface
public interface MutantJudge {
    /** What the explorations say of the change. */
    MutantVerdict judge(ProgramPatch change);
}

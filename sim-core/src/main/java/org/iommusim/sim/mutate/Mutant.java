package org.iommusim.sim.mutate;

import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramPatch;

/**
 * One small change of one program.
 *
 * @param id stable and unique within a set of programs, e.g. {@code iommufd_device_pre_destroy: drop lock igroup->lock}
 * @param kind what it changes
 * @param program the program as it is written
 * @param step the step that is left out, or the first of the two that change places
 * @param other the second of the two that change places; empty for other changes
 * @param patch makes the change
 */
public record Mutant(String id, MutantKind kind, Program<?> program, String step, String other, ProgramPatch patch) {}

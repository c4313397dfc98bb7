/**
 * Wrong software on purpose: known bugs, brought back by name.
 *
 * <p>A {@link org.iommusim.sim.variant.Variant} is a kernel or a driver with one bug. It says what is different in one of
 * two ways: as {@link org.iommusim.sim.program.ProgramPatch}es, which change programs from outside and need no line in the
 * model, or as {@link org.iommusim.sim.variant.Knobs}, where the difference is not in a program. A model reads its knobs
 * when it is made, never later, so that nothing changes under an exploration.
 */
@NullMarked
package org.iommusim.sim.variant;

import org.jspecify.annotations.NullMarked;

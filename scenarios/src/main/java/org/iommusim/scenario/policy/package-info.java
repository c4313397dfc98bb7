/**
 * Kernels as people read and compare them: what {@code docs/policies.md} and {@code list policies --diff} show.
 *
 * <p>Everything here is made from the programs that are simulated, through their {@link
 * org.iommusim.sim.program.ProgramListing}: what the manual says cannot differ from what runs.
 */
@NullMarked
package org.iommusim.scenario.policy;

import org.jspecify.annotations.NullMarked;

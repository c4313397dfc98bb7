/**
 * Protocol mutation: every small change of a set of programs, to see which of them some check notices.
 *
 * <p>{@link org.iommusim.sim.mutate.Mutants} goes through programs and makes a {@link org.iommusim.sim.mutate.Mutant} of
 * each lock, reference, flag, wake-up, check, wait and call that could be left out, and of each pair of neighbouring steps
 * that could be done the other way round. A mutant that no exploration can tell from the original is a step that nothing
 * needs, or a scenario or a checker that is missing.
 *
 * <p>A mutant's id depends on its program only ({@code iommufd_put_object: drop wake destroy_wait}), so that results of a
 * long campaign can be kept.
 */
@NullMarked
package org.iommusim.sim.mutate;

import org.jspecify.annotations.NullMarked;

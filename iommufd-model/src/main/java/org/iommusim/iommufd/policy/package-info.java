/**
 * Which kernel is simulated: the life cycle policy.
 *
 * <p>Kernels differ in a few places. A place where another kernel does something else is a {@link
 * org.iommusim.iommufd.policy.ProgramSlot}, which whoever runs the program declares; a {@link
 * org.iommusim.iommufd.policy.ProgramSet} says what each kernel has there. Programs of one slot are made of the same named
 * steps as far as the kernels do the same. Small differences inside of a step that all kernels share (what a publication
 * takes for a mistake, whom a wake-up reaches) are rules: {@link org.iommusim.iommufd.policy.ObjectRules}, {@link
 * org.iommusim.iommufd.policy.VdeviceRules}.
 *
 * <p>A {@link org.iommusim.iommufd.policy.LifecyclePolicy} also lists the deviations that its kernel is known and accepted to
 * have, so that a report can tell them from discoveries, and its paths in the order of calls, so that kernels can be read and
 * compared. The kernels themselves are in {@code org.iommusim.iommufd.kernels}.
 */
@NullMarked
package org.iommusim.iommufd.policy;

import org.jspecify.annotations.NullMarked;

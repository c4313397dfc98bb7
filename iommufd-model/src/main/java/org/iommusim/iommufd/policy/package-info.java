/**
 * Which kernel is simulated: the life cycle policy.
 *
 * <p>Kernels differ in a few places: who may remove what, what a wake-up reaches, what is checked. Those places ask the
 * {@link org.iommusim.iommufd.policy.LifecyclePolicy} of the run; everything else is shared. A policy also lists the
 * deviations that its kernel is known and accepted to have, so that a report can tell them from discoveries.
 */
@NullMarked
package org.iommusim.iommufd.policy;

import org.jspecify.annotations.NullMarked;

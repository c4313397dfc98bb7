/**
 * Checkers of the kernel: each watches for one kind of mistake, remembers what it must in cells, and never changes a result.
 *
 * <p>They hear of objects ({@link org.iommusim.iommufd.object.ObjectWatcher}), devices ({@link
 * org.iommusim.iommufd.device.DeviceWatcher}), invalidations ({@link org.iommusim.iommufd.device.InvalidationWatcher}) and
 * page requests ({@link org.iommusim.iommufd.eventq.FaultWatcher}) in the very step in which something happens, and judge
 * there or at the end. {@link org.iommusim.iommufd.check.KernelCheckers} makes all of them, with those of {@code
 * sim.program.check} that know only tasks and locks.
 *
 * <p>What is known of a kernel and accepted is told from a violation by {@link
 * org.iommusim.iommufd.policy.AcceptedDeviations}, from the checker and from where the tasks stood.
 */
@NullMarked
package org.iommusim.iommufd.check;

import org.jspecify.annotations.NullMarked;

/**
 * What went wrong: violations that checkers report.
 *
 * <p>A {@link org.iommusim.sim.check.Checker} watches and never changes a result. What it finds goes to the run's {@link
 * org.iommusim.sim.check.ViolationLog}, in the order of simulated time, and the run's exit status follows from it. A
 * wrong model (an internal invariant that cannot break) throws instead.
 */
@NullMarked
package org.iommusim.sim.check;

import org.jspecify.annotations.NullMarked;

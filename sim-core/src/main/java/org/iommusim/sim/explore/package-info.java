/**
 * Exploration: finds the interleaving that breaks something, or shows that within stated bounds there is none.
 *
 * <p>A {@link org.iommusim.sim.explore.Subject} is the system; the engines choose lanes, take back and choose again.
 */
@NullMarked
package org.iommusim.sim.explore;

import org.jspecify.annotations.NullMarked;

/**
 * What a run leaves behind for comparison.
 *
 * <p>{@link org.iommusim.sim.trace.RunDigest} condenses everything observable of a run into one SHA-256. Two runs of the
 * same scenario, seed and version have the same digest on any machine; a digest that moved says that something observable
 * did. The runner feeds it; models do not know it.
 */
@NullMarked
package org.iommusim.sim.trace;

import org.jspecify.annotations.NullMarked;

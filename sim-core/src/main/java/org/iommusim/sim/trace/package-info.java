/**
 * What observers see: the steps of tasks, spans and instants on lanes, and the digest of a run.
 *
 * <p>A {@link org.iommusim.sim.trace.TraceSink} only listens: attaching one never changes what is simulated, and all that
 * it is told is deterministic.
 *
 * <p>{@link org.iommusim.sim.trace.RunDigest} condenses everything observable of a run into one SHA-256. Two runs of the
 * same scenario, seed and version have the same digest on any machine; a digest that moved says that something observable
 * did. The runner feeds it; models do not know it.
 */
@NullMarked
package org.iommusim.sim.trace;

import org.jspecify.annotations.NullMarked;

/**
 * Numbers that a run counts and reports.
 *
 * <p>Each {@link org.iommusim.sim.stats.Statistics} belongs to one simulation. A component asks it once, while it is
 * built, for its {@link org.iommusim.sim.stats.Counter}s and {@link org.iommusim.sim.stats.LatencyHistogram}s and then
 * feeds them directly: no look-up by name happens while the simulation runs. Reports walk the registry in the order of
 * registration.
 *
 * <p>Guarantees: statistics never change what a simulation does; feeding one allocates nothing in steady state; what is
 * printed depends on the recorded values alone, not on the machine, the locale or the order of recording.
 */
@NullMarked
package org.iommusim.sim.stats;

import org.jspecify.annotations.NullMarked;

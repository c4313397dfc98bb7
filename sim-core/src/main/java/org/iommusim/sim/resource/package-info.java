/**
 * Resources: what simulated hardware has a limited number of, and how contenders wait for it.
 *
 * <p>A {@link org.iommusim.sim.resource.Slots} is a counting semaphore with a deterministic queue. Lookup ports,
 * translation slots, walk slots, link credits and memory channels are all of this one kind; latency is what a holder
 * spends before it gives its slot back. Nothing here allocates in steady state.
 */
@NullMarked
package org.iommusim.sim.resource;

import org.jspecify.annotations.NullMarked;

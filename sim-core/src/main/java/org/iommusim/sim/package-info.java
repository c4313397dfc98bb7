/**
 * The simulation core: time, lanes and events, cells that can be undone, programs, memory, resources, random streams,
 * statistics and traces. It knows no IOMMU.
 *
 * <p>{@link org.iommusim.sim.Simulation} ties one run's parts together and is handed to every component.
 */
@NullMarked
package org.iommusim.sim;

import org.jspecify.annotations.NullMarked;

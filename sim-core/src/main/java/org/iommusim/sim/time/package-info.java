/**
 * Simulated time: a {@code long} count of picoseconds, and the clock domains that turn cycles into it.
 *
 * <p>There is no other unit inside the simulator and no floating point: nanoseconds and cycles exist only at the edges,
 * where a human or a file format wants them. 62 bits of picoseconds are 53 days.
 */
@NullMarked
package org.iommusim.sim.time;

import org.jspecify.annotations.NullMarked;

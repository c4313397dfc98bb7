/**
 * DMA requests and the accounting of their time.
 *
 * <p>A {@link org.iommusim.hw.dma.DmaRequest} goes from station to station. At every moment it is at exactly one {@link
 * org.iommusim.hw.dma.Station}, and the time between two moves is booked to the station that it leaves. So the stations'
 * ticks add up to the latency by construction, to the picosecond. Requests are pooled by whoever makes them.
 */
@NullMarked
package org.iommusim.hw.dma;

import org.jspecify.annotations.NullMarked;

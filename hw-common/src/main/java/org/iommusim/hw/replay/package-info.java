/**
 * Recorded requests, and the device that makes them again.
 *
 * <p>A {@link org.iommusim.hw.replay.Recording} is a list of requests without times of their own; a {@link
 * org.iommusim.hw.replay.ReplayDevice} offers them to an IOMMU in a closed loop. It stands directly at the IOMMU's door,
 * without a link in between, and keeps to the rules of gem5's ports: an offer that finds no room is refused and made again
 * when the IOMMU says so, and answers leave one by one.
 */
@NullMarked
package org.iommusim.hw.replay;

import org.jspecify.annotations.NullMarked;

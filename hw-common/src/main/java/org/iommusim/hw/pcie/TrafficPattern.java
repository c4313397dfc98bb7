package org.iommusim.hw.pcie;

/** How a traffic generator picks addresses. */
public enum TrafficPattern {
    /** One access behind the other, wrapping at the end of the window. */
    SEQUENTIAL,
    /** Uniformly random multiples of the access size inside the window. */
    RANDOM,
    /** A fixed distance apart, wrapping at the end of the window. */
    STRIDED
}

package org.iommusim.iommufd.eventq;

import org.iommusim.sim.world.Identified;

/**
 * One event of a vIOMMU as it lies in its queue ({@code struct iommufd_vevent}). Immutable.
 *
 * @param lost the marker that events were lost ({@code lost_events_header}): it has no data
 * @param sequence its number; of the marker the number of the last event that was lost
 * @param data what the driver reported
 * @param stableId its identity
 */
@SuppressWarnings("ArrayRecordComponent") // private to the queue, never changed
record Vevent(boolean lost, int sequence, byte[] data, long stableId) implements Identified {
    /** Bytes of a {@code struct iommufd_vevent_header}. */
    static final int HEADER_BYTES = 8;

    /** {@code IOMMU_VEVENTQ_FLAG_LOST_EVENTS}. */
    static final int FLAG_LOST_EVENTS = 1;

    /** Bytes that reading it takes. */
    int bytes() {
        return HEADER_BYTES + data.length;
    }
}

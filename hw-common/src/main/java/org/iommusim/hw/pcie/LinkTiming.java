package org.iommusim.hw.pcie;

/**
 * How long a PCIe link takes, per direction.
 *
 * @param latencyPs from the last byte leaving one end to its arrival at the other, ps
 * @param bytesPerMicrosecond payload and header bytes that pass in a microsecond; 0 means unlimited
 * @param headerBytes overhead of each packet: framing, sequence number, header, LCRC
 */
public record LinkTiming(long latencyPs, long bytesPerMicrosecond, int headerBytes) {
    /** Checks ranges. */
    public LinkTiming {
        if (latencyPs < 0 || bytesPerMicrosecond < 0 || headerBytes < 0) {
            throw new IllegalArgumentException("impossible link timing: " + this);
        }
    }

    /** A link without latency or limit: for comparisons that start at the IOMMU's door. */
    public static final LinkTiming NONE = new LinkTiming(0, 0, 0);

    /** Time for which a packet with this payload occupies the link, ps. */
    public long occupancyPs(int payloadBytes) {
        return bytesPerMicrosecond == 0 ? 0 : (payloadBytes + headerBytes) * 1_000_000L / bytesPerMicrosecond;
    }
}

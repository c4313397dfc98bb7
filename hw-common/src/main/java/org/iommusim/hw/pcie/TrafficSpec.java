package org.iommusim.hw.pcie;

import org.iommusim.hw.dma.DmaRequest;

/**
 * What a traffic generator does.
 *
 * @param name names its random stream and its row in reports
 * @param base first address of the window (a device address)
 * @param window size of the window in bytes, at least one access
 * @param bytes size of an access
 * @param pattern how addresses are picked
 * @param stride distance between accesses for {@link TrafficPattern#STRIDED}, bytes
 * @param writePercent how many of 100 accesses are writes
 * @param count how many accesses in total; 0 means until stopped
 * @param outstanding closed loop: at most this many in flight, the next as soon as one is free; 0 means open loop
 * @param intervalPs open loop: mean time between attempts, ps (exponentially distributed when {@code poisson})
 * @param poisson open loop: random instead of regular intervals
 * @param deviceOutstanding open loop: requests that the device can have in flight; attempts beyond wait in the device
 * @param pasid PASID of every access, or {@link DmaRequest#NO_PASID}
 * @param mode whether the function translates its addresses itself
 */
public record TrafficSpec(
        String name,
        long base,
        long window,
        int bytes,
        TrafficPattern pattern,
        long stride,
        int writePercent,
        long count,
        int outstanding,
        long intervalPs,
        boolean poisson,
        int deviceOutstanding,
        int pasid,
        AddressMode mode) {
    /** Untranslated traffic. */
    public TrafficSpec(
            String name,
            long base,
            long window,
            int bytes,
            TrafficPattern pattern,
            long stride,
            int writePercent,
            long count,
            int outstanding,
            long intervalPs,
            boolean poisson,
            int deviceOutstanding,
            int pasid) {
        this(
                name,
                base,
                window,
                bytes,
                pattern,
                stride,
                writePercent,
                count,
                outstanding,
                intervalPs,
                poisson,
                deviceOutstanding,
                pasid,
                AddressMode.UNTRANSLATED);
    }

    /** Checks ranges. */
    public TrafficSpec {
        boolean loop = outstanding > 0 ? intervalPs == 0 : intervalPs > 0 && deviceOutstanding > 0;
        boolean address = bytes > 0 && window >= bytes && (pattern != TrafficPattern.STRIDED || stride > 0);
        if (!loop || !address || writePercent < 0 || writePercent > 100 || count < 0 || pasid < DmaRequest.NO_PASID) {
            throw new IllegalArgumentException("impossible traffic: " + name);
        }
    }
}

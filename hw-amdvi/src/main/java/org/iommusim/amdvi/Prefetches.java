package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.Simulation;

/**
 * PREFETCH_IOMMU_PAGES: pages that software names are translated ahead of all requests, and are in the caches when those come.
 * How many at a time is a parameter ({@code prefetch_walks}); with none the hint is taken and nothing is done, as QEMU,
 * VirtualBox and OpenVMM have it.
 *
 * <p>Rules (PREFETCH_IOMMU_PAGES): PFCount translations from the address on, of 4 KiB each or of the size that S has the address
 * say, with GN those of a PASID. A page goes the way of a read without a device: its device table entry, IOTLB, walk slot,
 * tables, and fills what they fill. With Inval what the IOTLB has of it goes first. What such a read would be refused makes no
 * event and is not kept, and no flag is set: where one is missing the page is left to the request that comes. A command that
 * finds pages of an older one not begun takes their place, since a hint that comes too late is none; so does switching the
 * buffer off.
 *
 * <p>A page under way uses tables like any request: an invalidation is complete when it is gone, and it fills nothing then.
 */
final class Prefetches {
    private final AmdViDevice device;
    private final Simulation sim;
    private final int slots;

    /** Pages of the last command that are not begun: the first one, how far from one to the next, how many. */
    private long next;

    private long step;
    private int left;
    private int deviceId;
    private int pasid;
    private boolean invalidatesFirst;
    private int underWay;

    Prefetches(AmdViDevice device, Simulation sim, AmdViParameters p) {
        this.device = device;
        this.sim = sim;
        slots = p.value("prefetch_walks");
    }

    /** How many pages may be under way at a time. */
    int slots() {
        return slots;
    }

    /** A legal command asks for pages. */
    void start(long w0, long w1) {
        int shift = Math.min(Cmd.rangeShift(w1), Long.SIZE - 1);
        step = 1L << shift;
        next = w1 & -1L << shift;
        left = Cmd.PREFETCH_COUNT.getInt(w0);
        deviceId = Cmd.DEVICE_ID.getInt(w0);
        pasid = Cmd.GN.isSet(w1) ? Cmd.PREFETCH_PASID.getInt(w0) : DmaRequest.NO_PASID;
        invalidatesFirst = Cmd.PREFETCH_INVAL.isSet(w1);
        begin();
    }

    /** What is not begun is given up. */
    void stop() {
        left = 0;
    }

    private void begin() {
        while (underWay < slots && left > 0) {
            Flight flight = device.flights().take();
            flight.arriveAhead(deviceId, pasid, next, invalidatesFirst, sim.now());
            underWay++;
            next += step;
            left = next == 0 ? 0 : left - 1; // behind the last address there is nothing
            device.entries().start(flight);
        }
    }

    /** A page is in the caches, or cannot be. */
    void over(Flight flight) {
        device.requests().release(flight);
        underWay--;
        begin();
    }
}

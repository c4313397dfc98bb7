package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.queue.EntryList;
import org.jspecify.annotations.Nullable;

/** Commands as the driver fills them ({@code build_inv_*}). */
final class Flushes {
    /** PASID of a flush that is not one of guest tables. */
    static final int NOT_GUEST = -1;

    /** The highest address bit in which start and end of a range may differ; above that everything goes. */
    private static final int HIGHEST_BIT = 51;
    /** Above so many ranges everything goes. */
    private static final int MOST_RANGES = 8;

    private Flushes() {}

    /**
     * {@code build_inv_address}: second word of both commands that invalidate pages, for the smallest aligned power of two that
     * holds a range.
     */
    static long pages(long start, long bytes) {
        long differs = start ^ start + bytes - 1;
        int highest = Long.SIZE - 1 - Long.numberOfLeadingZeros(differs | (1 << 12) - 1);
        return highest > HIGHEST_BIT ? Cmd.allPages1() : Cmd.pages1(start, highest + 1);
    }

    /** True if ranges are so many that everything goes instead; {@code null} is everything. */
    static boolean everything(Gather.@Nullable Range ranges) {
        int count = 0;
        for (Gather.Range r = ranges; r != null; r = r.next()) {
            count++;
        }
        return count == 0 || count > MOST_RANGES;
    }

    /**
     * {@code build_inv_iommu_pages} for each range: page directories always go, too.
     *
     * @param pasid or {@link #NOT_GUEST}
     */
    static void addPages(EntryList list, int domainId, int pasid, Gather.@Nullable Range ranges) {
        boolean guest = pasid != NOT_GUEST;
        long w0 = Cmd.invalidateIommuPages0(domainId, guest ? pasid : 0);
        addRanges(list, w0, Cmd.PDE.mask() | (guest ? Cmd.GN.mask() : 0), ranges);
    }

    /** {@code device_flush_iotlb}: the same in a device's own TLB, if that is on. */
    static void addIotlb(EntryList list, DevData dev, int pasid, Gather.@Nullable Range ranges) {
        if (!dev.atsEnabled()) {
            return;
        }
        boolean guest = pasid != NOT_GUEST && pasid != AmdIommu.NO_PASID;
        int id = dev.deviceId();
        long w0 = Cmd.invalidateIotlbPages0(id, id, dev.function().atsQueueDepth(), guest ? pasid : 0);
        addRanges(list, w0, guest ? Cmd.GN.mask() : 0, ranges);
    }

    private static void addRanges(EntryList list, long w0, long flags, Gather.@Nullable Range ranges) {
        if (everything(ranges)) {
            list.add(w0, Cmd.allPages1() | flags);
            return;
        }
        for (Gather.Range r = ranges; r != null; r = r.next()) {
            list.add(w0, pages(r.start(), r.bytes()) | flags);
        }
    }

    /** {@code device_flush_dte}: a device's entry, and all that its own TLB has. */
    static EntryList device(DevData dev) {
        EntryList list = EntryList.of(Cmd.invalidateDevtabEntry0(dev.deviceId()), 0);
        addIotlb(list, dev, NOT_GUEST, null);
        return list;
    }
}

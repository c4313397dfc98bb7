package org.iommusim.vtd.driver;

import org.iommusim.hw.queue.EntryList;
import org.iommusim.vtd.spec.Inv;

/** Descriptors as the driver fills them ({@code qi_desc_*}). */
final class Flushes {
    /** MAX_AGAW_PFN_WIDTH: the order of a device TLB invalidation of everything. */
    static final int EVERYTHING = 52;

    private Flushes() {}

    /** IOTLB by domain; drains what the unit can drain. */
    static long iotlbDomain(IntelIommu iommu, int did) {
        return iotlb(iommu, Inv.G_IOTLB_DOMAIN, did);
    }

    /** IOTLB of any granularity, first word. */
    static long iotlb(IntelIommu iommu, int granularity, int did) {
        return Inv.iotlb0(granularity, did, iommu.cap().drd(), iommu.cap().dwd());
    }

    /** Adds the invalidation of pages in a device's cache, of one PASID or of requests without ({@code NO_PASID}). */
    static EntryList addDeviceTlb(EntryList list, DeviceInfo info, int pasid, long address, int order) {
        int sid = info.sid();
        int depth = info.function().atsQueueDepth();
        return pasid == IntelIommu.NO_PASID
                ? list.add(Inv.deviceTlb0(sid, sid, depth), Inv.deviceTlb1(address, order))
                : list.add(Inv.pasidDeviceTlb0(sid, pasid, sid, depth), Inv.pasidDeviceTlb1(address, order));
    }

    /** Everything that a device has cached of one PASID, or of requests without. */
    static EntryList deviceTlbAll(DeviceInfo info, int pasid) {
        return addDeviceTlb(new EntryList(), info, pasid, 0, EVERYTHING);
    }
}

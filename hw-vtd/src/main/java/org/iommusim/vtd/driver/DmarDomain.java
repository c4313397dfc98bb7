package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.spec.Inv;

/** {@code struct dmar_domain}: what paging and nested domains share, their id on the unit and the caches that may hold them. */
abstract class DmarDomain implements IommuDomain {
    private final IntelIommu iommu;
    private final long id;
    private final IntCell did;
    private final IntCell users;
    private final RefCell<CacheTag> cacheTags;

    /** {@code cache_lock}: the list of tags; held while what they name is invalidated. */
    final Lock cacheLock;

    DmarDomain(IntelIommu iommu) {
        this.iommu = iommu;
        id = iommu.world().nextInstance();
        did = new IntCell(iommu.world(), Touches.DOMAIN, id, 0);
        users = new IntCell(iommu.world(), Touches.DOMAIN, id + (1L << 40), 0);
        cacheTags = new RefCell<>(iommu.world(), Touches.DOMAIN, id + (2L << 40));
        cacheLock = new Lock(iommu.world(), iommu.name() + " cache_lock", Lock.Kind.SPIN);
    }

    IntelIommu iommu() {
        return iommu;
    }

    /** Its domain id; 0 while nothing is attached. */
    IntCell did() {
        return did;
    }

    /** Devices and PASIDs that are attached to it. */
    IntCell users() {
        return users;
    }

    RefCell<CacheTag> cacheTags() {
        return cacheTags;
    }

    /** True if its translations carry the PASID and are invalidated by it. */
    abstract boolean usesFirstStage();

    /** A present PASID entry that makes a device translate by it. */
    abstract long[] pasidEntry();

    /**
     * Adds what invalidates pages of it in one cache of the unit.
     *
     * @param order log2 of the pages, or more than hardware can take: everything
     */
    void addIotlb(EntryList list, CacheTag tag, long address, int order, boolean leafOnly) {
        boolean pages = iommu.cap().psi() && order <= iommu.cap().mamv();
        if (usesFirstStage()) {
            long w0 = Inv.pasidIotlb0(pages ? Inv.G_PASID_PAGE : Inv.G_PASID_ALL, tag.did(), tag.pasid());
            list.add(w0, pages ? Inv.pages1(address, order, leafOnly) : 0);
        } else {
            long w0 = Flushes.iotlb(iommu, pages ? Inv.G_IOTLB_PAGE : Inv.G_IOTLB_DOMAIN, tag.did());
            list.add(w0, pages ? Inv.pages1(address, order, leafOnly) : 0);
        }
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return name();
    }
}

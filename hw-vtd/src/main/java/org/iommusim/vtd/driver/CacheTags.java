package org.iommusim.vtd.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * {@code cache_tag_assign_domain} and {@code cache_tag_unassign_domain}: a domain learns which caches may hold its
 * translations from now on. A nested domain's caches are its parent's too: they combine both.
 */
final class CacheTags extends Frame {
    private static final Footprint LIST = Footprint.of(Touches.DOMAIN, Touches.DEVICE);
    static final Program<CacheTags> ASSIGN = Program.<CacheTags>named("cache_tag_assign_domain")
            .lock("cache_lock", f -> f.domain.cacheLock)
            .step("cache_tag_assign", HostCost.ALLOCATE, LIST, f -> f.own(true))
            .undoNow("cache_lock")
            .when(
                    "nested",
                    f -> f.domain instanceof DmarNested,
                    p -> p.lock("cache_lock of the parent", f -> f.parent().cacheLock)
                            .step("cache_tag_assign to the parent", HostCost.ALLOCATE, LIST, f -> f.parents(true))
                            .undoNow("cache_lock of the parent"))
            .build();
    static final Program<CacheTags> UNASSIGN = Program.<CacheTags>named("cache_tag_unassign_domain")
            .lock("cache_lock", f -> f.domain.cacheLock)
            .step("cache_tag_unassign", HostCost.ATOMIC, LIST, f -> f.own(false))
            .undoNow("cache_lock")
            .when(
                    "nested",
                    f -> f.domain instanceof DmarNested,
                    p -> p.lock("cache_lock of the parent", f -> f.parent().cacheLock)
                            .step("cache_tag_unassign from the parent", HostCost.ATOMIC, LIST, f -> f.parents(false))
                            .undoNow("cache_lock of the parent"))
            .build();

    private final DmarDomain domain;
    private final DeviceInfo info;
    private final int pasid;

    private CacheTags(DmarDomain domain, DeviceInfo info, int pasid) {
        super(info.iommu().world());
        this.domain = domain;
        this.info = info;
        this.pasid = pasid;
    }

    static Call<?> assign(DmarDomain domain, DeviceInfo info, int pasid) {
        return new Call<>(ASSIGN, new CacheTags(domain, info, pasid));
    }

    static Call<?> unassign(DmarDomain domain, DeviceInfo info, int pasid) {
        return new Call<>(UNASSIGN, new CacheTags(domain, info, pasid));
    }

    private DmarPaging parent() {
        return ((DmarNested) domain).parent();
    }

    private void own(boolean assign) {
        change(domain, assign, CacheTag.Type.IOTLB, CacheTag.Type.DEVTLB);
    }

    private void parents(boolean assign) {
        change(parent(), assign, CacheTag.Type.NESTING_IOTLB, CacheTag.Type.NESTING_DEVTLB);
    }

    /**
     * The domain id is always that of the domain that is attached. Both ways the tag of a device is one only while its ATS is
     * on: what is switched off in between leaves its tag behind.
     */
    private void change(DmarDomain of, boolean assign, CacheTag.Type unit, CacheTag.Type device) {
        int did = domain.did().get();
        if (assign) {
            CacheTag.assign(of.cacheTags(), unit, did, pasid, info);
            if (info.atsEnabled.get() != 0) {
                CacheTag.assign(of.cacheTags(), device, did, pasid, info);
            }
        } else {
            CacheTag.unassign(of.cacheTags(), unit, did, pasid, info);
            if (info.atsEnabled.get() != 0) {
                CacheTag.unassign(of.cacheTags(), device, did, pasid, info);
            }
        }
    }
}

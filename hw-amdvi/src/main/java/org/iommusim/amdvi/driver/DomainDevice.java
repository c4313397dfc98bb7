package org.iommusim.amdvi.driver;

import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a domain's {@code dev_list} or of its list of PASIDs. Immutable; a domain's are a list.
 *
 * @param dev whose translations are the domain's
 * @param pasid which of them; {@link AmdIommu#NO_PASID} for requests without one
 * @param next the rest of the list
 */
record DomainDevice(DevData dev, int pasid, @Nullable DomainDevice next) implements Identified {
    /** A list without one entry. */
    static @Nullable DomainDevice without(@Nullable DomainDevice list, DevData dev, int pasid) {
        if (list == null || list.dev == dev && list.pasid == pasid) {
            return list == null ? null : list.next;
        }
        return new DomainDevice(list.dev, list.pasid, without(list.next, dev, pasid));
    }

    @Override
    public long stableId() {
        return (next == null ? 7 : next.stableId()) * 1_000_003 + dev.stableId() * 31 + pasid;
    }
}

package org.iommusim.hw.driver;

import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct dev_pasid_info}: a PASID of a device that is attached to a domain, as a driver remembers it. An immutable list of a device's.
 *
 * @param pasid which
 * @param domain what it is attached to
 * @param next the rest of the list
 */
public record DevPasid(
        int pasid, IommuDomain domain, @Nullable DevPasid next) implements Identified {
    /** A device's list without one entry. */
    public static @Nullable DevPasid without(@Nullable DevPasid list, int pasid, IommuDomain domain) {
        if (list == null || list.pasid == pasid && list.domain == domain) {
            return list == null ? null : list.next;
        }
        return new DevPasid(list.pasid, list.domain, without(list.next, pasid, domain));
    }

    /** True if a list has an entry. */
    public static boolean contains(@Nullable DevPasid list, int pasid, IommuDomain domain) {
        DevPasid at = list;
        while (at != null && (at.pasid != pasid || at.domain != domain)) {
            at = at.next;
        }
        return at != null;
    }

    @Override
    public long stableId() {
        return (next == null ? 7 : next.stableId()) * 1_000_003 + domain.stableId() * 31 + pasid;
    }
}

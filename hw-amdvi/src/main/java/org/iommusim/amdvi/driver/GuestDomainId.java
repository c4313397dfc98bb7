package org.iommusim.amdvi.driver;

import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct guest_domain_mapping_info}: the host domain id that stands for a guest's. Immutable; a vIOMMU's are a list.
 *
 * @param guestId the id that the guest gives
 * @param hostId the id that hardware tags with
 * @param users nested domains that have it
 * @param next the rest of the list
 */
record GuestDomainId(
        int guestId, int hostId, int users, @Nullable GuestDomainId next) implements Identified {
    /** The one of a guest's id in a list, or {@code null}. */
    static @Nullable GuestDomainId find(@Nullable GuestDomainId list, int guestId) {
        GuestDomainId at = list;
        while (at != null && at.guestId != guestId) {
            at = at.next;
        }
        return at;
    }

    /** A list in which a guest's id has so many more users; it goes with the last one. */
    static @Nullable GuestDomainId changed(@Nullable GuestDomainId list, int guestId, int more) {
        if (list == null) {
            return null;
        }
        if (list.guestId != guestId) {
            return new GuestDomainId(list.guestId, list.hostId, list.users, changed(list.next, guestId, more));
        }
        return list.users + more == 0
                ? list.next
                : new GuestDomainId(guestId, list.hostId, list.users + more, list.next);
    }

    @Override
    public long stableId() {
        long rest = next == null ? 7 : next.stableId();
        return ((rest * 1_000_003 + guestId) * 65_537 + hostId) * 31 + users;
    }
}

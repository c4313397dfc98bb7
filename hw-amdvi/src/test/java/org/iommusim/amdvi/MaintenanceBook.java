package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Cmd;

/**
 * What software may rely on when it maintains translations, kept by a bookkeeper who knows the architecture's rules and no
 * cache: which physical pages an access to a page may still end in. A page that no table leads to any more goes when a
 * COMPLETION_WAIT completes behind a command that covers it.
 */
final class MaintenanceBook {
    /** Whose tables they are: their tags, and which tables there are. {@code pasid} is -1 in requests without. */
    record Space(int id, int pasid, int did, boolean guest, boolean host) {
        /** The PASID of its tables. */
        int tablesOf() {
            return Math.max(0, pasid);
        }
    }

    /** One place where an access may end. */
    private static final class Place {
        final Space space;
        final long iova;
        final long pa;
        /** Guest page that led there, if the host's tables were changed; else the guest's were. */
        final long guest;
        /** The host's tables do not lead there any more. */
        boolean goneInHost;
        /** The guest's tables do not lead there any more. */
        boolean goneInGuest;
        /** Number of the command that ends it; 0: none yet. */
        long endedBy;

        Place(Space space, long iova, long guest, long pa) {
            this.space = space;
            this.iova = iova;
            this.guest = guest;
            this.pa = pa;
        }
    }

    private final List<Place> places = new ArrayList<>();
    private long commands;
    /** How often an access ended in a place that no table leads to any more. */
    long stale;

    /**
     * A page leads to this place from now on.
     *
     * @param guest guest page on the way, or the page itself where there is one kind of tables
     */
    void moved(Space space, long iova, long guest, long pa) {
        for (Place place : places) {
            if (place.space.equals(space) && place.iova == iova) {
                place.goneInGuest |= place.guest != guest || !space.host;
                place.goneInHost |= place.guest == guest && space.host;
            }
        }
        places.add(new Place(space, iova, guest, pa));
    }

    /** A command is in the buffer; changes that come later are none of its business. */
    void issued(long w0, long w1) {
        commands++;
        for (Place place : places) {
            if (place.endedBy == 0 && ends(place, w0, w1)) {
                place.endedBy = commands;
            }
        }
    }

    /** A wait behind so many commands is complete. */
    void completed(long number) {
        places.removeIf(place -> place.endedBy != 0 && place.endedBy <= number);
    }

    long commands() {
        return commands;
    }

    /** An access is carried out; false if it may not end there. */
    boolean allows(Space space, long iova, long pa) {
        for (Place place : places) {
            if (place.space.equals(space) && place.iova == iova && place.pa == pa) {
                stale += place.goneInHost || place.goneInGuest ? 1 : 0;
                return true;
            }
        }
        return false;
    }

    private static boolean ends(Place place, long w0, long w1) {
        if (!place.goneInHost && !place.goneInGuest) {
            return false;
        }
        if (Cmd.opcode(w0) == Cmd.INVALIDATE_IOMMU_ALL) {
            return true;
        }
        Space s = place.space;
        if (Cmd.opcode(w0) != Cmd.INVALIDATE_IOMMU_PAGES || s.did != Cmd.DOMAIN_ID.getInt(w0)) {
            return false;
        }
        if (Cmd.GN.isSet(w1)) {
            boolean ofPasid = s.guest && s.tablesOf() == Cmd.PASID.getInt(w0);
            // Only what the guest's tables do not say any more is ended by a command about them.
            return ofPasid && place.goneInGuest && names(w1, place.iova);
        }
        return s.guest ? s.host && place.goneInHost : names(w1, place.iova);
    }

    private static boolean names(long w1, long page) {
        int shift = Cmd.rangeShift(w1);
        return shift == Long.SIZE || page >>> shift == Cmd.rangeStart(w1) >>> shift;
    }
}

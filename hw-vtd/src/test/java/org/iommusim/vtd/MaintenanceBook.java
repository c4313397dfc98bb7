package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.vtd.spec.Inv;

/**
 * What software may rely on when it maintains translations, kept by a bookkeeper who knows the architecture's rules and no
 * cache: which physical pages an access to a page may still end in. A page that no table leads to any more goes when a wait
 * descriptor completes behind one that covers it and drains.
 */
final class MaintenanceBook {
    /** Whose tables they are: their tags, and which stages there are. {@code pasid} is -1 in requests without. */
    record Space(int sid, int pasid, int did, boolean first, boolean second) {
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
        boolean gone;
        /** Number of the descriptor that ends it; 0: none yet. */
        long endedBy;

        Place(Space space, long iova, long pa) {
            this.space = space;
            this.iova = iova;
            this.pa = pa;
        }
    }

    private final List<Place> places = new ArrayList<>();
    private long descriptors;
    /** How often an access ended in a place that no table leads to any more. */
    long stale;

    /** A page leads to this place from now on. */
    void moved(Space space, long iova, long pa) {
        for (Place place : places) {
            place.gone |= place.space.equals(space) && place.iova == iova;
        }
        places.add(new Place(space, iova, pa));
    }

    /** A descriptor is in the queue; changes that come later are none of its business. */
    void issued(long w0, long w1) {
        descriptors++;
        for (Place place : places) {
            if (place.gone && place.endedBy == 0 && ends(place, w0, w1)) {
                place.endedBy = descriptors;
            }
        }
    }

    /** A wait behind so many descriptors is complete. */
    void completed(long number) {
        places.removeIf(place -> place.endedBy != 0 && place.endedBy <= number);
    }

    long descriptors() {
        return descriptors;
    }

    /** An access is carried out; false if it may not end there. */
    boolean allows(Space space, long iova, long pa) {
        for (Place place : places) {
            if (place.space.equals(space) && place.iova == iova && place.pa == pa) {
                stale += place.gone ? 1 : 0;
                return true;
            }
        }
        return false;
    }

    private static boolean ends(Place place, long w0, long w1) {
        Space s = place.space;
        int type = Inv.type(w0);
        if (type == Inv.PASID_IOTLB) {
            boolean tags = s.first && s.did == Inv.DID.getInt(w0) && s.tablesOf() == Inv.PASID.getInt(w0);
            return tags && (Inv.G.getInt(w0) == Inv.G_PASID_ALL || names(w1, place.iova));
        }
        if (type != Inv.IOTLB || !Inv.DR.isSet(w0) || !Inv.DW.isSet(w0)) {
            return false;
        }
        boolean sameDomain = s.did == Inv.DID.getInt(w0);
        return switch (Inv.G.getInt(w0)) {
            case Inv.G_IOTLB_GLOBAL -> true;
            case Inv.G_IOTLB_DOMAIN -> sameDomain;
            // Hardware does not know which guest address a translation by a first stage came through.
            default -> sameDomain && (s.first || names(w1, place.iova));
        };
    }

    private static boolean names(long w1, long page) {
        long bytes = 0x1000L << Inv.AM.getInt(w1);
        return (page & -bytes) == (Inv.ADDRESS.inPlace(w1) & -bytes);
    }
}

package org.iommusim.vtd;

import org.iommusim.hw.contract.MaintenanceBook;
import org.iommusim.vtd.spec.Inv;

/** Which descriptors end a translation of VT-d: those that cover it and drain. */
final class VtdBook extends MaintenanceBook<VtdBook.Space, VtdBook.Place> {
    /** Whose tables they are: their tags, and which stages there are. {@code pasid} is -1 in requests without. */
    record Space(int sid, int pasid, int did, boolean first, boolean second) {
        /** The PASID of its tables. */
        int tablesOf() {
            return Math.max(0, pasid);
        }
    }

    /** One place where an access may end. */
    static final class Place extends MaintenanceBook.Place<Space> {
        private boolean gone;

        Place(Space space, long iova, long pa) {
            super(space, iova, pa);
        }

        @Override
        protected boolean gone() {
            return gone;
        }
    }

    @Override
    protected void left(Place old, Place next) {
        old.gone = true;
    }

    @Override
    protected boolean ends(Place place, long w0, long w1) {
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

package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.contract.MaintenanceBook;

/** Which commands end a translation of AMD-Vi. */
final class AmdViBook extends MaintenanceBook<AmdViBook.Space, AmdViBook.Place> {
    /** Whose tables they are: their tags, and which tables there are. {@code pasid} is -1 in requests without. */
    record Space(int id, int pasid, int did, boolean guest, boolean host) {
        /** The PASID of its tables. */
        int tablesOf() {
            return Math.max(0, pasid);
        }
    }

    /** One place where an access may end. */
    static final class Place extends MaintenanceBook.Place<Space> {
        /** Guest page on the way, or the page itself where there is one kind of tables. */
        private final long guest;
        /** The host's tables do not lead there any more. */
        private boolean goneInHost;
        /** The guest's tables do not lead there any more. */
        private boolean goneInGuest;

        Place(Space space, long iova, long guest, long pa) {
            super(space, iova, pa);
            this.guest = guest;
        }

        @Override
        protected boolean gone() {
            return goneInHost || goneInGuest;
        }
    }

    @Override
    protected void left(Place old, Place next) {
        old.goneInGuest |= old.guest != next.guest || !old.space.host;
        old.goneInHost |= old.guest == next.guest && old.space.host;
    }

    @Override
    protected boolean ends(Place place, long w0, long w1) {
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

package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.smmuv3.spec.Cmd;

/**
 * What software may rely on when it maintains translations, kept by a bookkeeper who knows the architecture's rules and no
 * cache: which physical pages an access to a stream's page may still end in. A page that a table no longer leads to goes when
 * a CMD_SYNC is consumed behind commands that cover it.
 */
final class MaintenanceBook {
    /** What a stream is: its tags, and which stages it has. */
    record Stream(int sid, int vmid, int asid, boolean first, boolean second) {}

    /** One place where an access may end. */
    private static final class Place {
        final Stream stream;
        final long iova;
        final long ipa;
        final long pa;
        boolean stage1Changed;
        boolean stage2Changed;
        boolean stage2Dropped;
        /** Number of the command that ends it; 0: none yet. */
        long endedBy;

        Place(Stream stream, long iova, long ipa, long pa) {
            this.stream = stream;
            this.iova = iova;
            this.ipa = ipa;
            this.pa = pa;
        }
    }

    private final List<Place> places = new ArrayList<>();
    private long commands;
    /** How often an access ended in a place that no table leads to any more. */
    long stale;

    /** A stream's page leads to this place from now on, by a change of stage 1 or of stage 2. */
    void moved(Stream stream, long iova, long ipa, long pa, boolean byStage1) {
        for (Place place : places) {
            if (place.stream == stream && place.iova == iova) {
                place.stage1Changed |= byStage1;
                place.stage2Changed |= !byStage1 && place.ipa == ipa;
            }
        }
        places.add(new Place(stream, iova, ipa, pa));
    }

    /** A command is in the queue; changes that come later are none of its business. */
    void issued(long w0, long w1) {
        commands++;
        for (Place place : places) {
            boolean gone = place.stage1Changed || place.stage2Changed;
            if (gone && place.endedBy == 0 && ends(place, w0, w1)) {
                place.endedBy = commands;
            }
        }
    }

    /** A CMD_SYNC behind so many commands has been consumed. */
    void completed(long number) {
        places.removeIf(place -> place.endedBy != 0 && place.endedBy <= number);
    }

    long commands() {
        return commands;
    }

    /** An access is carried out; false if it may not end there. */
    boolean allows(Stream stream, long iova, long pa) {
        for (Place place : places) {
            if (place.stream == stream && place.iova == iova && place.pa == pa) {
                stale += place.stage1Changed || place.stage2Changed ? 1 : 0;
                return true;
            }
        }
        return false;
    }

    private static boolean ends(Place place, long w0, long w1) {
        Stream s = place.stream;
        int opcode = Cmd.opcode(w0);
        if (opcode == Cmd.TLBI_NSNH_ALL || opcode == Cmd.TLBI_S12_VMALL && s.vmid == Cmd.VMID.getInt(w0)) {
            return true;
        }
        if (s.second && opcode == Cmd.TLBI_S2_IPA && s.vmid == Cmd.VMID.getInt(w0) && names(w0, w1, place.ipa)) {
            place.stage2Dropped = true;
            return !s.first;
        }
        // With both stages the translation is one of stage 1, too: stage 2's own part has to be dropped before.
        return s.first && ofStage1(s, place.iova, w0, w1) && (place.stage1Changed || place.stage2Dropped);
    }

    private static boolean ofStage1(Stream s, long iova, long w0, long w1) {
        if (s.vmid != Cmd.VMID.getInt(w0)) {
            return false;
        }
        boolean sameAsid = s.asid == Cmd.ASID.getInt(w0);
        return switch (Cmd.opcode(w0)) {
            case Cmd.TLBI_NH_ALL -> true;
            case Cmd.TLBI_NH_ASID -> sameAsid;
            case Cmd.TLBI_NH_VA -> sameAsid && names(w0, w1, iova);
            case Cmd.TLBI_NH_VAA -> names(w0, w1, iova);
            default -> false;
        };
    }

    private static boolean names(long w0, long w1, long page) {
        long from = w1 & -1L << 12;
        long granules = Cmd.TG.getInt(w1) == 0 ? 1 : Cmd.NUM.get(w0) + 1 << Cmd.SCALE.getInt(w0);
        return page >= from && page < from + (granules << 12);
    }
}

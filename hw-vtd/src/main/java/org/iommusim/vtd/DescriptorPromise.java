package org.iommusim.vtd;

import org.iommusim.hw.check.Promise;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.Trail;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.InvText;

/**
 * What an invalidation descriptor promises, read from its words once more: this shares no code with {@link Invalidation},
 * which decides what the caches drop. A trail's domain is the domain id of the tables, its space the PASID whose tables they
 * are, its substream the PASID that the request carried.
 */
final class DescriptorPromise implements Promise {
    private static final int ALL_ORDER = 52;

    private final long w0;
    private final long w1;
    private final boolean scalable;
    private final int type;
    private final int granularity;

    /**
     * Reads a legal descriptor. Of a large page only an invalidation of all of it is a promise.
     *
     * @param scalable whether context entries are those of scalable mode, which belong to no domain
     */
    DescriptorPromise(long w0, long w1, boolean scalable) {
        this.w0 = w0;
        this.w1 = w1;
        this.scalable = scalable;
        type = Inv.type(w0);
        granularity = Inv.G.getInt(w0);
    }

    @Override
    public String text() {
        return InvText.text(w0, w1);
    }

    @Override
    public Effect on(Trail entry, int index) {
        boolean ended = entry.inDevice() ? inDevice(entry) : inUnit(entry, entry.source(index));
        return ended ? Effect.ENDED : Effect.NONE;
    }

    private boolean inUnit(Trail entry, Source source) {
        return switch (source.kind()) {
            case DEVICE -> type == Inv.CONTEXT && contexts(entry);
            case CONTEXT -> type == Inv.PASID_CACHE && pasids(entry);
            case STAGE1, STAGE2 ->
                type == Inv.IOTLB && tables(entry, source) || type == Inv.PASID_IOTLB && space(entry, source);
            case CONTEXT_ADDRESS, INTERRUPT -> false;
        };
    }

    // ---- configuration

    private boolean contexts(Trail entry) {
        boolean ofDomain = scalable || entry.domain() == Inv.DID.getInt(w0);
        return switch (granularity) {
            case Inv.G_CONTEXT_GLOBAL -> true;
            case Inv.G_CONTEXT_DOMAIN -> ofDomain;
            default -> ofDomain && ((entry.stream() ^ Inv.SID.getInt(w0)) & ~Inv.functionBits(Inv.FM.getInt(w0))) == 0;
        };
    }

    private boolean pasids(Trail entry) {
        boolean ofDomain = entry.domain() == Inv.DID.getInt(w0);
        return switch (granularity) {
            case Inv.G_PASID_CACHE_GLOBAL -> true;
            case Inv.G_PASID_CACHE_DOMAIN -> ofDomain;
            default -> ofDomain && entry.space() == Inv.PASID.getInt(w0);
        };
    }

    // ---- tables

    /** By page, second-stage translations in the range, and all that a first stage had a part in. */
    private boolean tables(Trail entry, Source source) {
        boolean ofDomain = entry.domain() == Inv.DID.getInt(w0);
        return switch (granularity) {
            case Inv.G_IOTLB_GLOBAL -> true;
            case Inv.G_IOTLB_DOMAIN -> ofDomain;
            default ->
                ofDomain && (entry.stage1() ? !entry.pointer() || !leafOnly() : leafOrAll(source) && inRange(source));
        };
    }

    /** By PASID, what a first stage had a part in; global translations only by page. */
    private boolean space(Trail entry, Source source) {
        if (entry.domain() != Inv.DID.getInt(w0) || !entry.stage1()) {
            return false;
        }
        boolean ofPasid = entry.space() == Inv.PASID.getInt(w0);
        if (granularity == Inv.G_PASID_ALL) {
            return ofPasid && !entry.global();
        }
        boolean covered = source.kind() == SourceKind.STAGE1 && source.leaf()
                ? inRange(source)
                : !leafOnly() && entry.overlaps(first(), last());
        return (ofPasid || entry.global()) && covered;
    }

    private boolean leafOnly() {
        return Inv.IH.isSet(w1);
    }

    private boolean leafOrAll(Source source) {
        return source.leaf() || !leafOnly();
    }

    private long first() {
        return Inv.ADDRESS.inPlace(w1) & -1L << shift();
    }

    private long last() {
        return first() | ~(-1L << shift());
    }

    private int shift() {
        return 12 + Math.min(Inv.AM.getInt(w1), Long.SIZE - 13);
    }

    /** An entry of a page is meant if all of its page is; one that points to a table, if any part is. */
    private boolean inRange(Source source) {
        boolean whole =
                Long.compareUnsigned(first(), source.first()) <= 0 && Long.compareUnsigned(source.last(), last()) <= 0;
        return source.leaf() ? whole : source.overlaps(first(), last());
    }

    // ---- what a device has

    /** Without a PASID only translations without one are promised to go. */
    private boolean inDevice(Trail entry) {
        boolean withPasid = type == Inv.PASID_DEVICE_TLB;
        if (!withPasid && type != Inv.DEVICE_TLB) {
            return false;
        }
        int sid = (withPasid ? Inv.PASID_SID : Inv.SID).getInt(w0);
        boolean everyPasid = withPasid && Inv.PASID_GLOBAL.isSet(w1);
        boolean samePasid = withPasid
                ? everyPasid && entry.substream() >= 0 || entry.substream() == Inv.PASID.getInt(w0)
                : entry.substream() < 0;
        int order = Inv.deviceTlbOrder(w1, (withPasid ? Inv.PASID_S : Inv.S).isSet(w1));
        return entry.stream() == sid && samePasid && (order >= ALL_ORDER || near(entry, order));
    }

    private boolean near(Trail entry, int order) {
        long from = Inv.ADDRESS.inPlace(w1) & -1L << 12 + order;
        return entry.overlaps(from, from | ~(-1L << 12 + order));
    }
}

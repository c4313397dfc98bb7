package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.cache.AddressRange;
import org.iommusim.hw.cache.EntryPredicate;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.pipeline.Translations;
import org.iommusim.hw.walk.WalkCache;

/**
 * What one command invalidates: which entries of each cache, and which requests in flight may still use, or put back, what is
 * invalidated. One reusable object.
 *
 * <p>INVALIDATE_IOMMU_PAGES without GN concerns addresses of host tables: what they alone give, if any part of it is in range,
 * and, because nothing tells which host pages a guest's translation went through, everything of the domain that they have a part
 * in besides guest tables. With GN it concerns addresses of the guest tables of one PASID. Pointers to tables go with PDE only,
 * and so do GCR3 entries; but what was found through host tables is the result of a leaf there, and goes without, too.
 */
final class Invalidation {
    private static final int EVERY_BIT = 64;

    private int opcode;
    private int deviceId;
    private int did;
    private int pasid;
    private boolean guest;
    private boolean directories;
    private final AddressRange range = new AddressRange();

    private final Mistakes mistakes;
    private final boolean wholeDomains;
    private final EntryPredicate entries = this::hitsEntry;
    private final EntryPredicate translations = this::hitsTranslation;
    private final EntryPredicate pointers = this::hitsPointer;
    private final EntryPredicate gcr3 = this::hitsGcr3;

    /**
     * Makes a description without a command.
     *
     * @param wholeDomains whether the range of a command does not count
     */
    Invalidation(Mistakes mistakes, boolean wholeDomains) {
        this.mistakes = mistakes;
        this.wholeDomains = wholeDomains;
    }

    /** Takes a legal command that invalidates what the unit itself has cached. */
    void describe(long w0, long w1) {
        opcode = Cmd.opcode(w0);
        deviceId = Cmd.DEVICE_ID.getInt(w0);
        did = Cmd.DOMAIN_ID.getInt(w0);
        pasid = Cmd.PASID.getInt(w0);
        guest = Cmd.GN.isSet(w1);
        directories = Cmd.PDE.isSet(w1);
        range.around(Cmd.rangeStart(w1), wholeDomains ? EVERY_BIT : Cmd.rangeShift(w1));
    }

    private boolean everything() {
        return opcode == Cmd.INVALIDATE_IOMMU_ALL;
    }

    private boolean concernsPages() {
        return opcode == Cmd.INVALIDATE_IOMMU_PAGES;
    }

    /** True if interrupts of a function are invalidated. */
    boolean hitsInterruptsOf(int function) {
        return everything() || opcode == Cmd.INVALIDATE_INTERRUPT_TABLE && deviceId == function;
    }

    EntryPredicate entries() {
        return entries;
    }

    EntryPredicate translations() {
        return translations;
    }

    EntryPredicate pointers() {
        return pointers;
    }

    EntryPredicate gcr3() {
        return gcr3;
    }

    // ---- requests under way

    /** True if a request in flight may still use, or put back, what is invalidated. Rather too often than too rarely. */
    boolean hits(Flight flight) {
        if (!flight.usesDte) {
            return false;
        }
        if (everything()) {
            return true;
        }
        if (opcode == Cmd.INVALIDATE_DEVTAB_ENTRY) {
            return flight.sid == deviceId;
        }
        if (!concernsPages() || flight.did >= 0 && flight.did != did) {
            return false;
        }
        return flight.did < 0 || (guest ? flight.pasid == pasid && reaches(flight) : hitsHost(flight));
    }

    private boolean hitsHost(Flight flight) {
        return flight.host && (flight.guest || reaches(flight));
    }

    /**
     * True if a page is named that a flight uses. A walk that is not through may hold a pointer to a table that stands for
     * more than its own page, and keep it.
     */
    private boolean reaches(Flight flight) {
        boolean walking = flight.pageShift == 0;
        int shift = Math.max(Math.max(flight.guestShift, flight.pageShift), 12);
        return walking && directories || range.overlaps(flight.iova, -1L << shift);
    }

    // ---- entries

    private boolean hitsEntry(TaggedCache cache, int entry) {
        boolean ofFunction = DteCache.deviceId(cache, entry) == deviceId;
        return everything() || opcode == Cmd.INVALIDATE_DEVTAB_ENTRY && ofFunction && !mistakes.forgetsEntries;
    }

    private boolean hitsTranslation(TaggedCache cache, int entry) {
        if (everything()) {
            return true;
        }
        if (!concernsPages()
                || Iotlb.did(cache, entry) != did
                || mistakes.missesLargePages && cache.mask(entry) != -1L << 12
                || mistakes.forgetsRefusals && Translations.refuses(cache, entry)) {
            return false;
        }
        boolean ofGuest = Iotlb.guest(cache, entry);
        if (guest) {
            return ofGuest
                    && Iotlb.pasid(cache, entry) == pasid
                    && range.overlaps(cache.address(entry), Translations.ownMask(cache, entry));
        }
        return ofGuest
                ? Iotlb.nested(cache, entry) && !mistakes.missesNested
                : range.overlaps(cache.address(entry), cache.mask(entry));
    }

    private boolean hitsPointer(TaggedCache cache, int entry) {
        if (everything()) {
            return true;
        }
        long tag = cache.tagA(entry);
        if (!concernsPages() || Iotlb.walkDid(tag) != did) {
            return false;
        }
        boolean ofGuest = WalkCache.stage(cache, entry) == 1;
        if (guest) {
            return ofGuest && directories && Iotlb.walkPasid(tag) == pasid && named(cache, entry);
        }
        return ofGuest ? WalkCache.nested(cache, entry) : directories && named(cache, entry);
    }

    private boolean hitsGcr3(TaggedCache cache, int entry) {
        if (everything()) {
            return true;
        }
        boolean ofDomain = concernsPages() && Gcr3Cache.did(cache, entry) == did;
        if (guest && mistakes.forgetsGcr3) {
            return false;
        }
        return ofDomain && (!guest || directories && Gcr3Cache.pasid(cache, entry) == pasid);
    }

    private boolean named(TaggedCache cache, int entry) {
        return range.overlaps(cache.address(entry), cache.mask(entry));
    }
}

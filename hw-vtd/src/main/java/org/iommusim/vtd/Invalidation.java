package org.iommusim.vtd;

import org.iommusim.hw.cache.AddressRange;
import org.iommusim.hw.cache.EntryPredicate;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.pipeline.Translations;
import org.iommusim.hw.walk.WalkCache;
import org.iommusim.vtd.spec.Inv;

/**
 * What one descriptor, or one command of a register, invalidates: which entries of each cache, and which requests in flight
 * may still use, or put back, what is invalidated. One reusable object per queue.
 *
 * <p>A large page goes only if all of it is named, which is what the architecture asks software to do (AM).
 *
 * <p>A page-selective invalidation of the IOTLB concerns second-stage translations of its pages, and every translation of the
 * domain that a first stage had a part in: hardware cannot tell which of these went through the page. A PASID-based one
 * concerns translations of a first stage, and leaves others alone. With the hint (IH) the paging-structure caches keep what
 * the second stage alone has led to; a pointer to a first-stage table under a second stage is the result of a leaf, and goes.
 *
 * <p>Entries for what is not present (caching mode) belong to domain 0 in the context cache. In the PASID cache they are met
 * by whatever names their PASID: software has only the domain of the new entry to name.
 */
final class Invalidation {
    /** What is invalidated. */
    enum Scope {
        CONTEXT_GLOBAL,
        CONTEXT_DOMAIN,
        CONTEXT_DEVICE,
        PASID_CACHE_GLOBAL,
        PASID_CACHE_DOMAIN,
        PASID_CACHE_PASID,
        IOTLB_GLOBAL,
        IOTLB_DOMAIN,
        IOTLB_PAGE,
        PASID_IOTLB_ALL,
        PASID_IOTLB_PAGE
    }

    private Scope scope = Scope.IOTLB_GLOBAL;
    private int did;
    private int sid;
    private int sidMask;
    private int pasid;
    private final AddressRange range = new AddressRange();
    private boolean leafOnly;
    private boolean drainsReads = true;
    private boolean drainsWrites = true;

    private final Mistakes mistakes;
    private final boolean byParts;
    private final boolean alwaysDrains;
    private final EntryPredicate contexts = this::hitsContext;
    private final EntryPredicate pasids = this::hitsPasid;
    private final EntryPredicate translations = this::hitsTranslation;
    private final EntryPredicate pointers = this::hitsPointer;

    /**
     * Makes a description without a command.
     *
     * @param byParts whether a large page goes if any part of it is named; else only if all of it is, and software has to
     *     say so (AM)
     * @param alwaysDrains whether DR and DW do not count, as in units of version 2 and later
     */
    Invalidation(Mistakes mistakes, boolean byParts, boolean alwaysDrains) {
        this.mistakes = mistakes;
        this.byParts = byParts;
        this.alwaysDrains = alwaysDrains;
    }

    // ---- describing

    private void begin(Scope newScope, int newDid) {
        scope = newScope;
        did = newDid;
        leafOnly = false;
        drainsReads = true;
        drainsWrites = true;
    }

    void contextGlobal() {
        begin(Scope.CONTEXT_GLOBAL, 0);
    }

    /** In scalable mode context entries have no domain: all of them. */
    void contextDomain(int domain) {
        begin(Scope.CONTEXT_DOMAIN, domain);
    }

    /** The context entries of a function and, by the mask (FM), its siblings. In scalable mode the domain does not count. */
    void contextDevice(int domain, int source, int functionMask) {
        begin(Scope.CONTEXT_DEVICE, domain);
        sid = source;
        sidMask = ~Inv.functionBits(functionMask);
    }

    void pasidCacheGlobal() {
        begin(Scope.PASID_CACHE_GLOBAL, 0);
    }

    void pasidCacheDomain(int domain) {
        begin(Scope.PASID_CACHE_DOMAIN, domain);
    }

    void pasidCacheSelective(int domain, int newPasid) {
        begin(Scope.PASID_CACHE_PASID, domain);
        pasid = newPasid;
    }

    void iotlbGlobal() {
        begin(Scope.IOTLB_GLOBAL, 0);
    }

    void iotlbDomain(int domain) {
        begin(Scope.IOTLB_DOMAIN, domain);
    }

    /** 2^{@code addressMask} pages around an address of the second stage. */
    void iotlbPage(int domain, long address, int addressMask, boolean onlyLeaves) {
        begin(Scope.IOTLB_PAGE, domain);
        pages(address, addressMask, onlyLeaves);
    }

    void pasidIotlb(int domain, int newPasid) {
        begin(Scope.PASID_IOTLB_ALL, domain);
        pasid = newPasid;
    }

    /** 2^{@code addressMask} pages around an address of the first stage. */
    void pasidIotlbPage(int domain, int newPasid, long address, int addressMask, boolean onlyLeaves) {
        begin(Scope.PASID_IOTLB_PAGE, domain);
        pasid = newPasid;
        pages(address, addressMask, onlyLeaves);
    }

    private void pages(long address, int addressMask, boolean onlyLeaves) {
        range.around(address, addressMask + 12);
        leafOnly = onlyLeaves;
    }

    /**
     * Says for which requests under way the invalidation just described has to wait (DR, DW); the others may finish later.
     * Without this it waits for all, and so do context and PASID caches, whose descriptors cannot say.
     */
    void drains(boolean reads, boolean writes) {
        drainsReads = reads || alwaysDrains;
        drainsWrites = writes || alwaysDrains;
    }

    Scope scope() {
        return scope;
    }

    boolean concernsContexts() {
        return scope.compareTo(Scope.CONTEXT_DEVICE) <= 0;
    }

    boolean concernsPasids() {
        return !concernsContexts() && scope.compareTo(Scope.PASID_CACHE_PASID) <= 0;
    }

    boolean concernsTables() {
        return scope.compareTo(Scope.IOTLB_GLOBAL) >= 0;
    }

    EntryPredicate contexts() {
        return contexts;
    }

    EntryPredicate pasids() {
        return pasids;
    }

    EntryPredicate translations() {
        return translations;
    }

    EntryPredicate pointers() {
        return pointers;
    }

    // ---- requests under way

    /** True if a request in flight may still use, or put back, what is invalidated. Rather too often than too rarely. */
    boolean hits(Flight flight) {
        if (!flight.usesContext) {
            return false;
        }
        boolean ofDomain = flight.did < 0 || flight.did == did;
        return switch (scope) {
            case CONTEXT_GLOBAL, IOTLB_GLOBAL -> true;
            case CONTEXT_DOMAIN -> flight.scalable || ofDomain;
            case CONTEXT_DEVICE -> sameSource(flight.sid) && (flight.scalable || ofDomain);
            case PASID_CACHE_GLOBAL -> flight.usesPasid;
            case PASID_CACHE_DOMAIN -> flight.usesPasid && ofDomain;
            case PASID_CACHE_PASID -> flight.usesPasid && ofDomain && flight.pasid == pasid;
            case IOTLB_DOMAIN -> ofDomain;
            case IOTLB_PAGE -> ofDomain && (flight.firstStage || flight.did < 0 || reaches(flight));
            case PASID_IOTLB_ALL -> ofDomain && (flight.did < 0 || flight.pasid == pasid);
            case PASID_IOTLB_PAGE ->
                ofDomain && (flight.did < 0 || flight.firstStage && mayBeOfPasid(flight) && reaches(flight));
        };
    }

    /** A global page belongs to every PASID, and as long as a walk is not through its page may be one. */
    private boolean mayBeOfPasid(Flight flight) {
        return flight.pasid == pasid || flight.global || flight.pageShift == 0;
    }

    /** True if the invalidation is complete only when this request, which it hits, is carried out. */
    boolean waitsFor(Flight flight) {
        return flight.request().write() ? drainsWrites : drainsReads;
    }

    /**
     * True if a page is named that a flight uses. A walk that is not through may hold a pointer to a table that stands for
     * more than its own page, and keep it.
     */
    private boolean reaches(Flight flight) {
        boolean walking = flight.pageShift == 0;
        int own = walking ? flight.walk().stage1Shift() : flight.firstShift;
        int shift = Math.max(Math.max(own, flight.pageShift), 12);
        return walking && !leafOnly || range.overlaps(flight.iova, -1L << shift);
    }

    private boolean sameSource(int source) {
        return ((source ^ sid) & sidMask) == 0;
    }

    // ---- entries

    private boolean hitsContext(TaggedCache cache, int entry) {
        boolean scalable = ContextCache.scalable(cache, entry);
        boolean ofDomain = scalable || ContextCache.did(cache, entry) == did;
        return switch (scope) {
            case CONTEXT_GLOBAL -> true;
            case CONTEXT_DOMAIN -> ofDomain;
            case CONTEXT_DEVICE -> ofDomain && sameSource(ContextCache.sid(cache, entry));
            default -> false;
        };
    }

    private boolean hitsPasid(TaggedCache cache, int entry) {
        boolean ofDomain = PasidCache.absent(cache, entry) || PasidCache.did(cache, entry) == did;
        return switch (scope) {
            case PASID_CACHE_GLOBAL -> true;
            case PASID_CACHE_DOMAIN -> ofDomain;
            case PASID_CACHE_PASID -> ofDomain && PasidCache.pasid(cache, entry) == pasid && !mistakes.forgetsPasids;
            default -> false;
        };
    }

    private boolean hitsTranslation(TaggedCache cache, int entry) {
        if (scope == Scope.IOTLB_GLOBAL) {
            return true;
        }
        if (Iotlb.did(cache, entry) != did
                || mistakes.missesLargePages && cache.mask(entry) != -1L << 12
                || mistakes.forgetsRefusals && Translations.refuses(cache, entry)) {
            return false;
        }
        boolean ofFirst = Iotlb.firstStage(cache, entry);
        boolean global = Iotlb.global(cache, entry);
        boolean ofPasid = ofFirst && Iotlb.pasid(cache, entry) == pasid;
        return switch (scope) {
            case IOTLB_DOMAIN -> true;
            case IOTLB_PAGE -> ofFirst ? !mistakes.missesNested : named(cache.address(entry), cache.mask(entry));
            case PASID_IOTLB_ALL -> ofPasid && !global;
            case PASID_IOTLB_PAGE ->
                ofFirst
                        && (ofPasid || global)
                        && (byParts
                                ? range.overlaps(cache.address(entry), Translations.ownMask(cache, entry))
                                : named(cache.address(entry), cache.mask(entry)));
            default -> false;
        };
    }

    private boolean hitsPointer(TaggedCache cache, int entry) {
        if (scope == Scope.IOTLB_GLOBAL) {
            return true;
        }
        long tag = cache.tagA(entry);
        if (Iotlb.walkDid(tag) != did) {
            return false;
        }
        boolean first = WalkCache.stage(cache, entry) == 1;
        boolean ofPasid = first && Iotlb.walkPasid(tag) == pasid;
        return switch (scope) {
            case IOTLB_DOMAIN -> true;
            case IOTLB_PAGE ->
                first
                        ? WalkCache.nested(cache, entry) || !leafOnly
                        : !leafOnly && range.overlaps(cache.address(entry), cache.mask(entry));
            case PASID_IOTLB_ALL -> ofPasid;
            case PASID_IOTLB_PAGE -> ofPasid && !leafOnly && range.overlaps(cache.address(entry), cache.mask(entry));
            default -> false;
        };
    }

    /** True if a page is named: all of it, or any part, as the unit does it. */
    private boolean named(long address, long mask) {
        return range.contains(address, mask) || byParts && range.overlaps(address, mask);
    }
}

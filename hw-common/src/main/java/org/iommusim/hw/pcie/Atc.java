package org.iommusim.hw.pcie;

import java.util.Arrays;
import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.EntryPredicate;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.resource.FreeNumbers;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Pooled;
import org.jspecify.annotations.Nullable;

/**
 * The address translation cache of a function, and what it does with a request: look its address up; on a miss ask for the
 * translation; if that grants the access, send the request translated; if not, ask for the page, if it may, and then for the
 * translation again. Only granted translations are kept.
 *
 * <p>An invalidation drops entries at once. It is completed when the reads that were sent with a dropped translation have
 * their answers; writes that were sent before are pushed by the completion (see {@code AtsLink}).
 *
 * <p>The time of a lookup, and of waiting to be sent, is booked to {@link Station#DEVICE_QUEUE}, waiting for software's
 * answer to a page request to {@link Station#STALLED}; the ways of translation requests are booked as those of any request.
 */
public final class Atc implements EventHandler, DmaCompletion, AtsEndpoint {
    /** What a write of the ATS control register touches, for the footprints of a driver's steps. */
    public static final Footprint CONTROL = Footprint.of(PciFunction.CONFIG_SPACE, TaggedCache.ENTRY, TaggedCache.HINT);

    private static final int OP_LOOKED_UP = 0;
    private static final int OP_END = 1;

    private final Simulation sim;
    private final PciFunction function;
    private final AtsSettings settings;
    private final AtsLink link;
    private final PageRequester pages;
    private final TaggedCache cache;
    private final @Nullable StaleUseChecker checker;
    private final @Nullable CachedSources sources;
    private final Lane lane;
    private final Lane endLane;
    private final Counter translationRequests;
    private final Counter refused;
    private final Counter invalidations;
    private final IntCell enabled;

    private Use[] uses = new Use[0];
    private final FreeNumbers free = new FreeNumbers();

    // Invalidations that are not complete, a bit each: by tag.
    private final int[] readsLeft = new int[32];
    private final EntryPredicate matches = this::matches;
    private int wantedPasid;
    private boolean wantedGlobal;
    private long wantedAddress;
    private long wantedMask;

    /** A request that goes this way. */
    static final class Use implements Pooled {
        final int id;

        @Nullable
        DmaRequest request;

        @Nullable
        DmaCompletion completion;

        boolean pri;
        /** How often it asked for the page. */
        int attempts;
        /** Waits for the answer to a page request, or to be allowed to make one. */
        boolean waitsForPage;
        /** Invalidations that wait for it, a bit for each tag. */
        int awaitedBy;

        /** What its translation was made from; only with a checker. */
        @Nullable
        Trail trail;

        @Nullable
        Use next;

        Use(int id) {
            this.id = id;
        }

        @Override
        public boolean inUse() {
            return request != null;
        }

        DmaRequest request() {
            DmaRequest there = request;
            if (there == null) {
                throw new IllegalStateException("use " + id + " is free");
            }
            return there;
        }
    }

    /** Makes an empty cache, switched off as after a reset. */
    Atc(Simulation sim, PciFunction function, AtsSettings settings, IommuDevice iommu) {
        this.sim = sim;
        this.function = function;
        this.settings = settings;
        enabled = new IntCell(sim.world(), PciFunction.CONFIG_SPACE, sim.world().nextInstance(), 0);
        link = new AtsLink(function, function.port(), iommu);
        String name = function.name() + ".atc";
        cache = new TaggedCache(sim, name, new CacheShape(settings.entries(), 0, 1, Replacement.LRU));
        checker = iommu.staleUseChecker();
        sources = checker == null ? null : checker.cache(cache);
        lane = sim.scheduler().newLane(function.name() + " atc", Phase.HARDWARE);
        endLane = sim.scheduler().newLane(function.name() + " atc end", Phase.HARDWARE);
        Statistics statistics = sim.statistics().under(name);
        translationRequests = statistics.counter("translation_requests", "requests", "translation requests sent");
        refused = statistics.counter("refused", "requests", "accesses that the translation did not grant");
        invalidations = statistics.counter("invalidations", "requests", "invalidation requests answered");
        pages = new PageRequester(sim.world(), this, function, link, settings, statistics);
        link.attach(this);
        iommu.connect(this);
    }

    /** What the function can do. */
    public AtsSettings settings() {
        return settings;
    }

    /** Its page request interface. */
    public PageRequester pages() {
        return pages;
    }

    /** How many translations it holds. */
    public int size() {
        return cache.size();
    }

    /** The ATS enable bit. */
    public boolean enabled() {
        return enabled.get() != 0;
    }

    /** Sets or clears the ATS enable bit; clearing it drops all translations. */
    public void setEnabled(boolean on) {
        enabled.set(on ? 1 : 0);
        if (!on) {
            cache.invalidateAll();
        }
    }

    AtsLink link() {
        return link;
    }

    // ---- a request

    /** Takes a request of the function; {@code pri}: pages that are not there are asked for. */
    void issue(DmaRequest request, boolean pri, DmaCompletion completion) {
        Use use = take();
        use.request = request;
        use.completion = completion;
        use.pri = pri;
        use.attempts = 0;
        use.awaitedBy = 0;
        use.waitsForPage = false;
        if (use.trail != null) {
            use.trail.begin(function.requesterId(), request.pasid(), request.iova());
        }
        request.trail(use.trail);
        request.atcSlot(use.id);
        if (settings.lookupPs() == 0) {
            lookUp(use);
        } else {
            sim.scheduler().after(lane, settings.lookupPs(), this, OP_LOOKED_UP, use.id);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        Use use = uses[(int) arg];
        if (op == OP_LOOKED_UP) {
            lookUp(use);
        } else {
            finish(use);
        }
    }

    private void lookUp(Use use) {
        DmaRequest request = use.request();
        int entry = cache.lookup(0, request.iova(), request.pasid(), 0);
        long found = entry < 0 ? 0 : cache.value(entry, 0);
        if (entry >= 0 && granted(request, found)) {
            if (sources != null && use.trail != null) {
                sources.use(entry, use.trail);
            }
            sendTranslated(use, found);
        } else {
            askAgain(use);
        }
    }

    /** Asks for the translation of a request's address. */
    void askAgain(Use use) {
        use.waitsForPage = false;
        translationRequests.increment();
        DmaRequest request = use.request();
        request.resend(AddressType.TRANSLATION_REQUEST, request.iova() & -1L << settings.stuShift());
        function.port().issue(function, request, this);
    }

    private void sendTranslated(Use use, long entry) {
        DmaRequest request = use.request();
        long within = (1L << TranslationEntry.shift(entry)) - 1;
        request.resend(AddressType.TRANSLATED, TranslationEntry.address(entry) | request.iova() & within);
        function.port().issue(function, request, this);
    }

    /** The root port is done with a request, or brings a translation. */
    @Override
    public void completed(DmaRequest request) {
        Use use = uses[request.atcSlot()];
        if (request.addressType() == AddressType.TRANSLATION_REQUEST && request.outcome() != DmaOutcome.LOST) {
            translationArrived(use, request);
        } else {
            finish(use);
        }
    }

    private void translationArrived(Use use, DmaRequest request) {
        request.enter(Station.DEVICE_QUEUE, sim.now());
        long entry = request.translationEntry();
        if (request.completionStatus() != CompletionStatus.SUCCESS) {
            refuse(use);
        } else if (granted(request, entry)) {
            keep(request, entry);
            sendTranslated(use, entry);
        } else if (use.pri && use.attempts < settings.pageRetries() && pages.ask(use)) {
            use.attempts++;
            use.waitsForPage = true;
            request.enter(Station.STALLED, sim.now());
        } else {
            refuse(use);
        }
    }

    private void keep(DmaRequest request, long entry) {
        if (!enabled()) {
            return;
        }
        int shift = TranslationEntry.shift(entry);
        int at = cache.insert(0, request.iova(), -1L << shift, request.pasid(), 0);
        cache.value(at, 0, entry);
        Trail trail = request.trail();
        if (sources != null && trail != null) {
            sources.fill(at, trail);
        }
    }

    private static boolean granted(DmaRequest request, long entry) {
        long wanted = request.write()
                ? TranslationEntry.W
                : request.execute() && request.pasid() >= 0 ? TranslationEntry.EXE : TranslationEntry.R;
        boolean privileged = request.privileged() && request.pasid() >= 0;
        return (entry & wanted) != 0 && (entry & TranslationEntry.PRIV) != 0 == privileged;
    }

    /** The access is not possible: the device learns it, nobody else does. */
    void refuse(Use use) {
        refused.increment();
        use.waitsForPage = false;
        use.request().fail(DmaOutcome.FAULT);
        end(use);
    }

    private void end(Use use) {
        sim.scheduler().after(endLane, 0, this, OP_END, use.id);
    }

    private void finish(Use use) {
        DmaRequest request = use.request();
        DmaCompletion completion = use.completion;
        int awaitedBy = use.awaitedBy;
        use.request = null;
        use.completion = null;
        if (use.trail != null) {
            use.trail.begin(0, DmaRequest.NO_PASID, 0);
        }
        free.release(use.id);
        for (int rest = awaitedBy; rest != 0; rest &= rest - 1) {
            int tag = Integer.numberOfTrailingZeros(rest);
            if (--readsLeft[tag] == 0) {
                complete(tag);
            }
        }
        request.answered(sim.now());
        if (completion != null) {
            completion.completed(request);
        }
    }

    // ---- the IOMMU's side

    @Override
    public int requesterId() {
        return function.requesterId();
    }

    @Override
    public int invalidateQueueDepth() {
        return settings.invalidateQueueDepth();
    }

    @Override
    public void invalidate(int tag, int pasid, boolean global, long address, int shift) {
        link.invalidate(tag, pasid, global, address, shift);
    }

    @Override
    public void respond(int group, int pasid, PageResponse response) {
        link.respond(group, pasid, response);
    }

    /** An invalidation request has arrived. */
    void drop(int tag, int pasid, boolean global, long address, int shift) {
        wantedPasid = pasid;
        wantedGlobal = global;
        wantedMask = shift >= Long.SIZE ? 0 : -1L << Math.max(shift, settings.stuShift());
        wantedAddress = address & wantedMask;
        cache.invalidate(matches);
        int reads = 0;
        for (Use use : uses) {
            DmaRequest request = use.request;
            // The link pushes writes; everything else that is translated must have come back.
            if (request != null
                    && request.addressType() == AddressType.TRANSLATED
                    && !request.write()
                    && (pasid < 0 || global || request.pasid() == pasid)
                    && (request.iova() & wantedMask) == wantedAddress) {
                use.awaitedBy |= 1 << tag;
                reads++;
            }
        }
        readsLeft[tag] = reads;
        if (reads == 0) {
            complete(tag);
        }
    }

    /** An entry shares an address with the range, and belongs to the PASID if one alone is meant. */
    private boolean matches(TaggedCache from, int entry) {
        long common = wantedMask & from.mask(entry);
        boolean sameSpace = wantedPasid < 0 || wantedGlobal || from.tagA(entry) == wantedPasid;
        return sameSpace && ((from.address(entry) ^ wantedAddress) & common) == 0;
    }

    private void complete(int tag) {
        invalidations.increment();
        for (int i = 0; i < settings.completions(); i++) {
            if (function.present()) {
                link.complete(tag, settings.completions());
            }
        }
    }

    /** A response to page request group {@code group} has arrived. */
    void responded(int group, PageResponse response) {
        pages.responded(group, response);
    }

    /** The function was taken out: whoever waits for a page has lost it. */
    void gone() {
        setEnabled(false);
        pages.reset();
        for (Use use : uses) {
            if (use.request != null && use.waitsForPage) {
                use.waitsForPage = false;
                use.request().fail(DmaOutcome.LOST);
                end(use);
            }
        }
    }

    private Use take() {
        if (free.isEmpty()) {
            int old = uses.length;
            uses = Arrays.copyOf(uses, Math.max(16, 2 * old));
            for (int id = uses.length - 1; id >= old; id--) {
                uses[id] = new Use(id);
                uses[id].trail = checker == null ? null : checker.newTrail();
            }
            free.grow(old, uses.length);
        }
        return uses[free.take()];
    }
}

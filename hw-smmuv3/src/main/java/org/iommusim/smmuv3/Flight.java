package org.iommusim.smmuv3;

import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.Walk;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.world.Timing;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on its way through the SMMU, from the door until its access is carried out. Pooled; each has a lane of
 * its own. Plain fields: what flights hold is work in progress, not state that survives.
 */
final class Flight {
    final int id;
    final Lane lane;
    final DecodedConfig decoded = new DecodedConfig();
    final StreamConfig config = decoded.config;
    final long[] ste = new long[Ste.WORDS];
    final long[] cd = new long[Cd.WORDS];
    private @Nullable Walk walk;
    /** For the stale-use checker. */
    @Nullable
    Trail trail;

    private @Nullable DmaRequest request;
    private @Nullable DmaCompletion completion;
    private @Nullable FrontEnd frontEnd;

    AddressType type = AddressType.UNTRANSLATED;
    int sid;
    int ssid;
    long iova;
    int beats;
    /** The CD words belong to this flight. */
    boolean hasCd;
    /** The walk under way is for the address of the CD. */
    boolean walkingForCd;
    /** The level-1 descriptor of a two-level CD table is being read. */
    boolean atCdLevel1;

    /** It is reading its configuration from memory, or waits for its turn. */
    boolean readsConfig;

    @Timing
    long receivedAt;
    /** No device asked for it: the front end itself translates ahead. */
    boolean prefetch;
    /** The main TLB's entry that it found was translated ahead. */
    boolean hitPrefetched;
    /** Where the notes of tables, and not of configuration, begin in the trail. */
    int tablesFrom;
    /** What a prefetch is in place of a device's request. */
    private @Nullable DmaRequest ahead;

    // ---- what an invalidation can hit
    boolean inUse;
    /** It has read, or is reading, configuration of its stream, or uses a translation that was made with it. */
    boolean usesConfig;
    /** It uses, or is making, a translation of {@link #vmid} (and of {@link #asid}, unless that is negative). */
    boolean usesTranslation;

    boolean stage1;
    boolean stage2;
    /** The stage-1 translation belongs to EL2. */
    boolean el2;

    int vmid;
    int asid;
    /** Something that it uses was invalidated: it may finish, but it may not fill any cache. */
    boolean stale;

    // ---- the answer so far
    DmaOutcome outcome = DmaOutcome.PENDING;
    long output;
    int pageShift;
    /** log2 of stage 1's own page; 0 until there is an answer, or without stage 1. */
    int stage1Shift;

    long facts;
    /** A translated transaction that needs no translation any more. */
    boolean passed;
    /** The data entry of a translation completion. */
    long entry;
    /** The walk of a translation request found that writing is not allowed, and is done without it. */
    boolean writeRefused;
    /** It faulted where faults stall: {@link #record} says how, without a tag. */
    boolean stalling;

    final long[] record = new long[Event.WORDS];
    /** Where a configuration fetch failed. */
    long fetchAddress;
    /** Code of the event that ended it, or {@link Event#NONE}. */
    int code;

    // ---- links of the front end's lists
    @Nullable
    Flight doorNext;

    @Nullable
    Flight orderPrevious;

    @Nullable
    Flight orderNext;

    @Nullable
    Flight missPrevious;

    @Nullable
    Flight missNext;

    @Nullable
    Flight waitNext;

    boolean ordered;

    Flight(int id, Lane lane) {
        this.id = id;
        this.lane = lane;
    }

    void attach(Walk newWalk) {
        walk = newWalk;
    }

    void begin(DmaRequest newRequest, DmaCompletion newCompletion, FrontEnd newFrontEnd, int portBeats) {
        request = newRequest;
        completion = newCompletion;
        frontEnd = newFrontEnd;
        sid = newRequest.requesterId();
        type = newRequest.addressType();
        // The PASID of a translated transaction is not looked at (IDR3.PASIDTT=0).
        ssid = type == AddressType.TRANSLATED ? DmaRequest.NO_PASID : newRequest.pasid();
        iova = newRequest.wireAddress();
        beats = portBeats;
        inUse = true;
        prefetch = false;
        again();
    }

    /** Begins a translation of the page behind another flight's, for nobody. */
    void beginAhead(Flight behind, DmaCompletion nobody, long now) {
        DmaRequest own = ahead == null ? new DmaRequest() : ahead;
        ahead = own;
        own.begin(-1, behind.sid, behind.ssid, (behind.iova & -0x1000L) + 0x1000, 1, false, now);
        begin(own, nobody, behind.frontEnd(), 1);
        prefetch = true;
    }

    /** Forgets everything that was found out: it is as if it had just arrived. */
    void again() {
        hasCd = false;
        walkingForCd = false;
        atCdLevel1 = false;
        readsConfig = false;
        usesConfig = false;
        usesTranslation = false;
        stage1 = false;
        stage2 = false;
        el2 = false;
        vmid = 0;
        asid = -1;
        stale = false;
        outcome = DmaOutcome.PENDING;
        output = 0;
        pageShift = 0;
        stage1Shift = 0;
        facts = 0;
        fetchAddress = 0;
        code = Event.NONE;
        passed = false;
        entry = 0;
        writeRefused = false;
        stalling = false;
        hitPrefetched = false;
        tablesFrom = 0;
    }

    /** True if it has data of its own in the front end's write buffer. */
    boolean carriesData() {
        return request().write() && type != AddressType.TRANSLATION_REQUEST;
    }

    void end() {
        inUse = false;
        request = null;
        completion = null;
    }

    Walk walk() {
        return present(walk);
    }

    DmaRequest request() {
        return present(request);
    }

    DmaCompletion completion() {
        return present(completion);
    }

    FrontEnd frontEnd() {
        return present(frontEnd);
    }

    /**
     * The access to be checked: what the request says, as PRIVCFG and INSTCFG override it. Without a PASID a PCIe request
     * is neither privileged nor executing.
     */
    int access(int privCfg, int instCfg) {
        DmaRequest r = request();
        boolean substream = ssid != DmaRequest.NO_PASID;
        boolean privileged = privCfg >= 2 ? privCfg == 3 : substream && r.privileged();
        boolean execute = !r.write() && (instCfg >= 2 ? instCfg == 3 : substream && r.execute());
        return (r.write() ? Access.WRITE : execute ? Access.EXECUTE : Access.READ)
                | (privileged ? Access.PRIVILEGED : 0);
    }

    /** Ends the translation without an answer. */
    void fail(DmaOutcome how, int eventCode) {
        outcome = how;
        code = eventCode;
    }

    boolean failed() {
        return outcome == DmaOutcome.FAULT || outcome == DmaOutcome.ABORT || outcome == DmaOutcome.RAZ_WI;
    }

    private <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("flight " + id + " is not in use");
        }
        return value;
    }
}

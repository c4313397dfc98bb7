package org.iommusim.hw.pipeline;

import org.iommusim.hw.check.Trail;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.walk.Walk;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.world.Pooled;
import org.iommusim.sim.world.Timing;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through an IOMMU, from the door until its access is carried out. Pooled; each has a lane of its
 * own. A vendor adds what its own structures need. Plain public fields: the stations of the pipeline write into it.
 */
public abstract class Transaction implements Pooled {
    /** Its place in the pool. */
    public final int id;
    /** On which everything that happens to it happens. */
    public final Lane lane;

    private @Nullable Walk walk;
    /** What it was made from so far, for the stale-use checker; {@code null} without one. */
    public @Nullable Trail trail;

    private @Nullable DmaRequest request;
    private @Nullable DmaCompletion completion;

    /** What its address is. */
    public AddressType type = AddressType.UNTRANSLATED;
    /** Requester id of the function: StreamID, DeviceID, source-id. */
    public int sid;
    /** PASID that the IOMMU looks at, or {@link DmaRequest#NO_PASID}. */
    public int substream;
    /** Address to translate. */
    public long iova;
    /** Beats that it takes at the port from the device. */
    public int beats;

    /** It is an interrupt message. */
    public boolean message;

    /** It is no memory access: somebody asks whether this page request may be made. */
    public @Nullable PageRequest pageRequest;

    /** It is the unit's own: no device sent it, it did not come through the door, and nothing leaves with it. */
    public boolean own;

    private @Nullable DmaRequest ownRequest;

    /** When it was through that port, ps. */
    @Timing
    public long receivedAt;

    /** It is under way. */
    public boolean inUse;
    /** Something that it uses was invalidated: it may finish, but it may not fill any cache. */
    public boolean stale;
    /** And an invalidation is complete only when it has finished. */
    boolean awaited;
    /** Number of the first such invalidation. */
    int awaitedBy;
    /** It reads its configuration from memory, or waits for its turn. */
    boolean fetching;

    // ---- the answer so far
    /** How it ends. */
    public DmaOutcome outcome = DmaOutcome.PENDING;
    /** The translated address; of an interrupt message that was posted, the processor that is told, or -1. */
    public long output;
    /** Data of the interrupt message that leaves in its place for the address {@link #output}. */
    public int messageData;
    /** log2 of the range for which the translation holds. */
    public int pageShift;
    /** The vendor's code of the fault that ended it, 0 if none. */
    public int code;

    // ---- links of the lists that it can be in
    @Nullable
    Transaction doorNext;

    @Nullable
    Transaction missPrevious;

    @Nullable
    Transaction missNext;

    @Nullable
    Transaction waitNext;

    @Nullable
    Transaction orderPrevious;

    @Nullable
    Transaction orderNext;

    /** It has missed, and keeps its lookup port until it has a walk slot. */
    boolean blocks;

    /** It is among those that leave in order. */
    public boolean ordered;

    /** Makes an idle one. */
    protected Transaction(int id, Lane lane) {
        this.id = id;
        this.lane = lane;
    }

    /** Gives it its place in the walker; done once. */
    public final void attach(Walk newWalk) {
        walk = newWalk;
        newWalk.of(this);
    }

    @Override
    public final boolean inUse() {
        return inUse;
    }

    /** Begins with a request that has arrived at the door. */
    protected final void begin(DmaRequest newRequest, DmaCompletion newCompletion, int portBeats) {
        request = newRequest;
        completion = newCompletion;
        sid = newRequest.requesterId();
        type = newRequest.addressType();
        substream = newRequest.pasid();
        iova = newRequest.wireAddress();
        beats = portBeats;
        message = false;
        pageRequest = null;
        own = false;
        inUse = true;
        forget();
    }

    /** Begins with a page request that wants to know whether it may be made: as a request for a translation, for nobody. */
    protected final void begin(PageRequest page, long now) {
        DmaRequest asked = forNobody();
        asked.begin(-1, page.requesterId(), page.pasid(), page.address(), 1, page.write(), now);
        asked.attributes(page.privileged(), page.execute());
        asked.resend(AddressType.TRANSLATION_REQUEST, page.address());
        begin(asked, nobody -> {}, 1);
        pageRequest = page;
        own = true;
    }

    /** Begins ahead of all requests, as a read of an address for nobody: its translation is to be in the caches. */
    protected final void beginAhead(int requesterId, int pasid, long address, long now) {
        DmaRequest ahead = forNobody();
        ahead.begin(-1, requesterId, pasid, address, 1, false, now);
        begin(ahead, nobody -> {}, 1);
        own = true;
    }

    private DmaRequest forNobody() {
        DmaRequest made = ownRequest == null ? new DmaRequest() : ownRequest;
        ownRequest = made;
        return made;
    }

    /** Forgets everything that was found out: it is as if it had just arrived. */
    protected final void forget() {
        stale = false;
        awaited = false;
        fetching = false;
        outcome = DmaOutcome.PENDING;
        output = 0;
        messageData = 0;
        pageShift = 0;
        code = 0;
    }

    /** Ends. */
    public final void end() {
        inUse = false;
        stale = false;
        awaited = false;
        request = null;
        completion = null;
    }

    /** Beats of data that a request brings with it at a port of so many bytes. */
    public static int dataBeats(DmaRequest request, int portBytes) {
        boolean data = request.write() && request.addressType() != AddressType.TRANSLATION_REQUEST;
        return data ? (request.bytes() + portBytes - 1) / portBytes : 0;
    }

    /** True if it has data of its own in the front end's write buffer. */
    public final boolean carriesData() {
        return request().write() && type != AddressType.TRANSLATION_REQUEST;
    }

    /** Its place in the walker. */
    public final Walk walk() {
        return present(walk);
    }

    /** The device's request. */
    public final DmaRequest request() {
        return present(request);
    }

    /** Who is told of the answer. */
    public final DmaCompletion completion() {
        return present(completion);
    }

    /** Ends the translation without an answer. */
    public final void fail(DmaOutcome how, int vendorCode) {
        outcome = how;
        code = vendorCode;
    }

    /** True if there is no answer and will be none. */
    public final boolean failed() {
        return outcome == DmaOutcome.FAULT || outcome == DmaOutcome.ABORT || outcome == DmaOutcome.RAZ_WI;
    }

    /** A part that is there while the transaction is in use. */
    protected final <T> T present(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("transaction " + id + " is not in use");
        }
        return value;
    }
}

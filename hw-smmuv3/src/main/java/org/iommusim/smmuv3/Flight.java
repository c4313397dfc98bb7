package org.iommusim.smmuv3;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.event.Lane;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * One transaction on its way through the SMMU, from the door until its access is carried out. Pooled; each has a lane of
 * its own. Plain fields: what flights hold is work in progress, not state that survives.
 */
final class Flight extends Transaction {
    final DecodedConfig decoded = new DecodedConfig();
    final StreamConfig config = decoded.config;
    final long[] ste = new long[Ste.WORDS];
    final long[] cd = new long[Cd.WORDS];
    private @Nullable FrontEnd frontEnd;

    /** The CD words belong to this flight. */
    boolean hasCd;
    /** The walk under way is for the address of the CD. */
    boolean walkingForCd;
    /** The level-1 descriptor of a two-level CD table is being read. */
    boolean atCdLevel1;

    /** No device asked for it: the front end itself translates ahead. */
    boolean prefetch;
    /** The main TLB's entry that it found was translated ahead. */
    boolean hitPrefetched;
    /** Where the notes of tables, and not of configuration, begin in the trail. */
    int tablesFrom;
    /** What a prefetch is in place of a device's request. */
    private @Nullable DmaRequest ahead;

    // ---- what an invalidation can hit
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

    // ---- the answer so far
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

    Flight(int id, Lane lane) {
        super(id, lane);
    }

    void begin(DmaRequest newRequest, DmaCompletion newCompletion, FrontEnd newFrontEnd, int portBeats) {
        begin(newRequest, newCompletion, portBeats);
        frontEnd = newFrontEnd;
        if (type == AddressType.TRANSLATED) {
            substream = DmaRequest.NO_PASID; // it is not looked at (IDR3.PASIDTT=0)
        }
        prefetch = false;
        again();
    }

    /** Begins a translation of the page behind another flight's, for nobody. */
    void beginAhead(Flight behind, DmaCompletion nobody, long now) {
        DmaRequest own = ahead == null ? new DmaRequest() : ahead;
        ahead = own;
        own.begin(-1, behind.sid, behind.substream, (behind.iova & -0x1000L) + 0x1000, 1, false, now);
        begin(own, nobody, behind.frontEnd(), 1);
        prefetch = true;
    }

    /** Forgets everything that was found out: it is as if it had just arrived. */
    void again() {
        forget();
        hasCd = false;
        walkingForCd = false;
        atCdLevel1 = false;
        usesConfig = false;
        usesTranslation = false;
        stage1 = false;
        stage2 = false;
        el2 = false;
        vmid = 0;
        asid = -1;
        stage1Shift = 0;
        facts = 0;
        fetchAddress = 0;
        passed = false;
        entry = 0;
        writeRefused = false;
        stalling = false;
        hitPrefetched = false;
        tablesFrom = 0;
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
        boolean hasPasid = substream != DmaRequest.NO_PASID;
        boolean privileged = privCfg >= 2 ? privCfg == 3 : hasPasid && r.privileged();
        boolean execute = !r.write() && (instCfg >= 2 ? instCfg == 3 : hasPasid && r.execute());
        return (r.write() ? Access.WRITE : execute ? Access.EXECUTE : Access.READ)
                | (privileged ? Access.PRIVILEGED : 0);
    }
}

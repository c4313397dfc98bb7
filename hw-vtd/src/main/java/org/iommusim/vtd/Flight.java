package org.iommusim.vtd;

import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.event.Lane;
import org.iommusim.vtd.format.ScalableContext;
import org.iommusim.vtd.format.TranslationConfig;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;

/** One request on its way through a VT-d unit, from the door until its access is carried out. */
final class Flight extends Transaction {
    /** The context entry; in legacy mode its first two words. */
    final long[] context = new long[ScalableContextEntry.WORDS];
    /** The PASID table entry. */
    final long[] pasidEntry = new long[PasidEntry.WORDS];
    /** What the context entry comes to, in scalable mode. */
    final ScalableContext function = new ScalableContext();
    /** What the context entry (legacy) or the PASID entry (scalable) comes to. */
    final TranslationConfig config = new TranslationConfig();

    // ---- configuration
    /** It was, or is being, translated in scalable mode. */
    boolean scalable;
    /** It has its context entry, and is after its PASID entry. */
    boolean contextKnown;
    /** The PASID directory entry asks for silence (FPD). */
    boolean quietDirectory;
    /** What is being read. */
    long fetchAddress;
    /** How many words of the entry that is being read are here. */
    int taken;

    // ---- what an invalidation can hit
    /** It has read, or is reading, the context entry of its source. */
    boolean usesContext;
    /** It has read, or is reading, a PASID table entry. */
    boolean usesPasid;
    /** Domain of the tables that it uses, below 0 as long as it is not known. */
    int did;
    /** PASID whose tables it uses: its own, or RID_PASID; below 0 in legacy mode, or as long as it is not known. */
    int pasid;

    boolean firstStage;
    boolean secondStage;
    /** log2 of the first stage's own page; 0 until there is an answer, or without first stage. */
    int firstShift;

    // ---- the answer so far
    /** What the translation allows: a permission word. */
    int permissions;
    /** The first stage's page is global. */
    boolean global;

    long firstAttributes;
    long secondAttributes;
    /** Which of the ways to ask for a translation is being tried ({@link org.iommusim.hw.ats.GrantAttempts}). */
    int attempt;
    /** The data entry of a translation completion. */
    long entry;

    // ---- for the stale-use checker: where notes begin
    /** Of the PASID directory and table. */
    int pasidFrom;
    /** Of page tables. */
    int tablesFrom;

    Flight(int id, Lane lane) {
        super(id, lane);
    }

    void arrive(DmaRequest newRequest, DmaCompletion newCompletion, int portBeats) {
        begin(newRequest, newCompletion, portBeats);
        again();
    }

    /** A page request wants to know whether it may be made. */
    void arrive(PageRequest page, long now) {
        begin(page, now);
        again();
    }

    /** Forgets what it has found out about its configuration and translation. */
    void again() {
        scalable = false;
        contextKnown = false;
        quietDirectory = false;
        fetchAddress = 0;
        taken = 0;
        usesContext = false;
        usesPasid = false;
        did = -1;
        pasid = -1;
        firstStage = false;
        secondStage = false;
        firstShift = 0;
        permissions = 0;
        global = false;
        firstAttributes = 0;
        secondAttributes = 0;
        attempt = 0;
        entry = 0;
        pasidFrom = 0;
        tablesFrom = 0;
        function.clear();
        config.clear();
    }

    /** True if an entry that was read asks for silence about qualified faults. */
    boolean quiet() {
        return function.fpd || quietDirectory || config.fpd;
    }

    /** Requests without PASID execute nothing. */
    boolean executes() {
        return substream >= 0 && request().execute() && !request().write();
    }

    /** Without a PASID it is what the context entry says (RID_PRIV). */
    boolean privileged() {
        return substream >= 0 ? request().privileged() : function.ridPriv;
    }

    /** The access to be checked. */
    int access() {
        int kind = request().write() ? Access.WRITE : executes() ? Access.EXECUTE : Access.READ;
        return kind | (privileged() ? Access.PRIVILEGED : 0);
    }
}

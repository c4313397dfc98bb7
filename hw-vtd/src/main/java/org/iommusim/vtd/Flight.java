package org.iommusim.vtd;

import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.sim.event.Lane;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;

/** One request on its way through a VT-d unit, from the door until its access is carried out. */
final class Flight extends Transaction {
    /** The context entry; in legacy mode its first two words. */
    final long[] context = new long[ScalableContextEntry.WORDS];
    /** The PASID table entry. */
    final long[] pasidEntry = new long[PasidEntry.WORDS];

    // ---- what an invalidation can hit
    /** It has read, or is reading, the context entry of its source. */
    boolean usesContext;
    /** It has read, or is reading, a PASID table entry. */
    boolean usesPasid;
    /** It was translated in scalable mode. */
    boolean scalable;
    /** Domain of the tables that it uses, below 0 as long as it is not known. */
    int did;
    /** PASID whose tables it uses: its own, or RID_PASID; below 0 in legacy mode, or as long as it is not known. */
    int pasid;

    boolean firstStage;
    boolean secondStage;
    /** log2 of the first stage's own page; 0 until there is an answer, or without first stage. */
    int firstShift;

    // ---- the answer so far
    /** The PASID directory entry asks for silence (FPD). */
    boolean quietDirectory;
    /** What the translation allows: a permission word. */
    int permissions;
    /** The first stage's page is global. */
    boolean global;

    long firstAttributes;
    long secondAttributes;

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

    /** Forgets what it has found out about its configuration and translation. */
    void again() {
        usesContext = false;
        usesPasid = false;
        scalable = false;
        did = -1;
        pasid = -1;
        firstStage = false;
        secondStage = false;
        firstShift = 0;
        quietDirectory = false;
        permissions = 0;
        global = false;
        firstAttributes = 0;
        secondAttributes = 0;
        pasidFrom = 0;
        tablesFrom = 0;
    }
}

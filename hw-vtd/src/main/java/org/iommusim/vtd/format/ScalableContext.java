package org.iommusim.vtd.format;

/** What a scalable-mode context entry comes to. Plain mutable fields, because caches and flights own preallocated ones. */
public final class ScalableContext {
    /** Qualified faults are not recorded. It also counts if the entry is not present or not legal. */
    public boolean fpd;
    /** Translation requests and translated requests are allowed. */
    public boolean dte;
    /** Requests with PASID are allowed. */
    public boolean paside;
    /** Page requests are allowed. */
    public boolean pre;
    /** The PASID directory. */
    public long directory;
    /** How many PASIDs the directory covers. */
    public int pasids;
    /** PASID of requests without one. */
    public int ridPasid;
    /** Requests without PASID are privileged. */
    public boolean ridPriv;

    /** Takes over all fields of another. */
    public void copyFrom(ScalableContext other) {
        fpd = other.fpd;
        dte = other.dte;
        paside = other.paside;
        pre = other.pre;
        directory = other.directory;
        pasids = other.pasids;
        ridPasid = other.ridPasid;
        ridPriv = other.ridPriv;
    }

    /** Allows nothing. */
    public void clear() {
        fpd = false;
        dte = false;
        paside = false;
        pre = false;
        directory = 0;
        pasids = 0;
        ridPasid = 0;
        ridPriv = false;
    }
}

package org.iommusim.amdvi.format;

import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;

/**
 * What a device table entry comes to: how the requests of one function are translated. Plain mutable fields, because caches and
 * flights own preallocated ones and copy into them. What it says of interrupts is not in here: a request that is an interrupt
 * looks at the entry's third word.
 */
public final class DteConfig {
    /** Everything is aborted: no entry was decoded, or it is not legal, or it does not say how to translate (TV = 0). */
    public static final int BLOCKED = 0;
    /** Everything passes (V = 0): no permission is checked. */
    public static final int FORWARD = 1;
    /** The entry says how to translate. */
    public static final int TRANSLATE = 2;

    /** {@link #BLOCKED} ... {@link #TRANSLATE}. */
    public int kind;
    /** Domain id. */
    public int domainId;
    /**
     * What the entry allows, a permission word of {@link Access}: to be judged before a walk, and to be taken from what the walk
     * gives. The walk's own result does not have it, because functions of one domain may share that.
     */
    public int permissions;
    /** Host tables; not enabled if there are none. */
    public final StageParameters host = new StageParameters();
    /** There are guest tables. */
    public boolean guest;
    /** Requests without a PASID have the guest tables of PASID 0. */
    public boolean guestWithoutPasid;
    /** The GCR3 table. */
    public long gcr3;
    /** The GCR3 table's own address is translated by the host tables. */
    public boolean gcr3IsGuestPhysical;
    /** Levels of the GCR3 table, 1 to 3. */
    public int gcr3Levels;
    /** Levels of guest tables, 4 or 5. */
    public int guestLevels;
    /** Flags of guest tables: those of {@link org.iommusim.hw.x86.X86Table}. */
    public int guestFlags;
    /** The function may have a TLB of its own: translation requests and translated requests are allowed. */
    public boolean ats;
    /** Page requests are allowed. */
    public boolean ppr;
    /** Answers to page requests have the PASID. */
    public boolean gprp;
    /** Only the first page fault makes an event. */
    public boolean suppressRepeated;
    /** No page fault makes an event. */
    public boolean suppressAll;
    /** The exclusion range holds for the function. */
    public boolean exclusion;
    /** System management messages: codes of {@link org.iommusim.amdvi.spec.Dte#SYS_MGT}. */
    public int sysMgt;

    /** Takes over all fields of another. */
    public void copyFrom(DteConfig other) {
        kind = other.kind;
        domainId = other.domainId;
        permissions = other.permissions;
        host.copyFrom(other.host);
        guest = other.guest;
        guestWithoutPasid = other.guestWithoutPasid;
        gcr3 = other.gcr3;
        gcr3IsGuestPhysical = other.gcr3IsGuestPhysical;
        gcr3Levels = other.gcr3Levels;
        guestLevels = other.guestLevels;
        guestFlags = other.guestFlags;
        ats = other.ats;
        ppr = other.ppr;
        gprp = other.gprp;
        suppressRepeated = other.suppressRepeated;
        suppressAll = other.suppressAll;
        exclusion = other.exclusion;
        sysMgt = other.sysMgt;
    }

    /** Blocks everything. */
    public void clear() {
        kind = BLOCKED;
        domainId = 0;
        permissions = 0;
        host.clear();
        guest = false;
        guestWithoutPasid = false;
        gcr3 = 0;
        gcr3IsGuestPhysical = false;
        gcr3Levels = 0;
        guestLevels = 0;
        guestFlags = 0;
        ats = false;
        ppr = false;
        gprp = false;
        suppressRepeated = false;
        suppressAll = false;
        exclusion = false;
        sysMgt = 0;
    }

    /** True if a PASID has a place in the GCR3 table. */
    public boolean reaches(int pasid) {
        return pasid < Gcr3Entry.pasids(gcr3Levels);
    }
}

package org.iommusim.amdvi;

import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.format.Gcr3Lookup;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.event.Lane;

/** One request on its way through an AMD-Vi unit, from the door until its access is carried out. */
final class Flight extends Transaction {
    /** The device table entry. */
    final long[] dte = new long[Dte.WORDS];
    /** What it comes to. */
    final DteConfig config = new DteConfig();
    /** The way to the guest tables of its PASID. */
    final Gcr3Lookup gcr3 = new Gcr3Lookup(config);

    // ---- configuration
    /** It has read, or is reading, the device table entry of its function. */
    boolean usesDte;
    /** What is being read. */
    long fetchAddress;

    /** It is a page that PREFETCH_IOMMU_PAGES names. */
    boolean prefetch;
    /** As such: what the IOTLB has of the page goes first. */
    boolean invalidatesFirst;

    // ---- what an invalidation can hit
    /** Domain of the tables that it uses, below 0 as long as it is not known. */
    int did;
    /** PASID whose guest tables it uses, below 0 if it uses none, or as long as it is not known. */
    int pasid;
    /** Guest tables have a part in its translation. */
    boolean guest;
    /** Host tables have a part in its translation. */
    boolean host;
    /** log2 of the guest table's own page; 0 until there is an answer, or without guest tables. */
    int guestShift;

    // ---- the walk
    /** The walk under way is for the address of a GCR3 entry. */
    boolean walksForGcr3;
    /** Which of the ways to ask for a translation is being tried ({@link org.iommusim.hw.ats.GrantAttempts}). */
    int attempt;

    // ---- the answer so far
    /** What the tables allow: a permission word. */
    int permissions;
    /** Attributes of the host table's page. */
    long attributes;
    /** The data entry of a translation completion. */
    long entry;
    /** Flags of the event that {@code code} stands for, in place. */
    long eventFlags;
    /** Address that the event tells, if it is not that of the request. */
    long eventAddress;

    // ---- an interrupt of a guest
    /** Where its bit is set in the virtual APIC. */
    long irrAddress;
    /** That bit. */
    long irrBit;
    /** Where its interrupt remapping entry is. */
    long entryAddress;

    // ---- for the stale-use checker: where notes begin
    /** Of GCR3 and page tables. */
    int tablesFrom;

    Flight(int id, Lane lane) {
        super(id, lane);
    }

    void arrive(DmaRequest newRequest, DmaCompletion newCompletion, int portBeats) {
        begin(newRequest, newCompletion, portBeats);
        prefetch = false;
        again();
    }

    /** A page request wants to know whether it may be made. */
    void arrive(PageRequest page, long now) {
        begin(page, now);
        prefetch = false;
        again();
    }

    /** A page is to be translated ahead. */
    void arriveAhead(int deviceId, int ofPasid, long address, boolean replaces, long now) {
        beginAhead(deviceId, ofPasid, address, now);
        prefetch = true;
        invalidatesFirst = replaces;
        again();
    }

    /** Forgets what it has found out about its configuration and translation. */
    private void again() {
        usesDte = false;
        fetchAddress = 0;
        did = -1;
        pasid = -1;
        guest = false;
        host = false;
        guestShift = 0;
        walksForGcr3 = false;
        attempt = 0;
        permissions = 0;
        attributes = 0;
        entry = 0;
        eventFlags = 0;
        eventAddress = 0;
        irrAddress = 0;
        irrBit = 0;
        entryAddress = 0;
        tablesFrom = 0;
        config.clear();
    }

    boolean hasPasid() {
        return substream != DmaRequest.NO_PASID;
    }

    /** Requests without PASID execute nothing. */
    boolean executes() {
        return hasPasid() && request().execute() && !request().write();
    }

    /** Requests without PASID are those of users. */
    boolean privileged(boolean userSupervisor) {
        return userSupervisor && hasPasid() && request().privileged();
    }

    /** The device table entry forbids the access; that is told only when nothing in the tables forbids it. */
    boolean forbidden() {
        return type == AddressType.UNTRANSLATED && !Access.allowed(config.permissions, access(false));
    }

    /**
     * The access to be checked.
     *
     * @param userSupervisor whether user and supervisor are told apart (EFR.USSup)
     */
    int access(boolean userSupervisor) {
        int kind = request().write() ? Access.WRITE : executes() ? Access.EXECUTE : Access.READ;
        return kind | (privileged(userSupervisor) ? Access.PRIVILEGED : 0);
    }
}

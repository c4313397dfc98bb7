package org.iommusim.hw.contract;

import java.util.Map;
import java.util.Optional;
import org.iommusim.hw.iommu.DeviceBed;

/**
 * A machine with one IOMMU and no software, in words that all vendors understand. What changes tables and entries only writes
 * memory; what invalidates only writes the command. {@link #sync} has the commands carried out.
 */
public interface VendorBed {
    /** The machine. */
    DeviceBed<?> machine();

    /** What this architecture does otherwise, with the reason that its specification gives. */
    Map<Difference, String> differences();

    /** True if it does. */
    default boolean differs(Difference difference) {
        return differences().containsKey(difference);
    }

    /** Switches translation on, and waits until it is. */
    void enable();

    /** Switches translation off, and waits until it is; tables and queues stay. */
    void disable();

    // ---- address spaces and configuration

    /** A new, empty address space whose cached entries carry this tag (domain, ASID, VMID), from 1. */
    Space space(int tag);

    /** Requests of a function without PASID go by this space; translation requests and page requests are allowed. */
    void attach(int function, Space space);

    /** Requests of an attached function with this PASID, from 1, go by this space. */
    void attach(int function, int pasid, Space space);

    /** Requests of a function are refused. */
    void block(int function);

    /** Requests of a function pass untranslated. */
    void bypass(int function);

    /** An attached function may not use translation requests any more. */
    void forbidAts(int function, Space space);

    /** A function that the tables cannot have an entry for, or have none. */
    int stranger();

    // ---- invalidations

    /** What was read from these leaf entries of a space, 2^log2Pages pages of 4 KiB, aligned. */
    void invalidatePages(Space space, long iova, int log2Pages);

    /** What was read from the tables of a space. */
    void invalidateSpace(Space space);

    /** What was read from any tables. */
    void invalidateAll();

    /** What was read from the entry of a function, whose requests went by this space. */
    void invalidateFunction(int function, Space old);

    /** What was read from the entry of a PASID, whose requests went by this space. */
    void invalidatePasid(int function, int pasid, Space old);

    /** Asks to be told when all invalidations so far are complete, and has the hardware look at its commands. */
    void sync();

    /** True if the last {@link #sync} has been answered. */
    boolean synced();

    // ---- the rest

    /** The records of faults. */
    FaultLog faults();

    /** Invalidations of functions' translation caches. */
    DeviceCaches deviceCaches();

    /** Page requests. */
    PageRequests pageRequests();

    /** Interrupt messages; empty where the architecture does not tell them from other writes. */
    Optional<Messages> messages();

    /** Builds a mistake into the device. */
    void make(Mistake mistake);
}

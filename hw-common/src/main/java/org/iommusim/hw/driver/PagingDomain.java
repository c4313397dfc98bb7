package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.jspecify.annotations.Nullable;

/** A domain whose tables the kernel writes: maps device addresses to physical ones. */
public interface PagingDomain extends IommuDomain {
    /** Mappings may be read. */
    int PROT_READ = 1;
    /** Mappings may be written. */
    int PROT_WRITE = 2;

    /** Page sizes that leaves can have, as a bit per power of two. */
    long pageSizes();

    /** First mappable address. */
    long apertureStart();

    /** Last mappable address. */
    long apertureEnd();

    /** True if nested domains can be made on it. */
    boolean nestParent();

    /**
     * {@code map_pages}: maps a range, with the largest leaves that fit. On an error nothing of the range stays mapped.
     * Errors: EEXIST (something is mapped there), ENOMEM.
     *
     * @param bytes a multiple of the smallest page size
     * @param protection bits {@link #PROT_READ}, {@link #PROT_WRITE}
     */
    Call<?> mapPages(long iova, long physicalAddress, long bytes, int protection);

    /** {@code unmap_pages}: clears the leaves of a range that was mapped; tables that become empty may be freed later. */
    Call<?> unmapPages(long iova, long bytes);

    /**
     * {@code iotlb_sync}: invalidates what hardware may have cached of ranges unmapped since the last sync, and waits until
     * the hardware is done. Only then may the pages be given back.
     */
    Call<?> iotlbSync();

    /** {@code enforce_cache_coherency}: makes DMA that asks for no snooping snoop; false if it cannot. */
    default boolean enforceCacheCoherency() {
        return false;
    }

    /** {@code dirty_ops}; {@code null} if the domain was made without dirty tracking. */
    default @Nullable DirtyOps dirtyOps() {
        return null;
    }

    /** {@code iova_to_phys}: reads the tables in memory, taking no time; -1 if nothing is mapped there. */
    long iovaToPhys(long iova);
}

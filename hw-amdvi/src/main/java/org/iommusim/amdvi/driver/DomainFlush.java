package org.iommusim.amdvi.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * {@code amd_iommu_domain_flush_pages} with {@code domain->lock} held, which is held until hardware is done; and {@code
 * iommu_map} of a range with what hardware must be told of it.
 */
final class DomainFlush extends Frame {
    static final Program<DomainFlush> FLUSH = Program.<DomainFlush>named("flush pages of a domain")
            .lock("domain->lock", f -> f.domain.lock)
            .invoke("amd_iommu_domain_flush_pages", f -> unlocked(f.domain, f.ranges))
            .build();
    static final Program<DomainFlush> MAP = Program.<DomainFlush>named("iommu_map")
            .invoke("map_pages", f -> f.domain.mapTables(f.iova, f.address, f.bytes, f.protection))
            .invoke("amd_iommu_iotlb_sync_map", DomainFlush::flushNotPresent)
            .build();

    private final AmdPaging domain;
    private final Gather.@Nullable Range ranges;
    private final long iova;
    private final long address;
    private final long bytes;
    private final int protection;

    private DomainFlush(
            AmdPaging domain, Gather.@Nullable Range ranges, long iova, long address, long bytes, int protection) {
        super(domain.iommu().world());
        this.domain = domain;
        this.ranges = ranges;
        this.iova = iova;
        this.address = address;
        this.bytes = bytes;
        this.protection = protection;
    }

    /** Invalidates ranges and waits; {@code null}: everything. */
    static Call<?> ranges(AmdPaging domain, Gather.@Nullable Range ranges) {
        return new Call<>(FLUSH, new DomainFlush(domain, ranges, 0, 0, 0, 0));
    }

    /** The same for somebody who holds the lock. */
    static Call<?> unlocked(AmdPaging domain, Gather.@Nullable Range ranges) {
        return IssueCommands.call(IssueCommands.DOMAIN_FLUSH_PAGES, domain.iommu(), () -> domain.flush(ranges));
    }

    static Call<?> map(AmdPaging domain, long iova, long address, long bytes, int protection) {
        return new Call<>(MAP, new DomainFlush(domain, null, iova, address, bytes, protection));
    }

    /** Hardware that caches what is not present must hear of what becomes present. */
    private @Nullable Call<?> flushNotPresent() {
        return domain.iommu().npCache()
                ? ranges(domain, new Gather.Range(iova, bytes, PageTable.PAGE_SHIFT, false, null))
                : null;
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;

/** {@code iommu_map} of one range, with what hardware must be told of it. */
final class DomainMaps extends Frame {
    static final Program<DomainMaps> MAP = Program.<DomainMaps>named("iommu_map")
            .invoke("map_pages", f -> f.domain.mapTables(f.iova, f.address, f.bytes, f.protection))
            .invoke("iotlb_sync_map: cache_tag_flush_range_np", DomainMaps::flush)
            .build();

    private final DmarPaging domain;
    private final long iova;
    private final long address;
    private final long bytes;
    private final int protection;

    private DomainMaps(DmarPaging domain, long iova, long address, long bytes, int protection) {
        super(domain.iommu().world());
        this.domain = domain;
        this.iova = iova;
        this.address = address;
        this.bytes = bytes;
        this.protection = protection;
    }

    static Call<?> map(DmarPaging domain, long iova, long address, long bytes, int protection) {
        return new Call<>(MAP, new DomainMaps(domain, iova, address, bytes, protection));
    }

    /** Caching mode does not cover the first stage. */
    private Call<?> flush() {
        IntelIommu iommu = domain.iommu();
        return iommu.cap().cm() && !domain.usesFirstStage()
                ? CacheFlush.ranges(domain, new Gather.Range(iova, bytes, PageTable.PAGE_SHIFT, false, null))
                : FlushNotPresent.writeBuffer(iommu);
    }
}

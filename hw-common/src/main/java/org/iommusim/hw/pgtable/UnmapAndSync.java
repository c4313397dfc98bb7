package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.World;

/** {@code iommu_unmap}: unmaps a range of a domain and invalidates it. */
public final class UnmapAndSync extends Frame {
    private static final Program<UnmapAndSync> PROGRAM = Program.<UnmapAndSync>named("iommu_unmap")
            .invoke("unmap_pages", f -> f.domain.unmapPages(f.iova, f.bytes))
            .invoke("iotlb_sync", f -> f.domain.iotlbSync())
            .build();

    private final PagingDomain domain;
    private final long iova;
    private final long bytes;

    private UnmapAndSync(World world, PagingDomain domain, long iova, long bytes) {
        super(world);
        this.domain = domain;
        this.iova = iova;
        this.bytes = bytes;
    }

    /** The call. Errors: those of {@link PagingDomain#unmapPages}. */
    public static Call<?> call(World world, PagingDomain domain, long iova, long bytes) {
        return new Call<>(PROGRAM, new UnmapAndSync(world, domain, iova, bytes));
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;

/**
 * What follows a change from not present to present ({@code pasid_flush_caches}, {@code context_present_cache_flush}, {@code
 * cache_tag_flush_range_np}): hardware in caching mode may have cached that there is nothing, and needs invalidations; other
 * hardware at most a flush of its write buffer.
 */
final class FlushNotPresent extends Frame {
    private static final Program<FlushNotPresent> WRITE_BUFFER = Program.<FlushNotPresent>named(
                    "iommu_flush_write_buffer")
            .step("write GCMD.WBF", HostCost.MMIO_WRITE, Touches.MMIO, FlushNotPresent::flush)
            .await(
                    "poll GSTS.WBFS",
                    Touches.MMIO,
                    f -> f.iommu.device().changed(),
                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                    f -> (f.iommu.read32(Reg.GSTS) & (Reg.WBF & 0xffff_ffffL)) == 0)
            .build();
    private static final Program<FlushNotPresent> NOTHING =
            Program.<FlushNotPresent>named("nothing to flush").build();

    private final IntelIommu iommu;

    private FlushNotPresent(IntelIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    /** {@code iommu_flush_write_buffer}: nothing unless the unit needs it. */
    static Call<?> writeBuffer(IntelIommu iommu) {
        return new Call<>(iommu.cap().rwbf() ? WRITE_BUFFER : NOTHING, new FlushNotPresent(iommu));
    }

    /** After a PASID entry has become present. */
    static Call<?> pasid(DeviceInfo info, int pasid, int did) {
        IntelIommu iommu = info.iommu();
        if (!iommu.cap().cm()) {
            return writeBuffer(iommu);
        }
        EntryList list = new EntryList()
                .add(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, did, pasid), 0)
                .add(Inv.pasidIotlb0(Inv.G_PASID_ALL, did, pasid), 0);
        return iommu.qi().submit(list);
    }

    /** After a context entry has become present. What is not present is cached under domain id 0. */
    static Call<?> context(DeviceInfo info) {
        IntelIommu iommu = info.iommu();
        if (!iommu.cap().cm()) {
            return writeBuffer(iommu);
        }
        EntryList list = new EntryList()
                .add(Inv.context0(Inv.G_CONTEXT_DEVICE, 0, info.sid(), 0), 0)
                .add(Flushes.iotlbDomain(iommu, 0), 0);
        return iommu.qi().submit(list);
    }

    private void flush() {
        iommu.write32(Reg.GCMD, GlobalCommand.levels(iommu) | Reg.WBF);
    }
}

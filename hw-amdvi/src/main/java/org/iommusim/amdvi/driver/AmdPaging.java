package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.GatherSync;
import org.iommusim.hw.pgtable.Mapping;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.UnmapAndSync;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code struct protection_domain} with tables of the kernel: host tables (v1), or guest tables (v2) behind GCR3 tables. */
final class AmdPaging implements PagingDomain {
    private static final Program<GatherSync> SYNC =
            GatherSync.program("amd_iommu_iotlb_sync", "amd_iommu_domain_flush_pages");

    private final AmdIommu iommu;
    private final PageTable table;
    private final boolean nestParent;
    private final int domainId;
    private final Gather gather;
    private final long id;
    private final RefCell<DomainDevice> devices;
    private final RefCell<AmdViommu> viommus;

    /** {@code domain->lock}: its devices; held while what they may have cached is invalidated. */
    final Lock lock;

    AmdPaging(AmdIommu iommu, PageTable table, boolean nestParent, int domainId) {
        this.iommu = iommu;
        this.table = table;
        this.nestParent = nestParent;
        this.domainId = domainId;
        gather = new Gather(iommu.world());
        id = iommu.world().nextInstance();
        devices = new RefCell<>(iommu.world(), Touches.DOMAIN, id);
        viommus = new RefCell<>(iommu.world(), Touches.DOMAIN, id + (1L << 40));
        lock = new Lock(iommu.world(), iommu.name() + " domain->lock", Lock.Kind.SPIN);
    }

    AmdIommu iommu() {
        return iommu;
    }

    PageTable table() {
        return table;
    }

    Gather gather() {
        return gather;
    }

    /** {@code domain->id}: with host tables the tag of its translations. */
    int domainId() {
        return domainId;
    }

    /** {@code dev_list}, and PASIDs. */
    RefCell<DomainDevice> devices() {
        return devices;
    }

    /** {@code viommu_list}: those whose nested domains are over it. */
    RefCell<AmdViommu> viommus() {
        return viommus;
    }

    /** {@code pdom_is_v2_pgtbl_mode}: its translations are tagged by device and PASID. */
    boolean v2() {
        return table.format() instanceof X86Format;
    }

    /** Levels of its tables. */
    int levels() {
        return table.rootHeight() + 1;
    }

    private Mapping mapping() {
        return v2() ? X86Format.MAPPING : V1Format.MAPPING;
    }

    void add(DevData dev, int pasid) {
        devices.set(new DomainDevice(dev, pasid, devices.get()));
    }

    void remove(DevData dev, int pasid) {
        devices.set(DomainDevice.without(devices.get(), dev, pasid));
    }

    /**
     * {@code __domain_flush_pages}: what invalidates ranges wherever they may be cached, the unit before the devices. What
     * devices have kept of a nested translation cannot be found by a host address: all of it goes.
     */
    EntryList flush(Gather.@Nullable Range ranges) {
        EntryList list = new EntryList();
        if (!v2()) {
            Flushes.addPages(list, domainId, Flushes.NOT_GUEST, ranges);
        }
        for (AmdViommu v = viommus.get(); v != null; v = v.next()) {
            v.addFlushes(list, ranges);
        }
        for (DomainDevice d = devices.get(); d != null; d = d.next()) {
            if (v2()) {
                Flushes.addPages(list, d.dev().gcr3DomainId.get(), d.pasid(), ranges);
            }
        }
        for (DomainDevice d = devices.get(); d != null; d = d.next()) {
            boolean nested = d.dev().current().get() instanceof AmdNested;
            Flushes.addIotlb(list, d.dev(), v2() ? d.pasid() : Flushes.NOT_GUEST, nested ? null : ranges);
        }
        return list;
    }

    @Override
    public Type type() {
        return Type.PAGING;
    }

    @Override
    public String name() {
        return iommu.name() + (v2() ? " v2 domain " : " v1 domain ") + domainId;
    }

    @Override
    public long pageSizes() {
        return table.format() instanceof X86Format x86 ? x86.pageSizes() : V1Format.pageSizes();
    }

    @Override
    public long apertureStart() {
        return 0;
    }

    @Override
    public long apertureEnd() {
        return (1L << table.inputBits()) - 1;
    }

    @Override
    public boolean nestParent() {
        return nestParent;
    }

    /** The tables alone are changed, without what hardware needs that caches what is not present. */
    Call<?> mapTables(long iova, long physicalAddress, long bytes, int protection) {
        return mapping()
                .map(
                        iommu.world(),
                        table,
                        iova,
                        physicalAddress,
                        bytes,
                        protection,
                        iommu.storePs(),
                        (from, length) -> UnmapAndSync.call(iommu.world(), this, from, length));
    }

    @Override
    public Call<?> mapPages(long iova, long physicalAddress, long bytes, int protection) {
        return DomainFlush.map(this, iova, physicalAddress, bytes, protection);
    }

    @Override
    public Call<?> unmapPages(long iova, long bytes) {
        return mapping().unmap(iommu.world(), table, iova, bytes, iommu.storePs(), gather);
    }

    @Override
    public Call<?> iotlbSync() {
        return GatherSync.call(SYNC, iommu.world(), gather, iommu.tables(), r -> DomainFlush.ranges(this, r));
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.translate(iova);
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return name();
    }
}

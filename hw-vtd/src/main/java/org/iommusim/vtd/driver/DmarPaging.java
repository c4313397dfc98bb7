package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.GatherSync;
import org.iommusim.hw.pgtable.Mapping;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.UnmapAndSync;
import org.iommusim.hw.pgtable.X86Format;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;

/** A domain with tables of the kernel: a first or a second stage. */
final class DmarPaging extends DmarDomain implements PagingDomain {
    private static final Program<GatherSync> SYNC = GatherSync.program("intel_iommu_tlb_sync", "cache_tag_flush_range");

    private final PageTable table;
    private final boolean nestParent;
    private final Gather gather;

    DmarPaging(IntelIommu iommu, PageTable table, boolean nestParent) {
        super(iommu);
        this.table = table;
        this.nestParent = nestParent;
        gather = new Gather(iommu.world());
    }

    PageTable table() {
        return table;
    }

    Gather gather() {
        return gather;
    }

    @Override
    boolean usesFirstStage() {
        return table.format() instanceof X86Format;
    }

    private int levels() {
        return table.rootHeight() + 1;
    }

    private Mapping mapping() {
        return usesFirstStage() ? X86Format.MAPPING : SsFormat.MAPPING;
    }

    @Override
    long[] pasidEntry() {
        return usesFirstStage() ? PasidEntry.firstStage(table.root(), levels(), did().get()) : secondStage(did().get());
    }

    /** A present PASID entry with its second stage, under a domain id. */
    long[] secondStage(int domainId) {
        return PasidEntry.secondStage(table.root(), levels(), domainId);
    }

    /** A present context entry of legacy mode. */
    long[] contextEntry(boolean ats) {
        int type = ats ? ContextEntry.TT_ALL : ContextEntry.TT_UNTRANSLATED;
        return ContextEntry.present(type, table.root(), levels(), did().get());
    }

    @Override
    public Type type() {
        return Type.PAGING;
    }

    @Override
    public String name() {
        String id = did().get() == 0 ? "" : " did " + did().get();
        return iommu().name() + (usesFirstStage() ? " first stage" : " second stage") + id;
    }

    @Override
    public long pageSizes() {
        return table.format() instanceof SsFormat second
                ? second.pageSizes()
                : ((X86Format) table.format()).pageSizes();
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

    /** The tables alone are changed, without what caching mode needs. */
    Call<?> mapTables(long iova, long physicalAddress, long bytes, int protection) {
        IntelIommu unit = iommu();
        return mapping()
                .map(
                        unit.world(),
                        table,
                        iova,
                        physicalAddress,
                        bytes,
                        protection,
                        unit.storePs(),
                        (from, length) -> UnmapAndSync.call(unit.world(), this, from, length));
    }

    @Override
    public Call<?> mapPages(long iova, long physicalAddress, long bytes, int protection) {
        return DomainMaps.map(this, iova, physicalAddress, bytes, protection);
    }

    @Override
    public Call<?> unmapPages(long iova, long bytes) {
        return mapping().unmap(iommu().world(), table, iova, bytes, iommu().storePs(), gather);
    }

    @Override
    public Call<?> iotlbSync() {
        return GatherSync.call(SYNC, iommu().world(), gather, iommu().tables(), r -> CacheFlush.ranges(this, r));
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.translate(iova);
    }
}

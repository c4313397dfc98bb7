package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.UnmapAndSync;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code struct arm_smmu_domain} with tables of its own: stage 1 with a context descriptor and an ASID, or stage 2 with a
 * VMID.
 */
final class Smmuv3PagingDomain implements PagingDomain {
    private final ArmSmmu smmu;
    private final PageTable table;
    private final long cd;
    private final int tag;
    private final boolean nestParent;
    private final long id;
    private final Gather gather;
    private final RefCell<MasterDomain> devices;
    private final IntCell atsMasters;

    /**
     * Makes a domain of what {@link AllocPaging} allocated.
     *
     * @param cd address of the context descriptor; 0 for stage 2
     * @param tag ASID or VMID
     */
    Smmuv3PagingDomain(ArmSmmu smmu, PageTable table, long cd, int tag, boolean nestParent) {
        this.smmu = smmu;
        this.table = table;
        this.cd = cd;
        this.tag = tag;
        this.nestParent = nestParent;
        id = smmu.world().nextInstance();
        gather = new Gather(smmu.world());
        devices = new RefCell<>(smmu.world(), Touches.DOMAIN, id);
        atsMasters = new IntCell(smmu.world(), Touches.DOMAIN, id + (1L << 40), 0);
    }

    ArmSmmu smmu() {
        return smmu;
    }

    PageTable table() {
        return table;
    }

    /** 1 or 2. */
    int stage() {
        return ((LpaeFormat) table.format()).stage();
    }

    /** Address of the context descriptor. */
    long cd() {
        return cd;
    }

    /** ASID of stage 1, VMID of stage 2. */
    int tag() {
        return tag;
    }

    Gather gather() {
        return gather;
    }

    /** Streams whose translations carry this domain's tag: attached to it, or to a nested domain on it. */
    RefCell<MasterDomain> devices() {
        return devices;
    }

    /** How many such streams there are. */
    int users() {
        return MasterDomain.count(devices.get());
    }

    /** {@code nr_ats_masters}: how many of them may ask for translations. */
    IntCell atsMasters() {
        return atsMasters;
    }

    @Override
    public Type type() {
        return Type.PAGING;
    }

    @Override
    public String name() {
        return smmu.name() + (stage() == 1 ? " s1 asid " : " s2 vmid ") + tag;
    }

    @Override
    public long pageSizes() {
        return LpaeFormat.PAGE_SIZES;
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

    @Override
    public Call<?> mapPages(long iova, long physicalAddress, long bytes, int protection) {
        return LpaeFormat.MAPPING.map(
                smmu.world(),
                table,
                iova,
                physicalAddress,
                bytes,
                protection,
                storePs(),
                (from, length) -> UnmapAndSync.call(smmu.world(), this, from, length));
    }

    @Override
    public Call<?> unmapPages(long iova, long bytes) {
        return LpaeFormat.MAPPING.unmap(smmu.world(), table, iova, bytes, storePs(), gather);
    }

    @Override
    public Call<?> iotlbSync() {
        return IotlbSync.call(this);
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.translate(iova);
    }

    private long storePs() {
        return smmu.host().simulation().costs().ps(HostCost.TABLE_STORE);
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

package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.IntCell;
import org.iommusim.vtd.spec.PasidEntry;
import org.jspecify.annotations.Nullable;

/** A first stage in guest memory over a domain of the kernel: {@code intel_iommu_domain_alloc_nested}. */
final class DmarNested extends DmarDomain {
    private final DmarPaging parent;
    private final @Nullable VtdViommu viommu;
    private final VtdS1 config;

    /** Makes one; {@code viommu} is {@code null} for one that was made on its parent. */
    DmarNested(DmarPaging parent, @Nullable VtdViommu viommu, VtdS1 config) {
        super(parent.iommu());
        this.parent = parent;
        this.viommu = viommu;
        this.config = config;
    }

    DmarPaging parent() {
        return parent;
    }

    /** Its vIOMMU, if it was made on one. */
    @Nullable
    VtdViommu viommu() {
        return viommu;
    }

    /** What user space asked for. */
    VtdS1 config() {
        return config;
    }

    @Override
    boolean usesFirstStage() {
        return true;
    }

    /** {@code intel_pasid_setup_nested}. */
    @Override
    long[] pasidEntry() {
        int did = did().get();
        long[] entry = PasidEntry.nested(parent.secondStage(did), config.pageTable(), config.levels(), did);
        PasidEntry.SRE.put(entry, config.has(VtdS1.SRE) ? 1 : 0);
        PasidEntry.WPE.put(entry, config.has(VtdS1.WPE) ? 1 : 0);
        PasidEntry.EAFE.put(entry, config.has(VtdS1.EAFE) ? 1 : 0);
        return entry;
    }

    @Override
    public Call<?> cacheInvalidateUser(UserDataArray array, IntCell done) {
        return NestedInvalidate.call(this, array, done);
    }

    @Override
    public Type type() {
        return Type.NESTED;
    }

    @Override
    public String name() {
        return parent.name() + " nested" + (did().get() == 0 ? "" : " did " + did().get());
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;

/** The domain that blocks everything, or the one that passes everything: one of each for every unit. */
final class StaticDomain implements IommuDomain {
    private final IntelIommu iommu;
    private final Type type;
    private final long id;

    StaticDomain(IntelIommu iommu, Type type) {
        this.iommu = iommu;
        this.type = type;
        id = iommu.world().nextInstance();
    }

    IntelIommu iommu() {
        return iommu;
    }

    /** PASID entry of the one that passes. */
    static long[] passThroughEntry() {
        return PasidEntry.passThrough(IntelIommu.PASS_THROUGH_DID);
    }

    /** Context entry of legacy mode of the one that passes; its width is the unit's widest. */
    long[] passThroughContext() {
        int levels = SsFormat.levels(iommu.cap());
        return ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, levels, IntelIommu.PASS_THROUGH_DID);
    }

    @Override
    public Type type() {
        return type;
    }

    @Override
    public String name() {
        return iommu.name() + (type == Type.BLOCKED ? " blocked" : " identity");
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

package org.iommusim.iommufd.testkit;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.ViommuCore;

/** A nested domain: its stage 1 passes everything. */
record FakeNested(ViommuCore viommu, PagingDomain parent, long stableId) implements IommuDomain {
    @Override
    public Type type() {
        return Type.NESTED;
    }

    @Override
    public String name() {
        return "nested on " + parent.name();
    }
}

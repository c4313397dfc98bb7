package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.IommuDomain;

/** {@code struct nested_domain}: a guest's tables over a domain of the kernel. */
final class AmdNested implements IommuDomain {
    private final AmdViommu viommu;
    private final GuestDte guest;
    private final int hostDomainId;
    private final long id;

    AmdNested(AmdViommu viommu, GuestDte guest, int hostDomainId) {
        this.viommu = viommu;
        this.guest = guest;
        this.hostDomainId = hostDomainId;
        id = viommu.iommu().world().nextInstance();
    }

    AmdViommu viommu() {
        return viommu;
    }

    /** What user space asked for. */
    GuestDte guest() {
        return guest;
    }

    /** The tag of its translations: all nested domains of a vIOMMU with the same guest's domain id have the same. */
    int hostDomainId() {
        return hostDomainId;
    }

    @Override
    public Type type() {
        return Type.NESTED;
    }

    @Override
    public String name() {
        return viommu.parent().name() + " nested gDomID " + guest.domainId() + " hDomID " + hostDomainId;
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

package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.smmuv3.spec.Ste;

/** {@code struct arm_smmu_nested_domain}: two words of a guest's STE, over the parent of a vIOMMU. */
final class NestedDomain implements IommuDomain {
    private final Smmuv3Viommu viommu;
    private final long[] ste;
    private final boolean enableAts;
    private final long id;

    /** Takes two words as user space gave them; the driver itself sets EATS in what the hardware sees. */
    NestedDomain(Smmuv3Viommu viommu, long word0, long word1) {
        this.viommu = viommu;
        ste = new long[] {word0, word1 & ~Ste.EATS.mask()};
        enableAts = translates() && Ste.EATS.getInt(word1) == Ste.EATS_TRANS;
        id = viommu.smmu().world().nextInstance();
    }

    Smmuv3Viommu viommu() {
        return viommu;
    }

    Smmuv3PagingDomain parent() {
        return viommu.parent();
    }

    /** The two words; not to be changed. */
    long[] ste() {
        return ste;
    }

    /** True if the guest lets the device ask for translations. */
    boolean enableAts() {
        return enableAts;
    }

    /** True if the guest's entry translates; then a vDEVICE is needed, for invalidations and events. */
    boolean translates() {
        return Ste.V.isSet(ste[0]) && Ste.CONFIG.intIn(ste) == Ste.S1;
    }

    @Override
    public Type type() {
        return Type.NESTED;
    }

    @Override
    public String name() {
        String config = Ste.V.isSet(ste[0]) ? Ste.configName(Ste.CONFIG.intIn(ste)) : "V=0";
        return parent().name() + " nested " + config;
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

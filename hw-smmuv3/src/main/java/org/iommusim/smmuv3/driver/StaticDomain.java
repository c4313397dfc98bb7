package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.IommuDomain;

/** The domain that aborts everything, or the one that passes everything: one of each for every SMMU. */
final class StaticDomain implements IommuDomain {
    private final ArmSmmu smmu;
    private final Type type;
    private final long id;

    StaticDomain(ArmSmmu smmu, Type type) {
        this.smmu = smmu;
        this.type = type;
        id = smmu.world().nextInstance();
    }

    ArmSmmu smmu() {
        return smmu;
    }

    @Override
    public Type type() {
        return type;
    }

    @Override
    public String name() {
        return smmu.name() + (type == Type.BLOCKED ? " blocked" : " identity");
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

package org.iommusim.iommufd.testkit;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;

/** A master of the fake driver. */
final class FakeMaster implements IommuMaster {
    private final FakeDriver driver;
    private final PciFunction function;
    private final long id;
    IommuDomain domain;
    boolean released;

    FakeMaster(FakeDriver driver, PciFunction function) {
        this.driver = driver;
        this.function = function;
        domain = driver.identityDomain();
        id = driver.world().nextInstance();
    }

    @Override
    public PciFunction function() {
        return function;
    }

    @Override
    public IommuDriver driver() {
        return driver;
    }

    @Override
    public IommuDomain domain() {
        return domain;
    }

    @Override
    public boolean released() {
        return released;
    }

    @Override
    public long stableId() {
        return id;
    }
}

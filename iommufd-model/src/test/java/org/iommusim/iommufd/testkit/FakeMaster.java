package org.iommusim.iommufd.testkit;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.jspecify.annotations.Nullable;

/** A master of the fake driver. */
final class FakeMaster implements IommuMaster {
    private final FakeDriver driver;
    private final PciFunction function;
    private final long id;
    final Map<Integer, IommuDomain> pasids = new TreeMap<>();
    IommuDomain domain;
    boolean released;
    int maxPasids;

    @Nullable
    FaultCore core;

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
    public int maxPasids() {
        return maxPasids;
    }

    FaultCore core() {
        if (core == null) {
            throw new AssertionError("nobody has connected " + this);
        }
        return core;
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

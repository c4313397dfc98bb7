package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.IommuDomain;

/**
 * {@code mock_blocking_domain}: nothing passes. It is also what devices are attached to by default.
 *
 * @param stableId a number of its own
 */
record MockBlockedDomain(long stableId) implements IommuDomain {
    @Override
    public Type type() {
        return Type.BLOCKED;
    }

    @Override
    public String name() {
        return "mock blocking";
    }
}

package org.iommusim.iommufd.policy;

import java.util.List;

/**
 * What a vDEVICE and its device hold on each other while nothing is in progress.
 *
 * @param onIdev what the vDEVICE holds on the idev
 * @param holdsDevice whether it holds a reference on the {@code struct device}. That keeps the structure, not the {@code
 *     dev->iommu} in it
 * @param heldByIdev whether the kernel holds one more users reference on it as long as its device is bound
 * @param idevLock whether an idev has a lock of its own; it is part of the idev's memory
 * @param knownToDriver whether the driver of the IOMMU initialises a vDEVICE and is called when it goes
 */
public record VdeviceRules(
        OnIdev onIdev, boolean holdsDevice, boolean heldByIdev, boolean idevLock, boolean knownToDriver) {
    /** What a vDEVICE holds on its idev. */
    public enum OnIdev {
        /** Nothing. */
        NOTHING("nothing"),
        /** A users reference. */
        USERS("users"),
        /** The reference with which its allocation found the idev. */
        REFERENCE("users and wait_cnt");

        private final String text;

        OnIdev(String text) {
            this.text = text;
        }
    }

    /** Nothing at all. */
    public static final VdeviceRules NOTHING = new VdeviceRules(OnIdev.NOTHING, false, false, false, false);

    /** These rules, with a hold on the idev. */
    public VdeviceRules on(OnIdev held) {
        return new VdeviceRules(held, holdsDevice, heldByIdev, idevLock, knownToDriver);
    }

    /** These rules, with a hold on the struct device. */
    public VdeviceRules onDevice() {
        return new VdeviceRules(onIdev, true, heldByIdev, idevLock, knownToDriver);
    }

    /** These rules, with a lock in the idev under which the kernel holds the vDEVICE. */
    public VdeviceRules heldUnderIdevLock() {
        return new VdeviceRules(onIdev, holdsDevice, true, true, knownToDriver);
    }

    private String lookUp() {
        if (holdsDevice) {
            return "vdev->dev";
        }
        return onIdev == OnIdev.NOTHING ? "vdev->idev->dev; EIO if vdev->idev is NULL" : "vdev->idev->dev";
    }

    /** These rules, with a driver that knows of vDEVICEs. */
    public VdeviceRules withDriver() {
        return new VdeviceRules(onIdev, holdsDevice, heldByIdev, idevLock, true);
    }

    List<PolicyRule> lines() {
        return List.of(
                new PolicyRule("vDEVICE holds on the idev", onIdev.text),
                new PolicyRule("vDEVICE holds on the struct device", holdsDevice ? "a reference" : "nothing"),
                new PolicyRule("IOMMU_HWPT_INVALIDATE finds the device by", lookUp()),
                new PolicyRule("idev holds on the vDEVICE", heldByIdev ? "users" : "nothing"),
                new PolicyRule("the driver knows of vDEVICEs", knownToDriver ? "yes" : "no"));
    }
}

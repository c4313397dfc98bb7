package org.iommusim.hw.driver;

import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.world.Identified;

/**
 * What a driver knows of one device behind its IOMMU: the kernel's {@code dev->iommu} with the driver's master. Lives from
 * {@code probe_device} to {@code release_device}, independently of the device object's references.
 */
public interface IommuMaster extends Identified {
    /** The function; only for a PCI device. */
    PciFunction function();

    /** Name of the device. */
    default String name() {
        return function().name();
    }

    /** {@code max_pasids}: how many PASIDs the device and the IOMMU can both do; 0 without PASID. */
    default int maxPasids() {
        return 0;
    }

    /**
     * True for a virtual function whose page requests go through its physical function: a failure answered to one would
     * stop those of all others.
     */
    default boolean sharesPageRequests() {
        return false;
    }

    /** The driver (and so the physical IOMMU) that it belongs to. */
    IommuDriver driver();

    /** What it is attached to now. */
    IommuDomain domain();

    /** True after {@code release_device}: any use is a use after free. */
    boolean released();
}

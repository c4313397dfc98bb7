package org.iommusim.iommufd.vfio;

import java.util.LinkedHashMap;
import java.util.Map;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Lock;
import org.jspecify.annotations.Nullable;

/** The host's PCI hierarchy: its slots, and the one lock that serializes all plugging and removing. */
public final class PciHost {
    private final Kernel kernel;
    private final Lock rescanRemoveLock;
    private final Map<String, PciSlot> slots = new LinkedHashMap<>();

    /** A host without slots. */
    public PciHost(Kernel kernel) {
        this.kernel = kernel;
        rescanRemoveLock = new Lock(kernel.world(), "pci_rescan_remove_lock", Lock.Kind.MUTEX);
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    Lock rescanRemoveLock() {
        return rescanRemoveLock;
    }

    /** Adds an empty slot for a function behind an IOMMU, in a group of its own. */
    public PciSlot addSlot(PciFunction function, IommuDriver driver) {
        return addSlot(function, driver, new IommuGroup(kernel, "group of " + function.name()));
    }

    /** Adds an empty slot for a function that shares a group with others. */
    public PciSlot addSlot(PciFunction function, IommuDriver driver, IommuGroup group) {
        PciSlot slot = new PciSlot(this, function, driver, group);
        slots.put(function.name(), slot);
        return slot;
    }

    /** The slot of a function by its name, or {@code null}. */
    public @Nullable PciSlot slot(String function) {
        return slots.get(function);
    }
}

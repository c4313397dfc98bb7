package org.iommusim.iommufd.vfio;

import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/** Where a device can be plugged in. */
public final class PciSlot {
    /** The variable of what is in slots. */
    public static final Variable SLOT = Variable.named("pci.slot");

    private final PciHost host;
    private final PciFunction function;
    private final IommuDriver driver;
    private final IommuGroup group;
    private final RefCell<VfioDevice> device;

    PciSlot(PciHost host, PciFunction function, IommuDriver driver, IommuGroup group) {
        this.host = host;
        this.function = function;
        this.driver = driver;
        this.group = group;
        device =
                new RefCell<>(host.kernel().world(), SLOT, host.kernel().world().nextInstance());
    }

    /** {@code pci_rescan_remove_lock}: held from the beginning of a removal to its end. */
    public Lock rescanRemoveLock() {
        return host.rescanRemoveLock();
    }

    PciHost host() {
        return host;
    }

    /** What is plugged in here. */
    public PciFunction function() {
        return function;
    }

    /** The device while it is plugged in, else {@code null} inside. */
    public RefCell<VfioDevice> device() {
        return device;
    }

    HostDevice newDevice() {
        return new HostDevice(host.kernel(), function, driver, group);
    }
}

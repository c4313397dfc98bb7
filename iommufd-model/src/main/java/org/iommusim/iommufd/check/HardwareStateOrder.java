package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.iommufd.device.DeviceWatcher;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/**
 * What hardware keeps for a vDEVICE, so that the VM reaches the device without the kernel, goes before VFIO takes the device
 * from its user: before it is disabled, reset and detached. A detach that user space asks for is its own affair. Knows only
 * what drivers say of such state.
 */
public final class HardwareStateOrder implements Checker, DeviceWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "hardware-state-order",
            "the hardware state of a vDEVICE goes before VFIO disables and detaches its device");

    private static final Variable REACHED = Variable.named("check.hardware-state-order");

    private final Kernel kernel;
    private final TreeMap<String, IntCell> reached = new TreeMap<>();

    /** Watches a kernel. */
    public HardwareStateOrder(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(REACHED);
    }

    @Override
    public void reachedByVm(IommuMaster master, boolean now) {
        reached(master.name()).set(now ? 1 : 0);
    }

    @Override
    public void disables(HostDevice device) {
        if (reached(device.toString()).get() != 0) {
            kernel.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            device + " is disabled while the hardware still lets a VM reach it without the kernel: that"
                                    + " state goes only after the reset and the detach");
        }
    }

    /** By the device's name, which its driver and VFIO both know. */
    private IntCell reached(String device) {
        return reached.computeIfAbsent(device, k -> new IntCell(kernel.world(), REACHED, k.hashCode(), 0));
    }
}

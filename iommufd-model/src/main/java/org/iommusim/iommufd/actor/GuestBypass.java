package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.hw.driver.GuestEntry;
import org.iommusim.hw.driver.TrappingGuest;
import org.iommusim.hw.iommu.AccessWatcher;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;

/**
 * A device whose configuration entry in its guest is followed by the VMM passes without the guest's stage 1 only if the
 * entry says so: when it was followed last, or now, because from the change on either may be seen.
 */
final class GuestBypass implements Checker, AccessWatcher {
    /** Its name and what it holds true. */
    static final CheckerInfo INFO =
            new CheckerInfo("guest-bypass", "a guest's device passes its stage 1 only if the guest's entry says so");

    private final Machine machine;

    /** Watches a machine. */
    GuestBypass(Machine machine) {
        this.machine = machine;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void passes(IommuDevice iommu, int requesterId, boolean stage1, boolean stage2) {
        if (stage1) {
            return;
        }
        for (Actor actor : machine.actors()) {
            List<TrappedDevice> followed = actor instanceof GuestActor guest ? guest.followed() : List.of();
            for (TrappedDevice device : followed) {
                PciFunction function = device.file.device().device().function();
                boolean bound = device.file.idev() != null;
                if (bound
                        && function.requesterId() == requesterId
                        && function.port().iommu() == iommu) {
                    judge(device);
                }
            }
        }
    }

    private void judge(TrappedDevice device) {
        TrappingGuest guest = device.guest.trappingIommu();
        GuestEntry now = guest == null ? GuestEntry.UNREACHABLE : guest.entry(device.virtualId);
        if (now != GuestEntry.BYPASSES && device.done().get() != GuestEntry.BYPASSES) {
            machine.simulation()
                    .violations()
                    .report(
                            INFO.name(),
                            device + " reaches guest memory without the stage 1 of " + device.guest.name()
                                    + ", whose entry for 0x" + Long.toHexString(device.virtualId) + " says " + now);
        }
    }
}

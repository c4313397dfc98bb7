package org.iommusim.iommufd.vfio;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.IommuCore;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** Devices come and go: the host's PCI hotplug and VFIO's part of it ({@code vfio_unregister_group_dev}). */
public final class Hotplug extends Frame {
    private static final long ROUND_PS = 10_000_000_000_000L;
    private static final int ROUNDS = 3;

    private static final Footprint CONFIG = Footprint.of(PciFunction.CONFIG_SPACE);
    private static final Footprint SLOT = Footprint.of(PciSlot.SLOT);
    private static final Footprint DEVICE = Footprint.of(VfioDevice.REGISTRATION, VfioDevice.STATE);

    private static final Footprint REGISTER = SLOT.and(VfioDevice.REGISTRATION, VfioDevice.STATE);

    static final Program<Hotplug> PLUG = Program.<Hotplug>named("plug")
            .lock("pci_rescan_remove_lock", f -> f.slot.host().rescanRemoveLock())
            .check("slot is empty", SLOT, f -> f.slot.device().get() == null, Errno.EBUSY)
            .take(
                    "power on",
                    HostCost.MMIO_WRITE,
                    CONFIG,
                    f -> {
                        f.slot.function().setPresent(true);
                        return 0;
                    },
                    Undo.onFailure("power off", CONFIG, f -> f.slot.function().setPresent(false)))
            .step("new device", HostCost.ALLOCATE, Footprint.LOCAL, f -> f.made.set(f.slot.newDevice()))
            .invoke("iommu_probe_device", f -> IommuCore.probeDevice(f.made.require()))
            .step("vfio_pci_probe: register", HostCost.ALLOCATE, REGISTER, Hotplug::register)
            .build();

    static final Program<Hotplug> UNPLUG = Program.<Hotplug>named("unplug")
            .when(
                    "surprise",
                    f -> f.surprise,
                    b -> b
                            // Nobody is asked: from now on the device answers nothing.
                            .step("link down", HostCost.INTERRUPT_ENTRY, CONFIG, f -> {
                        f.slot.function().setPresent(false);
                        f.tell("surprise removed");
                    }))
            .lock("pci_rescan_remove_lock", f -> f.slot.host().rescanRemoveLock())
            .attempt("find device", HostCost.ATOMIC, SLOT, Hotplug::find)
            .step("vfio_unregister: hide, drop registration", DEVICE, f -> {
                f.device.require().hide();
                f.device.require().putRegistration();
            })
            .step("in use", DEVICE, Hotplug::readInUse)
            // Every other plug and unplug of the host waits behind this: the lock is held all the while.
            .loop(
                    "still in use",
                    f -> f.inUse.get() != 0 && f.rounds.get() < ROUNDS,
                    b -> b.step("request", DEVICE, f -> {
                                f.device.require().request();
                                f.rounds.add(1);
                                f.tell("requested");
                            })
                            .await(
                                    "wait 10 s for its user",
                                    DEVICE,
                                    f -> f.device.require().released(),
                                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                                    f -> f.device.require().unreferenced(),
                                    f -> ROUND_PS,
                                    f -> 0)
                            .step("still in use?", DEVICE, Hotplug::readInUse))
            // The kernel goes on asking for ever; a further request tells the user nothing that it does not know.
            .await(
                    "wait for its user",
                    DEVICE,
                    f -> f.device.require().released(),
                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                    f -> f.device.require().unreferenced())
            .invoke(
                    "iommu_release_device",
                    f -> IommuCore.releaseDevice(f.device.require().device()))
            .when(
                    "in good order",
                    f -> !f.surprise,
                    b -> b.step(
                            "power off",
                            HostCost.MMIO_WRITE,
                            CONFIG,
                            f -> f.slot.function().setPresent(false)))
            .step("slot is empty", SLOT, f -> {
                f.slot.device().set(null);
                f.tell("removed");
            })
            .build();

    private final PciSlot slot;
    private final boolean surprise;
    private final RefCell<HostDevice> made = ref();
    private final RefCell<VfioDevice> device = ref();
    private final IntCell inUse = count();
    private final IntCell rounds = count();

    private Hotplug(PciSlot slot, boolean surprise) {
        super(slot.host().kernel().world());
        this.slot = slot;
        this.surprise = surprise;
    }

    /** Puts the slot's device in. Errors: EBUSY (it is there), those of probe_device. */
    public static Call<?> plug(PciSlot slot) {
        return new Call<>(PLUG, new Hotplug(slot, false));
    }

    /** Takes the slot's device out in good order: waits for its user, for ever if need be. Errors: ENODEV. */
    public static Call<?> unplug(PciSlot slot) {
        return new Call<>(UNPLUG, new Hotplug(slot, false));
    }

    /** The slot's device vanishes; then as {@link #unplug}. Errors: ENODEV. */
    public static Call<?> surpriseRemove(PciSlot slot) {
        return new Call<>(UNPLUG, new Hotplug(slot, true));
    }

    private void register() {
        if (slot.device().get() != null) {
            slot.host().kernel().warn("sysfs_warn_dup", slot.function().name() + " is registered twice");
        }
        slot.device().set(new VfioDevice(made.require()));
        tell("plugged");
    }

    private int find() {
        VfioDevice present = slot.device().get();
        if (present == null) {
            return Errno.ENODEV;
        }
        device.set(present);
        return 0;
    }

    private void readInUse() {
        inUse.set(device.require().unreferenced() ? 0 : 1);
    }

    private void tell(String change) {
        slot.host().kernel().listener().deviceChanged(slot.function().name(), change);
    }
}

package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** Devices come and go (iommu.c): {@code iommu_probe_device} and {@code iommu_release_device}. */
public final class IommuCore extends Frame {
    private static final Footprint GROUP =
            Footprint.of(IommuGroup.GROUP_DOMAIN, IommuGroup.DEVICES, HostDevice.DEV_IOMMU);

    private static final Program<IommuCore> PROBE = Program.<IommuCore>named("iommu_probe_device")
            .lock("group->mutex", f -> f.group.mutex())
            .invoke("probe_device", f -> f.device.probe(f.master))
            .step("add to group", GROUP, f -> {
                f.device.probed(f.master.require());
                f.device.driver().connect(f.master.require(), DeviceFaults.of(f.device));
                f.group.devices().add(f.device);
                f.group.domain().set(f.device.master().domain());
            })
            .build();

    private static final Program<IommuCore> RELEASE_DEVICE = Program.<IommuCore>named("iommu_release_device")
            .lock("group->mutex", f -> f.group.mutex())
            .step("remove from group", GROUP, f -> {
                f.group.devices().remove(f.device);
                if (f.group.devices().isEmpty()) {
                    f.group.domain().set(null);
                }
            })
            .invoke("release_device", f -> f.device.driver().releaseDevice(f.device.master()))
            // struct device may live on; its IOMMU state does not.
            .step("dev->iommu = NULL", GROUP, f -> f.device.released())
            .build();

    private final HostDevice device;
    private final IommuGroup group;
    private final RefCell<IommuMaster> master = ref();

    private IommuCore(HostDevice device) {
        super(device.kernel().world());
        this.device = device;
        group = device.group();
    }

    /** A device appeared. Errors: those of probe_device. */
    public static Call<?> probeDevice(HostDevice device) {
        return new Call<>(PROBE, new IommuCore(device));
    }

    /** A device is gone: {@code dev->iommu} with it, whatever references there are to the device. */
    public static Call<?> releaseDevice(HostDevice device) {
        return new Call<>(RELEASE_DEVICE, new IommuCore(device));
    }
}

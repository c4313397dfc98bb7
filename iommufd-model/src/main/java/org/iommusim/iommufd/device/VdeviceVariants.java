package org.iommusim.iommufd.device;

import java.util.List;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of how vDEVICEs and their devices are taken down. */
public final class VdeviceVariants {
    private static final String REMOVES_NOTHING = "v5-without-forced-removal";

    /** Versions before v5: unbind met the reference of a vDEVICE that user space had forgotten. */
    private static final Variant WITHOUT_FORCED_REMOVAL = Variant.of(
            REMOVES_NOTHING,
            "B25",
            "unbind does not look for a vDEVICE, whose reference on the device's object keeps that from going",
            ProgramPatch.over(Unbind.V5_POSTED, REMOVES_NOTHING).never("vdev").build());

    private VdeviceVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(WITHOUT_FORCED_REMOVAL);
    }

    /**
     * The destroy of Linux 6.13 with a call of the driver, which it does not have.
     *
     * @param patch name of the patch
     */
    public static ProgramPatch driverDestroyIn613(String patch) {
        return ProgramPatch.over(VdevicePrograms.LINUX_6_13.get(VdevicePrograms.DESTROY), patch)
                .insertBefore("xa_lock(vdevs)", b -> b.invoke("vdev->destroy", VdeviceVariants::driverDestroy))
                .build();
    }

    private static Call<?> driverDestroy(VdeviceFrame f) {
        VirtualIommu part = f.vdev.viommu().driverPart().require();
        return part.vdeviceDestroy(f.vdev.heldDevice().master(), f.vdev.virtId());
    }
}

package org.iommusim.iommufd.vfio;

import java.util.List;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of VFIO and of the host's PCI hotplug. */
public final class VfioVariants {
    private static final String UNCHECKED_GET = "vfio-open-gets-unchecked";
    private static final String COUNTS_FIRST = "vfio-bind-counts-first";
    private static final String KEEPS_POINTER = "unplug-keeps-pointer";
    private static final String PLUG_UNLOCKED = "plug-without-rescan-lock";
    private static final String TOMBSTONES_FIRST = "vfio-close-tombstones-first";
    private static final String FAILED_ATTACH = "failed-attach-detaches-pasid";

    /** "PCI/IOV: Fix race between SR-IOV enable/disable and hotplug". */
    private static final Variant PLUG_WITHOUT_LOCK = Variant.of(
            PLUG_UNLOCKED,
            "C49",
            "functions are added without the lock under which hotplug adds and removes them",
            ProgramPatch.over(Hotplug.PLUG, PLUG_UNLOCKED)
                    .dropLock("pci_rescan_remove_lock")
                    .build());

    /** "get rid of vfio_device_put()/vfio_group_get_device* races", on the device's file. */
    private static final Variant OPEN_GETS_UNCHECKED = Variant.of(
            UNCHECKED_GET,
            "C38",
            "an open finds a device whose last reference is gone and takes a new one",
            ProgramPatch.over(Vfio.OPEN, UNCHECKED_GET)
                    .replaceBody("vfio_device_try_get_registration", Footprint.of(VfioDevice.REGISTRATION), f -> {
                        f.device().getRegistration();
                        return 0;
                    })
                    .build());

    /** "Prevent open_count decrement to negative", "Fix unbalanced vfio_df_close call in no-iommu mode". */
    private static final Variant BIND_COUNTS_FIRST = Variant.of(
            COUNTS_FIRST,
            "C41",
            "a bind counts before it has succeeded, and a failure does not take that back",
            ProgramPatch.over(Vfio.BIND, COUNTS_FIRST)
                    .insertBefore(
                            "iommufd_device_bind",
                            b -> b.step(
                                    "open_count++",
                                    Footprint.of(VfioDevice.STATE),
                                    f -> f.device().openCount().set(1)))
                    .build());

    /** As ASPM's link state pointed to a function 0 that was gone. */
    private static final Variant UNPLUG_KEEPS_POINTER = Variant.of(
            KEEPS_POINTER,
            "C50",
            "the removal of a device does not clear the pointer to it",
            ProgramPatch.over(Hotplug.UNPLUG, KEEPS_POINTER)
                    .drop("slot is empty")
                    .build());

    /** Not in 7.3. */
    private static final Variant FAILED_ATTACH_DETACHES_PASID = Variant.of(
            FAILED_ATTACH,
            "C42",
            "mended: an attach whose answer cannot be copied detaches what it has attached, and nothing else",
            ProgramPatch.over(VfioAttach.ATTACH, FAILED_ATTACH)
                    .replaceCondition("the device is attached", VfioAttach::attached)
                    .replace("detach_ioas", b -> b.invoke("detach_ioas or pasid_detach_ioas", VfioAttach::detach))
                    .replaceBody("the device is not attached", VfioFile.STATE, f -> {
                        f.detached();
                        return 0;
                    })
                    .build());

    /** As proposed in June 2025 and not taken. */
    private static final Variant CLOSE_TOMBSTONES_FIRST = Variant.of(
            TOMBSTONES_FIRST,
            "D9",
            "mended: closing a device's file destroys its vDEVICE before the device is disabled and detached",
            ProgramPatch.over(Vfio.CLOSE, TOMBSTONES_FIRST)
                    .insertBefore(
                            "vfio_pci_core_disable: clear bus master",
                            b -> b.invoke("iommufd_device_pre_destroy at first", Vfio::preDestroy))
                    .build());

    private VfioVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(
                OPEN_GETS_UNCHECKED,
                BIND_COUNTS_FIRST,
                PLUG_WITHOUT_LOCK,
                UNPLUG_KEEPS_POINTER,
                FAILED_ATTACH_DETACHES_PASID,
                CLOSE_TOMBSTONES_FIRST);
    }
}

package org.iommusim.iommufd.vfio;

import java.util.List;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of VFIO and of the host's PCI hotplug. */
public final class VfioVariants {
    private static final String PLUG_UNLOCKED = "plug-without-rescan-lock";

    /** "PCI/IOV: Fix race between SR-IOV enable/disable and hotplug". */
    private static final Variant PLUG_WITHOUT_LOCK = Variant.of(
            PLUG_UNLOCKED,
            "C49",
            "functions are added without the lock under which hotplug adds and removes them",
            ProgramPatch.over(Hotplug.PLUG, PLUG_UNLOCKED)
                    .dropLock("pci_rescan_remove_lock")
                    .build());

    private VfioVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(PLUG_WITHOUT_LOCK);
    }
}

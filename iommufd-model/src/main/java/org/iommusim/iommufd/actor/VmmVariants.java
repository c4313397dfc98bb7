package org.iommusim.iommufd.actor;

import java.util.List;
import org.iommusim.hw.driver.GuestEntry;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Knob;
import org.iommusim.sim.variant.Variant;

/** Known bugs of VMMs. What a VMM does stands in scripts; these are mistakes that it makes while it follows one. */
public final class VmmVariants {
    /** IOMMU_DESTROY of a vDEVICE is forgotten. */
    static final Knob FORGETS_VDEVICE = Knob.flag("vmm.forgets-vdevice", "VMMs do not destroy vDEVICEs");
    /** IOMMU_DESTROY is not among the system calls that a thread may make. */
    static final Knob MAY_NOT_DESTROY = Knob.flag("vmm.may-not-destroy", "VMMs may not call IOMMU_DESTROY");
    /** Where a map should go away it is made again. */
    static final Knob MAPS_INSTEAD = Knob.flag("vmm.maps-instead", "VMMs map where they should unmap");
    /** The file of an event queue stays open. */
    static final Knob KEEPS_EVENT_FILE = Knob.flag("vmm.keeps-event-file", "VMMs do not close files of event queues");

    private static final Footprint VCPU = Footprint.of(GuestActor.VCPU);

    private VmmVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(
                Variant.of(
                        "vmm-forgets-vdevice",
                        "I102",
                        "the VMM goes on without destroying its vDEVICEs",
                        FORGETS_VDEVICE,
                        1),
                Variant.of(
                        "vmm-may-not-destroy",
                        "I103",
                        "the thread's list of allowed calls lacks IOMMU_DESTROY: EPERM",
                        MAY_NOT_DESTROY,
                        1),
                Variant.of(
                        "vmm-maps-instead-of-unmapping",
                        "I105",
                        "the cleanup of a device calls the helper that maps",
                        MAPS_INSTEAD,
                        1),
                Variant.of(
                        "vmm-keeps-event-file",
                        "I109",
                        "the VMM destroys an event queue whose file it has not closed",
                        KEEPS_EVENT_FILE,
                        1),
                Variant.of(
                        "vmm-leaves-plugged-device-on-parent",
                        "I107",
                        "the VMM attaches only the first device as the guest's entry says; others stay as they are until"
                                + " the guest changes their entries",
                        ProgramPatch.over(TrapConfiguration.PROGRAM, "vmm-leaves-plugged-device-on-parent")
                                .replaceCondition("attach as it says", TrapConfiguration::isFirst)
                                .build()),
                Variant.of(
                        "vmm-keeps-unreachable-entry",
                        "I108",
                        "the VMM finds no entry, changes nothing, and tells the guest that its commands are complete",
                        ProgramPatch.over(FollowEntry.PROGRAM, "vmm-keeps-unreachable-entry")
                                .insertAfter(
                                        "read the entry",
                                        b -> b.branch(
                                                "there is none",
                                                VCPU,
                                                f -> f.says(GuestEntry.UNREACHABLE),
                                                p -> p.succeed("as before")))
                                .build()),
                Variant.of(
                        "vmm-takes-invalid-entry-for-bypass",
                        "H11",
                        "the VMM lets a device bypass stage 1 while its entry is not valid",
                        ProgramPatch.over(FollowEntry.PROGRAM, "vmm-takes-invalid-entry-for-bypass")
                                .insertAfter(
                                        "read the entry",
                                        b -> b.branch(
                                                "it is not valid",
                                                VCPU,
                                                f -> f.says(GuestEntry.INVALID),
                                                p -> p.step(
                                                        "take it for bypass",
                                                        HostCost.FREE,
                                                        VCPU,
                                                        f -> f.takeFor(GuestEntry.BYPASSES))))
                                .build()));
    }
}

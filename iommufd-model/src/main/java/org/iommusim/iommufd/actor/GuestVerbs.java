package org.iommusim.iommufd.actor;

import static org.iommusim.iommufd.actor.ActorKind.GUEST;
import static org.iommusim.iommufd.actor.Field.optional;
import static org.iommusim.iommufd.actor.Field.required;
import static org.iommusim.iommufd.actor.FieldKind.DEVICE;
import static org.iommusim.iommufd.actor.FieldKind.FLAG;
import static org.iommusim.iommufd.actor.FieldKind.SIZE;
import static org.iommusim.iommufd.actor.FieldKind.TRAFFIC;

import java.util.List;

/** What a guest kernel does. */
final class GuestVerbs {
    private static final Field VIRT_ID =
            required("virt_id", FieldKind.VIRT_ID, "Id of the device on the guest's virtual IOMMU.");
    private static final Field PASID = optional(
            "pasid",
            FieldKind.NUMBER,
            "A PASID of the device, with a table of its own. If absent: the table of requests without PASID.");
    private static final Field TRAFFIC_ID = required("traffic", TRAFFIC, "The traffic.");

    private GuestVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        GUEST,
                        "bind_driver",
                        "The guest's IOMMU driver makes an empty stage-1 table for a device and the configuration that"
                                + " points to it, in guest memory. If the VMM follows the entry, the change traps.",
                        List.of(
                                VIRT_ID,
                                PASID,
                                optional(
                                        "directory",
                                        FLAG,
                                        "True: the entry is reached through a directory (a level-1 stream table), and"
                                                + " unbind_driver takes it out of there instead of making it abort.")),
                        GuestBodies::bindDriver),
                new Verb(
                        GUEST,
                        "rebind_driver",
                        "The guest's IOMMU driver gives a device another, empty stage-1 table. The configuration entry is"
                                + " invalid in between, and if the VMM follows it, each change traps. Then the invalidation"
                                + " commands trap and complete, and the tables before are freed.",
                        List.of(VIRT_ID),
                        GuestBodies::rebindDriver),
                new Verb(
                        GUEST,
                        "map",
                        "Maps guest memory for a device in its stage-1 table.",
                        List.of(
                                VIRT_ID,
                                PASID,
                                required("iova", SIZE, "Guest I/O virtual address."),
                                required("gpa", SIZE, "Guest physical address."),
                                required("bytes", SIZE, "How much."),
                                optional("readonly", FLAG, "True: the device may read only.")),
                        GuestBodies::map),
                new Verb(
                        GUEST,
                        "unmap",
                        "Unmaps; the invalidation commands trap to the VMM and complete before this step ends.",
                        List.of(
                                VIRT_ID,
                                PASID,
                                required("iova", SIZE, "Guest I/O virtual address."),
                                required("bytes", SIZE, "How much."),
                                optional(
                                        "lazy",
                                        FLAG,
                                        "True: the commands wait for invalidate; until then the device may use what is"
                                                + " cached.")),
                        GuestBodies::unmap),
                new Verb(
                        GUEST,
                        "invalidate",
                        "Sends the invalidation commands of all lazy unmaps so far, and waits until they are complete.",
                        List.of(),
                        GuestBodies::invalidate),
                new Verb(
                        GUEST,
                        "set_bus_master",
                        "Sets or clears a device's bus master bit: without it the device does no DMA.",
                        List.of(required("device", DEVICE, "The device."), optional("off", FLAG, "True: clear it.")),
                        GuestBodies::setBusMaster),
                new Verb(GUEST, "start_traffic", "A device begins to do DMA.", List.of(TRAFFIC_ID), GuestBodies::start),
                new Verb(
                                GUEST,
                                "stop_traffic",
                                "A device does no new DMA; waits until nothing is in flight.",
                                List.of(TRAFFIC_ID),
                                GuestBodies::stop)
                        .waiting(),
                new Verb(
                                GUEST,
                                "wait_traffic",
                                "Waits until all of a finite traffic is done.",
                                List.of(TRAFFIC_ID),
                                GuestBodies::waitDone)
                        .waiting(),
                new Verb(
                        GUEST,
                        "unbind_driver",
                        "The guest's IOMMU driver lets a device go: its configuration entry aborts (a trap, if the"
                                + " VMM follows it), the invalidation commands trap to the VMM and complete, then its"
                                + " tables are freed.",
                        List.of(VIRT_ID, PASID),
                        GuestBodies::unbindDriver),
                VmmVerbs.sleep(GUEST));
    }
}

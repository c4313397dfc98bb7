package org.iommusim.iommufd.actor;

import static org.iommusim.iommufd.actor.ActorKind.HOST;
import static org.iommusim.iommufd.actor.Field.optional;
import static org.iommusim.iommufd.actor.Field.required;
import static org.iommusim.iommufd.actor.FieldKind.DEVICE;

import java.util.List;

/** What the host does. */
final class HostVerbs {
    private static final Field THE_DEVICE = required("device", DEVICE, "The device.");

    private HostVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        HOST,
                        "plug",
                        "Puts a device into its slot: the IOMMU driver probes it and VFIO takes it.",
                        List.of(THE_DEVICE),
                        HostBodies::plug),
                new Verb(
                        HOST,
                        "unplug",
                        "Removes a device in good order: asks its user for it every 10 s until the last file is closed,"
                                + " then releases it from the IOMMU and powers it off.",
                        List.of(THE_DEVICE),
                        HostBodies::unplug),
                new Verb(
                        HOST,
                        "surprise_remove",
                        "Pulls a device out of its slot: it is gone at once, then the kernel follows as in unplug.",
                        List.of(THE_DEVICE),
                        HostBodies::surpriseRemove),
                new Verb(
                        HOST,
                        "abort_accesses",
                        "From now on the bus aborts accesses that the device's IOMMU makes itself: of tables, queues and"
                                + " MSIs.",
                        List.of(
                                THE_DEVICE,
                                required("access", FieldKind.TEXT, "Which.").oneOf("read", "write"),
                                optional("skip", FieldKind.NUMBER, "So many pass first. If absent: none."),
                                optional("times", FieldKind.NUMBER, "So many are aborted then. If absent: one."),
                                optional("address", FieldKind.SIZE, "Only those from this physical address on."),
                                optional("bytes", FieldKind.SIZE, "Only those in so many bytes from there.")),
                        HostBodies::abortAccesses),
                new Verb(
                        HOST,
                        "page_request",
                        "A device behind the mock IOMMU asks for a page: its driver's interrupt thread reports the request."
                                + " EINVAL if nobody handles it, ENODEV if the device is not there.",
                        List.of(
                                THE_DEVICE,
                                required("group", FieldKind.NUMBER, "Number of the group that the request is part of."),
                                optional("more", FieldKind.FLAG, "True: further requests of the group follow."),
                                optional("address", FieldKind.SIZE, "The address that it wants. If absent: 0.")),
                        MockDeviceBodies::pageRequest),
                new Verb(
                        HOST,
                        "report_event",
                        "A device behind the mock IOMMU has an event: its driver's interrupt thread reports it to the vIOMMU"
                                + " that the device is attached through, with the virtual id that the driver remembers."
                                + " ENOENT without a vIOMMU, EOPNOTSUPP without a queue, ENODEV if the device is not there.",
                        List.of(THE_DEVICE),
                        MockDeviceBodies::reportEvent),
                VmmVerbs.sleep(HOST));
    }
}

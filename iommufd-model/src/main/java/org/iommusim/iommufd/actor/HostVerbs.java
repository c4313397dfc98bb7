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
                VmmVerbs.sleep(HOST));
    }
}

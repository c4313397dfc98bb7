package org.iommusim.iommufd.actor;

import static org.iommusim.iommufd.actor.ActorKind.VMM;
import static org.iommusim.iommufd.actor.Field.optional;
import static org.iommusim.iommufd.actor.Field.required;
import static org.iommusim.iommufd.actor.FieldKind.DEVICE;
import static org.iommusim.iommufd.actor.FieldKind.DURATION;
import static org.iommusim.iommufd.actor.FieldKind.FLAG;
import static org.iommusim.iommufd.actor.FieldKind.NEW_NAME;
import static org.iommusim.iommufd.actor.FieldKind.NUMBER;
import static org.iommusim.iommufd.actor.FieldKind.REFERENCE;
import static org.iommusim.iommufd.actor.FieldKind.SIZE;
import static org.iommusim.iommufd.actor.FieldKind.TEXT;

import java.util.List;

/** What a VMM does besides its iommufd ioctls: files, devices, memory, and its guests. */
final class VmmVerbs {
    static final Field IOMMUFD =
            optional("iommufd", REFERENCE, "The /dev/iommu file; if absent, the one that this VMM opened first.");
    static final Field VFIO = required("vfio", REFERENCE, "The VFIO device file.");

    private static final Field PASID = optional(
            "pasid",
            NUMBER,
            "The PASID (VFIO_DEVICE_ATTACH_PASID, VFIO_DEVICE_DETACH_PASID). If absent: the device itself.");

    private VmmVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        VMM,
                        "open_iommufd",
                        "Opens /dev/iommu: a new iommufd context.",
                        List.of(required("as", NEW_NAME, "Name for the file.")),
                        VmmBodies::openIommufd),
                new Verb(
                        VMM,
                        "open_vfio",
                        "Opens the VFIO character device of a device. ENODEV if the device is not there or is going away.",
                        List.of(
                                required("device", DEVICE, "The device."),
                                required("as", NEW_NAME, "Name for the file.")),
                        VmmBodies::openVfio),
                new Verb(
                        VMM,
                        "VFIO_DEVICE_BIND_IOMMUFD",
                        "Binds the device to an iommufd context: takes DMA ownership and makes a DEVICE object.",
                        List.of(VFIO, IOMMUFD, optional("as", NEW_NAME, "Name for the DEVICE object's id.")),
                        VmmBodies::bind),
                new Verb(
                        VMM,
                        "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
                        "Attaches the device, or a PASID of it, to an IOAS (through an automatic HWPT) or to a HWPT;"
                                + " replaces what it was attached to.",
                        List.of(
                                VFIO,
                                required("pt", REFERENCE, "Id of an IOAS or of a HWPT."),
                                PASID,
                                optional(
                                        "user_refuses",
                                        FLAG,
                                        "True: user memory does not take the answer, the copy fails with EFAULT.")),
                        VmmBodies::attach),
                new Verb(
                        VMM,
                        "VFIO_DEVICE_DETACH_IOMMUFD_PT",
                        "Detaches the device, or a PASID of it: its DMA is blocked afterwards.",
                        List.of(VFIO, PASID),
                        VmmBodies::detach),
                new Verb(
                        VMM,
                        "close",
                        "Closes a file. Closing a VFIO device file stops the device's DMA, detaches it and unbinds it;"
                                + " the context behind a /dev/iommu file goes away with its last user.",
                        List.of(required("fd", REFERENCE, "The file.")),
                        VmmBodies::close),
                new Verb(
                        VMM,
                        "read",
                        "Reads a file, such as that of a fault or event queue; the first words are shown.",
                        List.of(
                                required("fd", REFERENCE, "The file."),
                                optional("bytes", NUMBER, "How much, at most. If absent: 4096."),
                                optional("va", REFERENCE, "Where to. If absent: a buffer of its own."),
                                optional("skip", SIZE, "So many bytes behind va. If absent: 0."),
                                IommufdVerbs.USER_FAULT),
                        VmmBodies::read),
                new Verb(
                        VMM,
                        "write",
                        "Writes a file, such as answers to that of a fault queue.",
                        List.of(
                                required("fd", REFERENCE, "The file."),
                                required(
                                        "words",
                                        FieldKind.WORDS,
                                        "What is written, as 64-bit words in hexadecimal, little endian.")),
                        VmmBodies::write),
                new Verb(
                                VMM,
                                "wait_request",
                                "Waits until the host asks for the device back (the VFIO request event).",
                                List.of(VFIO),
                                VmmBodies::waitRequest)
                        .waiting(),
                new Verb(
                        VMM,
                        "mmap",
                        "Maps anonymous memory into the VMM's address space, backed by pages at once; or what a file offers.",
                        List.of(
                                required("bytes", SIZE, "How much; whole pages."),
                                optional(
                                        "fd",
                                        REFERENCE,
                                        "The file, which is mapped shared. If absent: anonymous memory."),
                                optional("offset", SIZE, "Where in the file. If absent: 0."),
                                optional("huge", FLAG, "True: in runs of 2 MiB that are physically contiguous."),
                                required("as", NEW_NAME, "Name for its virtual address.")),
                        VmmBodies::mmap),
                new Verb(
                        VMM,
                        "munmap",
                        "Unmaps memory. Pages that are pinned stay until the last pin goes.",
                        List.of(
                                required("va", REFERENCE, "Virtual address."),
                                required("bytes", SIZE, "How much; whole pages.")),
                        VmmBodies::munmap),
                new Verb(
                        VMM,
                        "memslot",
                        "Gives a guest memory: guest physical addresses are backed by the VMM's memory at an address. The"
                                + " guest kernel keeps its tables in the last eighth of its first memslot.",
                        List.of(
                                optional("guest", TEXT, "The guest; if absent, this VMM's only one."),
                                required("gpa", SIZE, "First guest physical address."),
                                required("va", REFERENCE, "Virtual address in the VMM."),
                                required("bytes", SIZE, "How much; whole pages.")),
                        VmmBodies::memslot),
                new Verb(
                        VMM,
                        "vcpu_trap_invalidations",
                        "Says to which vIOMMU the guest's trapped invalidation commands go, as IOMMU_HWPT_INVALIDATE on the"
                                + " vCPU; or to which nested HWPT those of one address space (virt_id) go. Without it they go"
                                + " nowhere.",
                        List.of(
                                optional("guest", TEXT, "The guest; if absent, this VMM's only one."),
                                IOMMUFD,
                                optional("viommu", REFERENCE, "Id of the vIOMMU; 0: nowhere."),
                                optional("hwpt", REFERENCE, "Id of the nested HWPT instead; 0: no longer."),
                                optional("virt_id", FieldKind.VIRT_ID, "With hwpt: whose commands."),
                                optional(
                                        "pasid",
                                        FieldKind.NUMBER,
                                        "With hwpt: and of which PASID; if absent: of none.")),
                        VmmBodies::trapInvalidations),
                new Verb(
                        VMM,
                        "vcpu_trap_configuration",
                        "From now on the VMM follows what its guest's configuration entry of a device says: it attaches the"
                                + " device accordingly, at once and on the vCPU whenever the guest changes the entry.",
                        List.of(
                                optional("guest", TEXT, "The guest; if absent, this VMM's only one."),
                                IOMMUFD,
                                required(
                                        "virt_id", FieldKind.VIRT_ID, "Id of the device on the guest's virtual IOMMU."),
                                VFIO,
                                required("dev", REFERENCE, "Id of the DEVICE object."),
                                required("viommu", REFERENCE, "Id of the vIOMMU."),
                                required("abort", REFERENCE, "Id of a nested HWPT that lets nothing pass."),
                                required("bypass", REFERENCE, "Id of a nested HWPT without a stage 1.")),
                        VmmBodies::trapConfiguration),
                new Verb(
                        VMM,
                        "exit",
                        "The process ends, as after a crash: its memory goes, then every file is closed. Pages that are"
                                + " pinned stay until the kernel has unpinned them.",
                        List.of(optional("highest_first", FLAG, "True: files close from the highest descriptor down.")),
                        VmmBodies::exit),
                sleep(VMM));
    }

    static Verb sleep(ActorKind actor) {
        return new Verb(
                        actor,
                        "sleep",
                        "Does nothing for a while.",
                        List.of(required("time", DURATION, "How long.")),
                        Bodies::sleep)
                .waiting();
    }
}

package org.iommusim.iommufd.actor;

import static org.iommusim.iommufd.actor.ActorKind.VMM;
import static org.iommusim.iommufd.actor.Field.optional;
import static org.iommusim.iommufd.actor.Field.required;
import static org.iommusim.iommufd.actor.FieldKind.DURATION;
import static org.iommusim.iommufd.actor.FieldKind.FLAG;
import static org.iommusim.iommufd.actor.FieldKind.NEW_NAME;
import static org.iommusim.iommufd.actor.FieldKind.NUMBER;
import static org.iommusim.iommufd.actor.FieldKind.REFERENCE;
import static org.iommusim.iommufd.actor.FieldKind.SIZE;
import static org.iommusim.iommufd.actor.FieldKind.TEXT;
import static org.iommusim.iommufd.actor.FieldKind.VIRT_ID;
import static org.iommusim.iommufd.actor.FieldKind.WORDS;
import static org.iommusim.iommufd.actor.VmmVerbs.IOMMUFD;

import java.util.List;

/** The ioctls of /dev/iommu, under their uAPI names. */
final class IommufdVerbs {
    static final Field USER_FAULT = optional(
            "user_fault",
            DURATION,
            "How long the copy of the answer to user memory sleeps for a page that is not there. If absent, not at all.");

    private IommufdVerbs() {}

    static List<Verb> all() {
        return List.of(
                new Verb(
                        VMM,
                        "IOMMU_IOAS_ALLOC",
                        "Makes an I/O address space.",
                        List.of(IOMMUFD, as("the IOAS")),
                        IommufdBodies::ioasAlloc),
                new Verb(
                        VMM,
                        "IOMMU_IOAS_MAP",
                        "Maps the VMM's memory into an IOAS and so into every paging HWPT on it; pins the pages.",
                        List.of(
                                IOMMUFD,
                                required("ioas", REFERENCE, "Id of the IOAS."),
                                required("va", REFERENCE, "Virtual address in the VMM."),
                                required("bytes", SIZE, "How much."),
                                optional(
                                        "iova",
                                        SIZE,
                                        "Where (IOMMU_IOAS_MAP_FIXED_IOVA); if absent, the kernel chooses."),
                                optional("readonly", FLAG, "True: devices may read only. If absent, read and write."),
                                optional("writeonly", FLAG, "True: devices may write only."),
                                optional("as", NEW_NAME, "Name for the I/O virtual address.")),
                        IommufdBodies::ioasMap),
                new Verb(
                        VMM,
                        "IOMMU_IOAS_UNMAP",
                        "Unmaps whole earlier maps from an IOAS; without iova and bytes, all of them.",
                        List.of(
                                IOMMUFD,
                                required("ioas", REFERENCE, "Id of the IOAS."),
                                optional("iova", SIZE, "First address."),
                                optional("bytes", SIZE, "How much.")),
                        IommufdBodies::ioasUnmap),
                new Verb(
                        VMM,
                        "IOMMU_HWPT_ALLOC",
                        "Makes a HWPT: a paging one on an IOAS, or a nested one (guest_device) on a vIOMMU or on a nesting parent.",
                        List.of(
                                IOMMUFD,
                                required("dev", REFERENCE, "Id of the DEVICE."),
                                required("pt", REFERENCE, "Id of an IOAS, a HWPT or a vIOMMU."),
                                optional("nest_parent", FLAG, "True: vIOMMUs can be made on it."),
                                optional(
                                        "pasid",
                                        FLAG,
                                        "True: for PASIDs, and for devices of which PASIDs are attached."),
                                optional(
                                        "guest_device",
                                        VIRT_ID,
                                        "Nested: take the data from the guest's configuration entry of this virtual id."),
                                optional(
                                        "guest_pasid", NUMBER, "Nested: take the entry of this PASID of guest_device."),
                                optional("guest", TEXT, "The guest; if absent, this VMM's only one."),
                                optional("fault", REFERENCE, "Id of the fault queue that its page requests go to."),
                                optional("data_type", NUMBER, "Nested without a guest: type of the data."),
                                optional("data_words", WORDS, "The data as 64-bit words in hexadecimal."),
                                as("the HWPT")),
                        IommufdBodies::hwptAlloc),
                new Verb(
                        VMM,
                        "IOMMU_VIOMMU_ALLOC",
                        "Makes a vIOMMU: a slice of a physical IOMMU for one VM.",
                        List.of(
                                IOMMUFD,
                                required("dev", REFERENCE, "Id of a DEVICE behind the physical IOMMU."),
                                required("hwpt", REFERENCE, "Id of a nesting parent HWPT."),
                                optional("type", NUMBER, "Type of the vIOMMU; if absent, what the IOMMU supports."),
                                optional("data_words", WORDS, "Data for the driver as 64-bit words in hexadecimal."),
                                as("the vIOMMU")),
                        IommufdBodies::viommuAlloc),
                new Verb(
                        VMM,
                        "IOMMU_VDEVICE_ALLOC",
                        "Makes a vDEVICE: a device gets a virtual id on a vIOMMU.",
                        List.of(
                                IOMMUFD,
                                required("viommu", REFERENCE, "Id of the vIOMMU."),
                                required("dev", REFERENCE, "Id of the DEVICE."),
                                required("virt_id", VIRT_ID, "The virtual id."),
                                USER_FAULT,
                                optional(
                                        "user_refuses",
                                        FLAG,
                                        "True: user memory does not take the answer, the copy fails with EFAULT."),
                                as("the vDEVICE")),
                        IommufdBodies::vdeviceAlloc),
                new Verb(
                        VMM,
                        "IOMMU_HWPT_INVALIDATE",
                        "Carries out invalidation commands on a vIOMMU.",
                        List.of(
                                IOMMUFD,
                                required("viommu", REFERENCE, "Id of the vIOMMU."),
                                optional("data_type", NUMBER, "Type of the entries; if absent, the vIOMMU's own."),
                                optional("entry_len", NUMBER, "Bytes of an entry; if absent, 8 for every word."),
                                optional(
                                        "words",
                                        WORDS,
                                        "The entries as 64-bit words in hexadecimal, little endian; if absent, none.")),
                        IommufdBodies::invalidate),
                new Verb(
                        VMM,
                        "IOMMU_GET_HW_INFO",
                        "Asks what the IOMMU of a device can do.",
                        List.of(
                                IOMMUFD,
                                required("dev", REFERENCE, "Id of the DEVICE."),
                                optional(
                                        "data_len", NUMBER, "Bytes for the driver's data. If absent: none are copied."),
                                USER_FAULT),
                        IommufdBodies::getHwInfo),
                new Verb(
                        VMM,
                        "IOMMU_DESTROY",
                        "Destroys an object. EBUSY while anything holds it, ENOENT if there is none (any more).",
                        List.of(IOMMUFD, required("id", REFERENCE, "The object's id.")),
                        IommufdBodies::destroy));
    }

    private static Field as(String what) {
        return optional("as", NEW_NAME, "Name for the id of " + what + ".");
    }
}

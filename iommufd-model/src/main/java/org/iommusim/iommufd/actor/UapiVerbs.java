package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.abi.FieldType;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructField;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.sim.program.Call;
import org.jspecify.annotations.Nullable;

/**
 * The ioctls that have no verb with friendlier fields: their fields are those of the uAPI's structure. The structure lies in
 * the VMM's memory, and so do the words that its pointer points to.
 */
final class UapiVerbs {
    private static final String DATA = "data_words";
    private static final String READ_ONLY = "read_only";
    private static final List<String> POINTERS = List.of("data_uptr", "allowed_iovas", "data");
    /** Where the words lie behind the structure. */
    private static final long DATA_OFFSET = 4096;

    private static final List<Verb> ALL = List.of(
            verb(IommufdIoctl.IOAS_ALLOW_IOVAS, "Sets where automatic placement may go: data_words are its ranges."),
            verb(IommufdIoctl.IOAS_COPY, "Maps what another IOAS maps, sharing the pages."),
            verb(IommufdIoctl.IOAS_IOVA_RANGES, "Reports the usable addresses of an IOAS."),
            verb(IommufdIoctl.IOAS_MAP_FILE, "Maps memory of a file."),
            verb(IommufdIoctl.IOAS_CHANGE_PROCESS, "Moves the accounting of file maps to the caller."),
            verb(IommufdIoctl.OPTION, "Gets or sets an option of the context or of an object."),
            verb(IommufdIoctl.HWPT_SET_DIRTY_TRACKING, "Turns dirty tracking on or off."),
            verb(IommufdIoctl.HWPT_GET_DIRTY_BITMAP, "Reads and clears dirty bits."),
            verb(IommufdIoctl.FAULT_QUEUE_ALLOC, "Makes a queue of I/O page faults with its file."),
            verb(IommufdIoctl.VEVENTQ_ALLOC, "Makes a queue of a vIOMMU's events with its file."),
            verb(IommufdIoctl.HW_QUEUE_ALLOC, "Makes a queue in guest memory that hardware reads by itself."));

    private UapiVerbs() {}

    static List<Verb> all() {
        return ALL;
    }

    private static Verb verb(IommufdIoctl ioctl, String summary) {
        List<Field> fields = new ArrayList<>();
        fields.add(VmmVerbs.IOMMUFD);
        for (StructField field : ioctl.layout().fields()) {
            if (isInput(field)) {
                String what = "Field " + field.name() + ", " + field.type().word() + ". If absent: 0.";
                fields.add(Field.optional(field.name(), FieldKind.REFERENCE, what));
            }
        }
        if (pointer(ioctl.layout()) != null) {
            fields.add(Field.optional(
                    DATA,
                    FieldKind.WORDS,
                    "64-bit words in hexadecimal that " + pointer(ioctl.layout()) + " points to."));
        }
        fields.add(Field.optional(
                READ_ONLY,
                FieldKind.FLAG,
                "True: the structure lies in memory that cannot be written, so that the answer cannot come back."));
        fields.add(IommufdVerbs.USER_FAULT);
        if (result(ioctl.layout(), "_id") != null) {
            fields.add(Field.optional("as", FieldKind.NEW_NAME, "Name for the new object's id."));
        }
        if (result(ioctl.layout(), "_fd") != null) {
            fields.add(Field.optional("as_fd", FieldKind.NEW_NAME, "Name for its file."));
        }
        return new Verb(ActorKind.VMM, "IOMMU_" + ioctl.name(), summary, fields, step -> call(ioctl, step));
    }

    private static boolean isInput(StructField field) {
        return !field.name().equals("size")
                && !field.name().startsWith("out_")
                && !field.name().startsWith("__")
                && field.count() == 1;
    }

    private static @Nullable String pointer(StructLayout layout) {
        return POINTERS.stream().filter(layout::has).findFirst().orElse(null);
    }

    private static @Nullable String result(StructLayout layout, String suffix) {
        return layout.fields().stream()
                .map(StructField::name)
                .filter(name -> name.startsWith("out_") && name.endsWith(suffix))
                .findFirst()
                .orElse(null);
    }

    private static Call<?> call(IommufdIoctl ioctl, StepArguments step) {
        VmmActor vmm = VmmBodies.vmm(step);
        StructLayout layout = ioctl.layout();
        boolean readOnly = step.flag(READ_ONLY);
        long argument = readOnly ? vmm.process().mmap(2 * DATA_OFFSET, false) : VmmBodies.scratch(step);
        StructWriter writer = layout.writer().set("size", layout.size());
        layout.fields().stream()
                .filter(field -> isInput(field) && step.has(field.name()))
                .forEach(field -> writer.set(field.name(), step.reference(field.name())));
        String pointer = pointer(layout);
        if (pointer != null && step.has(DATA)) {
            writer.set(pointer, argument + DATA_OFFSET);
            write(step, vmm, argument + DATA_OFFSET, words(step));
        }
        write(step, vmm, argument, writer.image().bytes());
        if (readOnly) {
            vmm.process().protectReadOnly(argument);
        }
        Caller caller = vmm.caller().withUserFault(step.number("user_fault", 0));
        Call<SystemCall> call = SystemCall.ioctl(caller, vmm.descriptor(step), ioctl.number(), argument);
        return Bodies.then(step, call, () -> tell(step, vmm, layout, argument));
    }

    private static void write(StepArguments step, VmmActor vmm, long address, byte[] bytes) {
        if (vmm.process().copyToUser(address, bytes, 0, bytes.length) != 0) {
            throw step.problem("the VMM's own memory for structures is gone");
        }
    }

    private static byte[] words(StepArguments step) {
        List<String> words = step.words(DATA);
        byte[] bytes = new byte[Long.BYTES * words.size()];
        for (int i = 0; i < words.size(); i++) {
            FieldType.U64.write(bytes, Long.BYTES * i, IommufdBodies.word(step, words.get(i)));
        }
        return bytes;
    }

    /** What came back differs from what went in only in what the ioctl answers. */
    private static void tell(StepArguments step, VmmActor vmm, StructLayout layout, long argument) {
        byte[] bytes = new byte[layout.size()];
        if (vmm.process().copyFromUser(argument, bytes, 0, bytes.length) != 0) {
            return;
        }
        StructImage image = layout.image(bytes);
        for (StructField field : layout.fields()) {
            long before = step.has(field.name()) ? step.reference(field.name()) : 0;
            long now = field.count() == 1 ? image.number(field.name()) : 0;
            if (field.name().startsWith("out_")
                    || isInput(field) && !POINTERS.contains(field.name()) && now != before) {
                step.output(field.name(), now);
            }
        }
        String id = result(layout, "_id");
        String fd = result(layout, "_fd");
        if (id != null) {
            step.bind("as", image.unsigned(id));
        }
        if (fd != null) {
            step.bind("as_fd", image.unsigned(fd));
        }
    }
}

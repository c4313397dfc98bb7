package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructField;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.iommufd.abi.TestOp;
import org.iommusim.iommufd.abi.VfioCompatIoctl;

/**
 * An operation that is one ioctl.
 *
 * @param name as vectors spell it
 * @param kind what its argument is
 * @param number the ioctl's number
 * @param testOp which operation of IOMMU_TEST_CMD; 0 for others
 * @param layout of its argument
 */
record Request(String name, Kind kind, int number, int testOp, StructLayout layout) {
    private static final String TEST = "TEST_";
    private static final List<Request> ALL = all();

    /** What the argument of an ioctl is. */
    enum Kind {
        /** A structure that begins with its size. */
        IOMMUFD,
        /** A structure of VFIO, with {@code argsz}. */
        VFIO,
        /** A number. */
        VALUE
    }

    /** The request of this name. */
    static Optional<Request> find(String name) {
        return ALL.stream().filter(request -> request.name.equals(name)).findFirst();
    }

    /** The names of all. */
    static List<String> names() {
        return ALL.stream().map(Request::name).toList();
    }

    /** The names of the fields that vectors may give; the others are filled in by whoever plays them. */
    List<String> fields() {
        return switch (kind) {
            case IOMMUFD ->
                layout.fields().stream()
                        .map(StructField::name)
                        .filter(field -> !field.equals("size") && !(testOp != 0 && field.equals("op")))
                        .toList();
            case VFIO -> layout.fields().stream().map(StructField::name).toList();
            case VALUE -> List.of("arg");
        };
    }

    private static List<Request> all() {
        List<Request> all = new ArrayList<>();
        for (IommufdIoctl ioctl : IommufdIoctl.values()) {
            all.add(new Request(ioctl.name(), Kind.IOMMUFD, ioctl.number(), 0, ioctl.layout()));
        }
        for (VfioCompatIoctl ioctl : VfioCompatIoctl.values()) {
            Kind kind = ioctl.takesPointer() ? Kind.VFIO : Kind.VALUE;
            all.add(new Request(ioctl.name(), kind, ioctl.number(), 0, ioctl.layout()));
        }
        Arrays.stream(TestOp.values())
                .map(op -> new Request(TEST + op.name(), Kind.IOMMUFD, TestOp.NUMBER, op.number(), op.layout()))
                .forEach(all::add);
        // An operation that no kernel has.
        all.add(new Request(TEST + "BADOP", Kind.IOMMUFD, TestOp.NUMBER, Integer.MAX_VALUE, TestOp.HEAD));
        return List.copyOf(all);
    }
}

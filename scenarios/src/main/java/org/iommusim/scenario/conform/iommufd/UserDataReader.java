package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.StructField;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.scenario.conform.VectorNode;
import org.iommusim.scenario.json.JsonValue;

/** Reads what lies behind pointers: arrays of entries, structures, ranges, bitmaps, bytes. */
final class UserDataReader {
    /** A longer entry is refused before it is looked at. */
    private static final int STRIDE_MAX = 8192;

    private static final int BITS_MAX = 1 << 22;

    private final OperandReader operands;

    UserDataReader(OperandReader operands) {
        this.operands = operands;
    }

    /** The fields of an operation that say what lies behind its pointers, besides those of its structure. */
    static List<String> fields(String op) {
        return switch (op) {
            case "HWPT_INVALIDATE" -> List.of("entries", "tailbyte", "data");
            case "HWPT_ALLOC", "VIOMMU_ALLOC", "GET_HW_INFO" -> List.of("data");
            case "TEST_DIRTY", "HWPT_GET_DIRTY_BITMAP" -> List.of("dirty_bits");
            default -> List.of();
        };
    }

    /** True if this member is no number but says what lies behind a pointer. */
    static boolean describesData(String op, String field, VectorNode value) {
        return switch (field) {
            case "entries", "tailbyte", "dirty_bits", "hex", "responses" -> true;
            case "data" -> !op.equals("HWPT_GET_DIRTY_BITMAP");
            case "allowed_iovas" -> value.value() instanceof JsonValue.Elements;
            default -> false;
        };
    }

    /** What the members of {@code in} say. */
    UserData read(VectorNode in, String op) {
        for (String field : in.names()) {
            VectorNode value = in.member(field);
            if (describesData(op, field, value) && !field.equals("tailbyte")) {
                return switch (field) {
                    case "entries" -> entries(in, value);
                    case "responses" -> responses(value);
                    case "allowed_iovas" -> ranges(value);
                    case "dirty_bits" -> bitmap(value);
                    case "hex" -> raw(value);
                    default -> data(value, op);
                };
            }
        }
        return UserData.NONE;
    }

    private UserData entries(VectorNode in, VectorNode array) {
        List<VectorNode> entries = array.elements();
        boolean nested = entries.stream().anyMatch(entry -> entry.has("iotlb_id"));
        StructLayout layout = nested ? DataLayouts.HWPT_INVALIDATE_SELFTEST : DataLayouts.VIOMMU_INVALIDATE_SELFTEST;
        long stride = in.given("entry_len") && in.member("entry_len").value() instanceof JsonValue.Number
                ? in.member("entry_len").bits()
                : 0;
        int tail = in.given("tailbyte") ? in.member("tailbyte").number(0, 255) : 0;
        return structs(layout, stride > 0 && stride <= STRIDE_MAX ? (int) stride : layout.size(), tail, entries);
    }

    private UserData responses(VectorNode array) {
        StructLayout layout = DataLayouts.HWPT_PAGE_RESPONSE;
        return structs(layout, layout.size(), 0, array.elements());
    }

    private UserData ranges(VectorNode array) {
        StructLayout layout = DataLayouts.IOVA_RANGE;
        List<Map<String, Operand>> ranges = new ArrayList<>();
        for (VectorNode range : array.elements()) {
            List<VectorNode> ends = range.elements(2, "first and last address");
            ranges.add(Map.of(
                    "start", operands.input(ends.get(0), layout.name(), "start"),
                    "last", operands.input(ends.get(1), layout.name(), "last")));
        }
        return new UserData.Structs(layout, layout.size(), 0, ranges);
    }

    private UserData data(VectorNode value, String op) {
        if (value.value() instanceof JsonValue.Text) {
            return raw(value);
        }
        StructLayout layout = dataOf(op);
        return structs(layout, layout.size(), 0, List.of(value));
    }

    /** The structure behind {@code data_uptr}. */
    static StructLayout dataOf(String op) {
        return switch (op) {
            case "VIOMMU_ALLOC" -> DataLayouts.VIOMMU_SELFTEST;
            case "GET_HW_INFO" -> DataLayouts.TEST_HW_INFO;
            default -> DataLayouts.HWPT_SELFTEST;
        };
    }

    private UserData structs(StructLayout layout, int stride, int tail, List<VectorNode> nodes) {
        List<Map<String, Operand>> structs = new ArrayList<>();
        for (VectorNode node : nodes) {
            node.only(layout.fields().stream().map(StructField::name).toList());
            Map<String, Operand> fields = new LinkedHashMap<>();
            node.names().forEach(field -> fields.put(field, operands.input(node.member(field), layout.name(), field)));
            structs.add(fields);
        }
        return new UserData.Structs(layout, stride, tail, structs);
    }

    /** Reads a list of bit numbers. */
    static List<Integer> bits(VectorNode array) {
        List<Integer> bits = new ArrayList<>();
        array.elements().forEach(bit -> bits.add(bit.number(0, BITS_MAX - 1)));
        return bits;
    }

    private static UserData bitmap(VectorNode array) {
        return new UserData.Bitmap(bits(array));
    }

    /** Reads bytes in hexadecimal. */
    static String hex(VectorNode node) {
        String text = node.text();
        if (!text.matches("(?:[0-9a-f]{2})*")) {
            throw node.wrong("found " + node.value().described(), "expected bytes such as \"00ff\"");
        }
        return text;
    }

    private static UserData raw(VectorNode node) {
        return new UserData.Raw(hex(node));
    }
}

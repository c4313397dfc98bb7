package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.StructLayout;

/** What the kernel writes behind the pointers of a structure. */
final class UserOutputs {
    private UserOutputs() {}

    /** How many bytes from the start of {@link Region#BLOB} an operation may write. */
    static long bytes(VectorOp op, Symbols symbols) {
        return switch (op.name()) {
            case "IOAS_IOVA_RANGES" ->
                place(op, "allowed_iovas", symbols) + DataLayouts.IOVA_RANGE.size() * value(op, "num_iovas", symbols);
            case "GET_HW_INFO", "HWPT_ALLOC", "VIOMMU_ALLOC" ->
                place(op, "data_uptr", symbols) + value(op, "data_len", symbols);
            case "HWPT_GET_DIRTY_BITMAP" -> place(op, "data", symbols) + bitmapBytes(op, symbols);
            // These read what is there.
            case "HWPT_INVALIDATE", "IOAS_ALLOW_IOVAS", "TEST_DIRTY" -> 0;
            default -> namesData(op, symbols) ? Region.BLOB.bytes() : 0;
        };
    }

    private static long value(VectorOp op, String field, Symbols symbols) {
        return op.value(field, 0, symbols);
    }

    private static long place(VectorOp op, String field, Symbols symbols) {
        long offset = value(op, field, symbols) - Region.BLOB.base();
        return offset >= 0 && offset < Region.BLOB.bytes() ? offset : 0;
    }

    private static boolean namesData(VectorOp op, Symbols symbols) {
        return op.in().values().stream()
                .mapToLong(operand -> operand.value(symbols) - Region.BLOB.base())
                .anyMatch(offset -> offset >= 0 && offset < Region.BLOB.bytes());
    }

    private static long bitmapBytes(VectorOp op, Symbols symbols) {
        long pageSize = value(op, "page_size", symbols);
        long bits = pageSize == 0 ? 0 : Long.divideUnsigned(value(op, "length", symbols), pageSize);
        return (bits + 63) / 64 * 8;
    }

    /** Reads those that were recorded. */
    static void decode(VectorOp op, Answer answer, UserArea data, Symbols symbols) {
        for (Map.Entry<String, Expected> out : op.out().entrySet()) {
            String field = out.getKey();
            if (out.getValue() instanceof Expected.Bits) {
                answer.texts().put(field, Texts.bits(bits(data.get(bitmapBytes(op, symbols)))));
            } else if (out.getValue() instanceof Expected.Bytes) {
                byte[] bytes = data.get(value(op, "data_len", symbols));
                answer.texts().put(field, HexFormat.of().formatHex(bytes));
            } else if (out.getValue() instanceof Expected.Records records) {
                StructLayout layout = records.kind() == Expected.Kind.RANGES
                        ? DataLayouts.IOVA_RANGE
                        : UserDataReader.dataOf(op.name());
                long count = records.kind() == Expected.Kind.RANGES ? ranges(op, answer, symbols) : 1;
                answer.records().put(field, Records.array(layout, data.get(count * layout.size())));
            }
        }
    }

    /** As many ranges as there are and as fit. */
    private static long ranges(VectorOp op, Answer answer, Symbols symbols) {
        return Math.min(answer.numbers().getOrDefault("num_iovas", 0L), value(op, "num_iovas", symbols));
    }

    private static List<Integer> bits(byte[] bitmap) {
        List<Integer> bits = new ArrayList<>();
        for (int i = 0; i < bitmap.length * 8; i++) {
            if ((bitmap[i / 8] >> i % 8 & 1) != 0) {
                bits.add(i);
            }
        }
        return bits;
    }
}

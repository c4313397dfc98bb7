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
import org.jspecify.annotations.Nullable;

/** Reads recorded outputs. */
final class ExpectedReader {
    private static final List<String> VEVENT = vevent();

    private final OperandReader operands;

    ExpectedReader(OperandReader operands) {
        this.operands = operands;
    }

    /** What was recorded of one output; a symbol that has no value yet gets it here. */
    Expected read(VectorNode node, String op, String field, @Nullable Request request) {
        return switch (field) {
            case "iotlb", "cache" -> cells(node);
            case "dirty_bits" -> new Expected.Bits(UserDataReader.bits(node));
            case "data_bytes" -> new Expected.Bytes(UserDataReader.hex(node));
            case "data" ->
                op.equals("X_PEEK")
                        ? new Expected.Bytes(UserDataReader.hex(node))
                        : records(
                                Expected.Kind.DATA,
                                List.of(node),
                                UserDataReader.dataOf(op).name(),
                                names(UserDataReader.dataOf(op)));
            case "allowed_iovas" -> ranges(node);
            case "vevents" -> records(Expected.Kind.VEVENTS, node.elements(), DataLayouts.VEVENT_HEADER.name(), VEVENT);
            case "faults" ->
                records(
                        Expected.Kind.FAULTS,
                        node.elements(),
                        DataLayouts.HWPT_PGFAULT.name(),
                        names(DataLayouts.HWPT_PGFAULT));
            case "n", "ret", "revents", "out_fd", "out_addr", "word0", "x_dmabuf_fd" -> scalar(node, op, field);
            default ->
                request != null && request.fields().contains(field)
                        ? scalar(node, op, field)
                        : new Expected.Unknown(node.value().described());
        };
    }

    private static List<String> vevent() {
        List<String> names = new ArrayList<>(names(DataLayouts.VEVENT_HEADER));
        names.addAll(names(DataLayouts.VIOMMU_EVENT_SELFTEST));
        return names;
    }

    private static List<String> names(StructLayout layout) {
        return layout.fields().stream().map(StructField::name).toList();
    }

    private Expected scalar(VectorNode node, String op, String field) {
        Operand operand = operands.operand(node, op, field);
        if (operand instanceof Operand.Symbol symbol) {
            operands.define(symbol.name());
        }
        return new Expected.Scalar(operand);
    }

    private static Expected cells(VectorNode node) {
        List<@Nullable Long> cells = new ArrayList<>();
        for (VectorNode cell : node.elements()) {
            cells.add(cell.value() instanceof JsonValue.Null ? null : OperandReader.number(cell, "", ""));
        }
        return new Expected.Cells(cells);
    }

    private Expected ranges(VectorNode node) {
        List<Map<String, Operand>> ranges = new ArrayList<>();
        for (VectorNode range : node.elements()) {
            List<VectorNode> ends = range.elements(2, "first and last address");
            Map<String, Operand> fields = new LinkedHashMap<>();
            fields.put("start", operands.input(ends.get(0), "", ""));
            fields.put("last", operands.input(ends.get(1), "", ""));
            ranges.add(fields);
        }
        return new Expected.Records(Expected.Kind.RANGES, ranges);
    }

    private Expected records(Expected.Kind kind, List<VectorNode> nodes, String structure, List<String> names) {
        List<Map<String, Operand>> records = new ArrayList<>();
        for (VectorNode node : nodes) {
            node.only(names);
            Map<String, Operand> fields = new LinkedHashMap<>();
            for (String field : node.names()) {
                fields.put(field, operands.input(node.member(field), structure, field));
            }
            records.add(fields);
        }
        return new Expected.Records(kind, records);
    }
}

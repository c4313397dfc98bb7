package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.iommusim.scenario.conform.Mismatch;
import org.jspecify.annotations.Nullable;

/** Compares what operations answered with what was recorded, and gives symbols their values. */
final class OpJudge {
    private final Symbols symbols;
    private final Map<String, String> contexts = new HashMap<>();
    private final Map<String, Set<Long>> givenIds = new HashMap<>();

    OpJudge(Symbols symbols) {
        this.symbols = symbols;
    }

    /** What differs; the symbols of its outputs are bound. */
    List<Mismatch> judge(int step, VectorOp op, Answer answer) {
        List<Mismatch> wrong = new ArrayList<>();
        if (answer.errno() != op.errno()) {
            wrong.add(new Mismatch(step, op.name(), "errno", Texts.errno(op.errno()), Texts.errno(answer.errno()), ""));
            return wrong;
        }
        if (!op.out().containsKey("ret") && op.request() != null && answer.returned() != 0) {
            wrong.add(new Mismatch(step, op.name(), "ret", "0", Texts.hex(answer.returned()), ""));
        }
        answer.numbers().put("ret", answer.returned());
        for (Map.Entry<String, Expected> out : op.out().entrySet()) {
            output(step, op, out.getKey(), out.getValue(), answer, wrong);
        }
        ids(step, op, wrong);
        return wrong;
    }

    private void output(int step, VectorOp op, String field, Expected expected, Answer answer, List<Mismatch> wrong) {
        String recorded;
        String actual;
        if (expected instanceof Expected.Scalar scalar) {
            Long number = answer.numbers().get(field);
            actual = number == null ? "none" : Names.text(op.name(), field, number);
            if (number == null) {
                recorded = scalar.operand().toString();
            } else {
                bind(op, field, scalar.operand(), number);
                recorded = Names.text(op.name(), field, scalar.operand().value(symbols));
            }
        } else if (expected instanceof Expected.Records records) {
            List<Map<String, Long>> seen = answer.records().getOrDefault(field, List.of());
            recorded = text(values(records));
            actual = text(likeRecorded(records, seen));
        } else if (expected instanceof Expected.Unknown unknown) {
            recorded = unknown.text();
            actual = "nothing: no model knows this output";
        } else {
            recorded = text(expected);
            actual = answer.texts().getOrDefault(field, "none");
        }
        if (!recorded.equals(actual)) {
            wrong.add(new Mismatch(step, op.name(), field, recorded, actual, ""));
        }
    }

    private void bind(VectorOp op, String field, Operand operand, long number) {
        if (operand instanceof Operand.Symbol symbol && !symbols.bound(symbol.name())) {
            symbols.bind(symbol.name(), number);
        }
        String alias = op.bind().get(field);
        if (alias != null) {
            symbols.bind(alias, number);
        }
    }

    private static String text(Expected expected) {
        if (expected instanceof Expected.Cells cells) {
            return Texts.cells(cells.cells());
        }
        if (expected instanceof Expected.Bits bits) {
            return Texts.bits(bits.bits());
        }
        if (expected instanceof Expected.Bytes bytes) {
            return bytes.hex();
        }
        throw new IllegalStateException(expected.toString());
    }

    private List<Map<String, Long>> values(Expected.Records records) {
        List<Map<String, Long>> values = new ArrayList<>();
        for (Map<String, Operand> record : records.records()) {
            Map<String, Long> fields = new LinkedHashMap<>();
            record.forEach((field, operand) -> fields.put(field, operand.value(symbols)));
            values.add(fields);
        }
        return values;
    }

    /** The fields that were recorded, of each record. */
    private static List<Map<String, Long>> likeRecorded(Expected.Records records, List<Map<String, Long>> seen) {
        List<Map<String, Long>> values = new ArrayList<>();
        for (int i = 0; i < seen.size(); i++) {
            Map<String, Long> all = seen.get(i);
            if (i >= records.records().size()) {
                values.add(all);
                continue;
            }
            Map<String, Long> fields = new LinkedHashMap<>();
            for (String field : records.records().get(i).keySet()) {
                Long value = all.get(field);
                if (value != null) {
                    fields.put(field, value);
                }
            }
            values.add(fields);
        }
        return values;
    }

    private static String text(List<Map<String, Long>> records) {
        return records.stream().map(Texts::record).toList().toString();
    }

    // ---- ids --------------------------------------------------------------------------------------------------------

    private void ids(int step, VectorOp op, List<Mismatch> wrong) {
        op.ids().forEach((symbol, number) -> {
            if (symbols.bound(symbol) && symbols.value(symbol) != number) {
                wrong.add(new Mismatch(
                        step, op.name(), "ids " + symbol, number.toString(), Long.toString(symbols.value(symbol)), ""));
            }
        });
        Set<Long> given = givenIds.computeIfAbsent(context(op), file -> new HashSet<>());
        boolean reused = op.ids().keySet().stream()
                .filter(symbol -> symbols.bound(symbol) && !isHwptOfMock(op, symbol))
                .anyMatch(symbol -> given.contains(symbols.value(symbol)));
        if (reused != op.idReused()) {
            wrong.add(new Mismatch(
                    step, op.name(), "id_reused", Boolean.toString(op.idReused()), Boolean.toString(reused), ""));
        }
        op.ids().keySet().stream().filter(symbols::bound).forEach(symbol -> given.add(symbols.value(symbol)));
    }

    /** True if this is the HWPT of a mock device: it may be one that was there before. */
    private static boolean isHwptOfMock(VectorOp op, String symbol) {
        return isSymbol(op.out().get("out_hwpt_id"), symbol) && op.out().containsKey("out_stdev_id")
                || isSymbol(op.out().get("pt_id"), symbol);
    }

    private static boolean isSymbol(@Nullable Expected expected, String symbol) {
        return expected instanceof Expected.Scalar scalar
                && scalar.operand() instanceof Operand.Symbol named
                && named.name().equals(symbol);
    }

    /** The file of an operation; a copy of a descriptor is the same file. */
    private String context(VectorOp op) {
        if (op.name().equals("X_DUP")) {
            String original = symbol(op.in().get("fd"));
            if (op.out().get("out_fd") instanceof Expected.Scalar copy) {
                contexts.put(symbol(copy.operand()), contexts.getOrDefault(original, original));
            }
        }
        Operand on = op.in().get("on");
        String file = on == null ? Player.FIRST_FILE : symbol(on);
        return contexts.getOrDefault(file, file);
    }

    private static String symbol(@Nullable Operand operand) {
        return operand instanceof Operand.Symbol symbol ? symbol.name() : String.valueOf(operand);
    }
}

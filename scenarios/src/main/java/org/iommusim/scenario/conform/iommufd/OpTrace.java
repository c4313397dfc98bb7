package org.iommusim.scenario.conform.iommufd;

import java.util.StringJoiner;

/** One operation with its decoded inputs and outputs, for people. */
final class OpTrace {
    private OpTrace() {}

    /** The operation in one line. */
    static String text(VectorOp op, Answer answer, Symbols symbols) {
        StringJoiner text = new StringJoiner(" ");
        text.add(op.name());
        op.in().forEach((field, operand) -> text.add(field + "=" + operand(op, field, operand, symbols)));
        if (op.data() instanceof UserData.Structs structs) {
            structs.structs().forEach(struct -> {
                StringJoiner fields = new StringJoiner(" ", "{", "}");
                struct.forEach((field, operand) -> fields.add(field + "=" + Texts.hex(operand.value(symbols))));
                text.add(fields.toString());
            });
        } else if (op.data().bytes(symbols).length > 0) {
            text.add(op.data().toString());
        }
        text.add("->").add(Texts.errno(answer.errno()));
        answer.numbers().forEach((field, value) -> {
            if (op.out().containsKey(field) || answer.errno() == 0 && field.startsWith("out_")) {
                text.add(field + "=" + Names.text(op.name(), field, value));
            }
        });
        answer.texts().forEach((field, value) -> text.add(field + "=" + value));
        answer.records().forEach((field, records) -> {
            if (op.out().containsKey(field)) {
                text.add(field + "=" + records.stream().map(Texts::record).toList());
            }
        });
        return text.toString();
    }

    private static String operand(VectorOp op, String field, Operand operand, Symbols symbols) {
        String value = Names.text(op.name(), field, operand.value(symbols));
        return operand instanceof Operand.Symbol symbol ? symbol.name() + "(" + value + ")" : value;
    }
}

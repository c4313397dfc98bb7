package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.scenario.conform.VectorNode;
import org.iommusim.scenario.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a case of iommufd. An operation or an input that is not known is bad input: a vector that is half understood proves
 * nothing. An output that is not known fails the case when it is played, for the same reason.
 */
public final class VectorOpReader {
    private static final List<String> CASE = List.of("id", "kernel", "mock", "why", "note", "seed", "ops");
    private static final List<String> OP =
            List.of("op", "in", "out", "errno", "ids", "id_reused", "bind", "why", "note");
    /** What every ioctl with a structure may be given besides its fields. */
    private static final List<String> CONTROLS =
            List.of("on", "_size", "_trail", "_trailoff", "_trailn", "_ptr", "_nr");

    private final OperandReader operands = new OperandReader();
    private final UserDataReader userData = new UserDataReader(operands);
    private final ExpectedReader expected = new ExpectedReader(operands);

    private VectorOpReader() {}

    /**
     * Reads the line of a case.
     *
     * @throws org.iommusim.scenario.language.ScenarioException if it is none
     */
    public static IommufdCase read(VectorNode line) {
        line.only(CASE);
        VectorNode mock = line.member("mock");
        if (!mock.flag()) {
            throw mock.wrong("found false", "expected true: cases are played on the mock IOMMU");
        }
        VectorOpReader reader = new VectorOpReader();
        List<VectorOp> ops = new ArrayList<>();
        line.member("ops").elements().forEach(op -> ops.add(reader.op(op)));
        return new IommufdCase(new IommufdVector(line.member("id").text(), ops));
    }

    private VectorOp op(VectorNode node) {
        node.only(OP);
        VectorNode name = node.member("op");
        String op = name.text();
        Request request = Request.find(op).orElse(null);
        List<String> helper = Helpers.given(op);
        if (request == null && helper == null) {
            List<String> all = new ArrayList<>(Request.names());
            all.addAll(Helpers.names());
            throw name.wrong("found the unknown operation \"" + op + "\"", "expected one of " + all);
        }
        VectorNode in = node.member("in");
        in.only(allowed(op, request, helper));
        Map<String, Operand> given = given(in, op);
        UserData data = userData.read(in, op);
        int errno = errno(node.member("errno"));
        Map<String, Expected> out = new LinkedHashMap<>();
        VectorNode outputs = node.optional("out");
        if (outputs != null) {
            for (String field : outputs.names()) {
                out.put(field, expected.read(outputs.member(field), op, field, request));
            }
        }
        Map<String, String> bind = bind(node, out);
        return new VectorOp(
                op,
                request,
                given,
                data,
                errno,
                Collections.unmodifiableMap(out),
                ids(node),
                node.given("id_reused") && node.member("id_reused").flag(),
                bind);
    }

    private static List<String> allowed(String op, @Nullable Request request, @Nullable List<String> helper) {
        List<String> allowed = new ArrayList<>(helper == null ? CONTROLS : helper);
        if (helper != null) {
            allowed.add("on");
        }
        if (request != null) {
            allowed.addAll(request.fields());
            allowed.addAll(UserDataReader.fields(op));
        }
        return allowed;
    }

    private Map<String, Operand> given(VectorNode in, String op) {
        Map<String, Operand> given = new LinkedHashMap<>();
        for (String field : in.names()) {
            VectorNode value = in.member(field);
            if (UserDataReader.describesData(op, field, value)) {
                // A list in the place of a pointer: what it points to, at the start of the data area.
                if (field.equals("allowed_iovas")) {
                    given.put(field, new Operand.Constant(Region.BLOB.base()));
                }
            } else {
                given.put(field, operands.input(value, op, field));
            }
        }
        return Collections.unmodifiableMap(given);
    }

    private static int errno(VectorNode node) {
        if (node.value() instanceof JsonValue.Text text && text.text().startsWith("-")) {
            int errno = Errno.value(text.text().substring(1));
            if (errno < 0) {
                return errno;
            }
            throw node.wrong("found \"" + text.text() + "\"", "expected 0 or a name such as \"-EINVAL\"");
        }
        if (node.bits() != 0) {
            throw node.wrong("found " + node.value().described(), "expected 0 or a name such as \"-EINVAL\"");
        }
        return 0;
    }

    private Map<String, Long> ids(VectorNode node) {
        Map<String, Long> ids = new LinkedHashMap<>();
        VectorNode given = node.optional("ids");
        if (given != null) {
            for (String symbol : given.names()) {
                VectorNode id = given.member(symbol);
                if (!operands.defined(symbol)) {
                    throw id.wrong("found an id of " + symbol, "expected a symbol that this operation binds");
                }
                ids.put(symbol, id.bits());
            }
        }
        return Collections.unmodifiableMap(ids);
    }

    private Map<String, String> bind(VectorNode node, Map<String, Expected> out) {
        Map<String, String> bind = new LinkedHashMap<>();
        VectorNode given = node.optional("bind");
        if (given != null) {
            for (String field : given.names()) {
                VectorNode symbol = given.member(field);
                if (!(out.get(field) instanceof Expected.Scalar)) {
                    throw symbol.wrong("found a symbol for \"" + field + "\"", "expected an output that is a number");
                }
                if (!symbol.text().startsWith("$")) {
                    throw symbol.wrong("found \"" + symbol.text() + "\"", "expected a symbol such as \"$iova\"");
                }
                bind.put(field, symbol.text());
                operands.define(symbol.text());
            }
        }
        return Collections.unmodifiableMap(bind);
    }
}

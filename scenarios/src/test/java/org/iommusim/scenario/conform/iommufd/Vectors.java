package org.iommusim.scenario.conform.iommufd;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.iommusim.scenario.conform.VectorNode;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;

/** Vectors for tests. */
final class Vectors {
    private Vectors() {}

    /** Reads a case with these operations; {@code '} stands for a quotation mark. */
    static IommufdVector of(String... ops) {
        return line("{'id':'a-1','kernel':'7.3.4','mock':true,'why':'','ops':[" + String.join(",", ops) + "]}");
    }

    /** Reads the line of a case. */
    static IommufdVector line(String line) {
        try {
            byte[] json = line.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
            return VectorOpReader.read(new VectorNode("v.jsonl: line 1", "", JsonReader.read(json)))
                    .vector();
        } catch (JsonSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    /** Reads one operation. */
    static VectorOp op(String op) {
        List<VectorOp> ops = of(op).ops();
        return ops.get(ops.size() - 1);
    }
}

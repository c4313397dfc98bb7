package org.iommusim.scenario.conform.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Recorded cases with operations left out, doubled or moved. Nobody knows what a kernel answers to these; but every reference
 * must be explained after every operation, no check may find anything, and at the end nothing may be left.
 */
class EditedSequencesTest {
    private static final int SEQUENCES = 200;
    private static final int EDITS_MAX = 4;

    private final Random random = new Random(7);

    @Test
    void shouldExplainEveryReferenceWhateverTheOrder() throws IOException {
        List<IommufdVector> recorded = new ArrayList<>();
        try (InputStream bytes = getClass().getResourceAsStream("/vectors/iommufd-random.jsonl.gz");
                BufferedReader text =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(bytes), StandardCharsets.UTF_8))) {
            text.lines().forEach(line -> recorded.add(Vectors.line(line)));
        }
        List<String> findings = new ArrayList<>();
        for (int i = 0; i < SEQUENCES; i++) {
            IommufdVector original = recorded.get(random.nextInt(recorded.size()));
            play(new IommufdVector(original.id(), edited(original.ops())), findings);
        }
        assertThat(findings).isEmpty();
    }

    private List<VectorOp> edited(List<VectorOp> original) {
        List<VectorOp> ops = new ArrayList<>(original);
        for (int edits = random.nextInt(EDITS_MAX) + 1; edits > 0; edits--) {
            int at = random.nextInt(ops.size());
            VectorOp op = ops.get(at);
            int kind = random.nextInt(3);
            if (kind < 2) {
                ops.remove(at);
            }
            if (kind > 0 || ops.isEmpty()) {
                ops.add(random.nextInt(ops.size() + 1), op);
            }
        }
        return ops;
    }

    private static void play(IommufdVector vector, List<String> findings) {
        Symbols symbols = new Symbols();
        RecordedHost host = new RecordedHost();
        Player player = new Player(host, symbols, vector);
        OpJudge judge = new OpJudge(symbols);
        Set<Long> withPasid = new HashSet<>();
        symbols.bind(Player.FIRST_FILE, host.open());
        for (int step = 0; step < vector.ops().size(); step++) {
            VectorOp op = vector.ops().get(step);
            try {
                if (!withPasid.isEmpty() && breaksTheKernel(op, symbols, withPasid)) {
                    continue;
                }
                Answer answer = player.play(op);
                if (op.name().equals("TEST_PASID_ATTACH") && answer.errno() == 0) {
                    withPasid.add(op.value("id", 0, symbols));
                }
                judge.judge(step, op, answer);
            } catch (UnboundSymbolException e) {
                // The operation that gives it a value was left out or failed.
                continue;
            }
            String where = vector.id() + " step " + step + " " + op.name() + ": ";
            host.audit().forEach(finding -> findings.add(where + finding));
            host.violations().forEach(found -> findings.add(where + found.message()));
        }
        player.finish();
        host.exit().forEach(leak -> findings.add(vector.id() + ": " + leak));
        host.violations().forEach(found -> findings.add(vector.id() + ": " + found.message()));
    }

    /** A mock device must not go while a PASID of it is attached: Linux 7.3 warns about itself then. */
    private static boolean breaksTheKernel(VectorOp op, Symbols symbols, Set<Long> withPasid) {
        return op.name().equals("X_CLOSE")
                || op.name().equals("DESTROY") && withPasid.contains(op.value("id", -1, symbols));
    }
}

package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.scenario.conform.CaseResult;
import org.iommusim.scenario.conform.Mismatch;
import org.iommusim.scenario.conform.VectorCase;

/**
 * A case of iommufd: plays it on a fresh machine and judges each operation. After each, every reference must be explained
 * and no check may have found anything; at the end everything must be given back.
 *
 * @param vector what was recorded
 */
public record IommufdCase(IommufdVector vector) implements VectorCase {
    @Override
    public String id() {
        return vector.id();
    }

    @Override
    public int operations() {
        return vector.ops().size();
    }

    @Override
    public CaseResult judge(boolean verbose) {
        CaseResult.Builder result = new CaseResult.Builder(vector.id(), null);
        Run run = new Run(result, verbose);
        try {
            run.all();
        } catch (UnboundSymbolException e) {
            result.fail(List.of(run.mismatch("input", "a number", String.valueOf(e.getMessage()))));
        } catch (RuntimeException e) {
            // A model that breaks down on one case must not take the others with it.
            String what = e.getClass().getSimpleName() + ": "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            result.fail(List.of(run.mismatch("model", "an answer", what)));
        }
        return result.build();
    }

    /** One run through the operations. */
    private final class Run {
        private final CaseResult.Builder result;
        private final boolean verbose;
        private final RecordedHost host = new RecordedHost();
        private final Symbols symbols = new Symbols();
        private final Player player = new Player(host, symbols, vector);
        private final OpJudge judge = new OpJudge(symbols);
        private int step = -1;
        private String verb = "";

        Run(CaseResult.Builder result, boolean verbose) {
            this.result = result;
            this.verbose = verbose;
        }

        Mismatch mismatch(String field, String expected, String actual) {
            return new Mismatch(step, verb, field, expected, actual, "");
        }

        void all() {
            symbols.bind(Player.FIRST_FILE, host.open());
            for (VectorOp op : vector.ops()) {
                step++;
                verb = op.name();
                Answer answer = player.play(op);
                List<Mismatch> wrong = judge.judge(step, op, answer);
                wrong.addAll(checks());
                if (verbose) {
                    result.trace("step " + step + " " + OpTrace.text(op, answer, symbols));
                }
                if (!wrong.isEmpty()) {
                    result.fail(wrong);
                    if (verbose) {
                        host.graph().forEach(result::trace);
                    }
                    return;
                }
            }
            verb = "end of the case";
            player.finish();
            List<Mismatch> left = new ArrayList<>();
            host.exit().forEach(leak -> left.add(mismatch("leak", "nothing", leak)));
            left.addAll(checks());
            result.fail(left);
        }

        private List<Mismatch> checks() {
            List<Mismatch> wrong = new ArrayList<>();
            host.violations().forEach(found -> wrong.add(mismatch(found.checker(), "none", found.message())));
            host.audit().forEach(found -> wrong.add(mismatch("references", "all explained", found)));
            return wrong;
        }
    }
}

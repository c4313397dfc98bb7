package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one case.
 *
 * @param id the case
 * @param quirk what the recorded machine is known to do wrong in this case, or empty
 * @param verdict of the steps that count
 * @param failures why it failed, in the order of the steps
 * @param staleSteps steps that passed because an earlier result may legally be cached
 * @param quirkAgrees steps that agree with the check model where the recorded machine does not
 * @param quirkDiffers steps that do not
 * @param unsure what the check model is unsure of and does not match; only listed
 * @param skipped why it was skipped, or empty
 * @param trace what happened, for people; empty unless asked for
 */
public record CaseResult(
        String id,
        String quirk,
        Verdict verdict,
        List<Mismatch> failures,
        List<Integer> staleSteps,
        int quirkAgrees,
        List<Mismatch> quirkDiffers,
        List<Mismatch> unsure,
        String skipped,
        List<String> trace) {
    /** How a case ends. */
    public enum Verdict {
        PASSED,
        FAILED,
        SKIPPED
    }

    /** True if it has steps that are judged apart. */
    boolean judgedApart() {
        return quirkAgrees > 0 || !quirkDiffers.isEmpty();
    }

    /** The verdict as reports spell it. */
    String described() {
        return switch (verdict) {
            case PASSED -> staleSteps.isEmpty() ? "passed" : "passed (legally stale)";
            case FAILED -> "failed";
            case SKIPPED -> "skipped";
        };
    }

    /** Collects the result of one case. */
    public static final class Builder {
        private final String id;
        private final List<Mismatch> failures = new ArrayList<>();
        private final List<Integer> staleSteps = new ArrayList<>();
        private final List<Mismatch> quirkDiffers = new ArrayList<>();
        private final List<Mismatch> unsure = new ArrayList<>();
        private final List<String> trace = new ArrayList<>();
        private final String quirk;
        private int quirkAgrees;
        private String skipped = "";

        /**
         * Begins with a case.
         *
         * @param quirk what the recorded machine is known to do wrong in it, or {@code null}
         */
        public Builder(String id, @Nullable String quirk) {
            this.id = id;
            this.quirk = quirk == null ? "" : quirk;
        }

        /** Adds what differs; none is fine. */
        public void fail(List<Mismatch> mismatches) {
            failures.addAll(mismatches);
        }

        void stale(int step) {
            staleSteps.add(step);
        }

        void quirk(List<Mismatch> differences) {
            if (differences.isEmpty()) {
                quirkAgrees++;
            } else {
                quirkDiffers.add(differences.get(0));
            }
        }

        void unsure(List<Mismatch> differences) {
            unsure.addAll(differences);
        }

        void skip(String why) {
            skipped = why;
        }

        /** Adds a line for people. */
        public void trace(String line) {
            trace.add(line);
        }

        /** The result. */
        public CaseResult build() {
            Verdict verdict =
                    !failures.isEmpty() ? Verdict.FAILED : skipped.isEmpty() ? Verdict.PASSED : Verdict.SKIPPED;
            return new CaseResult(
                    id,
                    quirk,
                    verdict,
                    List.copyOf(failures),
                    List.copyOf(staleSteps),
                    quirkAgrees,
                    List.copyOf(quirkDiffers),
                    List.copyOf(unsure),
                    skipped,
                    List.copyOf(trace));
        }
    }
}

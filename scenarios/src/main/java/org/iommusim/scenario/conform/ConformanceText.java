package org.iommusim.scenario.conform;

import java.util.function.Consumer;

/** Results of vectors as lines of text. */
final class ConformanceText {
    private ConformanceText() {}

    /** One line for a case that failed or that differs from the check model; with {@code verbose} for every case. */
    static void lines(CaseResult result, boolean verbose, Consumer<String> out) {
        switch (result.verdict()) {
            case FAILED -> {
                int more = result.failures().size() - 1;
                out.accept("failed " + result.id() + ": "
                        + result.failures().get(0).text() + (more == 0 ? "" : " [and " + more + " more]")
                        + (result.quirk().isEmpty() ? "" : " [recorded with a quirk: " + result.quirk() + "]"));
            }
            case SKIPPED -> {
                if (verbose) {
                    out.accept("skipped " + result.id() + ": " + result.skipped());
                }
            }
            case PASSED -> {
                if (verbose) {
                    String steps = result.staleSteps().isEmpty() ? "" : ": steps " + result.staleSteps();
                    out.accept(result.described() + " " + result.id() + steps);
                }
            }
        }
        if (!result.quirkDiffers().isEmpty()) {
            int more = result.quirkDiffers().size() - 1;
            out.accept("quirk: differs " + result.id() + ": "
                    + result.quirkDiffers().get(0).text() + (more == 0 ? "" : " [and " + more + " more]"));
        } else if (verbose && result.judgedApart()) {
            out.accept("quirk: agrees " + result.id());
        }
        result.unsure().forEach(mismatch -> out.accept("unsure " + result.id() + ": " + mismatch.text()));
        result.trace().forEach(line -> out.accept("  " + line));
        if (verbose && result.failures().size() > 1) {
            result.failures().forEach(mismatch -> out.accept("  failed " + mismatch.text()));
        }
    }

    /** The totals; the last line is what scripts look at. */
    static void totals(ConformanceReport report, Consumer<String> out) {
        ConformanceReport.Totals all = report.totals();
        if (all.stale() > 0) {
            out.accept("passed (legally stale): " + all.stale());
        }
        if (all.quirkAgrees() + all.quirkDiffers() > 0) {
            out.accept("quirk: agrees " + all.quirkAgrees() + ", quirk: differs " + all.quirkDiffers());
        }
        out.accept(all.passed() + " passed, " + all.failed() + " failed, " + all.skipped() + " skipped");
    }
}

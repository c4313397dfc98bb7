package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.iommusim.scenario.json.JsonOutput;

/** What became of all cases of all files. */
public final class ConformanceReport {
    private final List<OfFile> files = new ArrayList<>();

    private long operations;

    private record OfFile(String name, List<CaseResult> results) {}

    /**
     * Counts of cases. A case with steps that are compared with the check model is counted by its other steps in the first
     * three, and by those in the last two.
     *
     * @param passed nothing that counts differs
     * @param failed something does
     * @param skipped cannot be run yet
     * @param stale passed, with a result that may legally be cached
     * @param quirkAgrees every step that is compared with the check model agrees with it
     * @param quirkDiffers one does not
     */
    public record Totals(int passed, int failed, int skipped, int stale, int quirkAgrees, int quirkDiffers) {}

    ConformanceReport() {}

    void begin(String file) {
        files.add(new OfFile(file, new ArrayList<>()));
    }

    void add(CaseResult result) {
        files.get(files.size() - 1).results().add(result);
    }

    void operations(int more) {
        operations += more;
    }

    /** How many operations all cases have; those behind one that differs are not carried out. */
    public long operations() {
        return operations;
    }

    /** True if no case failed. */
    public boolean passed() {
        return totals().failed() == 0;
    }

    /** Counts over all files. */
    public Totals totals() {
        return totals(files.stream().flatMap(file -> file.results().stream()));
    }

    private static Totals totals(Stream<CaseResult> results) {
        int[] count = new int[6];
        results.forEach(result -> {
            count[result.verdict().ordinal()]++;
            count[3] += result.verdict() == CaseResult.Verdict.PASSED
                            && !result.staleSteps().isEmpty()
                    ? 1
                    : 0;
            if (result.judgedApart()) {
                count[result.quirkDiffers().isEmpty() ? 4 : 5]++;
            }
        });
        return new Totals(count[0], count[1], count[2], count[3], count[4], count[5]);
    }

    /** The report as a JSON document. */
    public String json() {
        JsonOutput json = new JsonOutput();
        json.object(() -> {
            totals(json, totals());
            json.array(
                    "files",
                    () -> files.forEach(file -> json.object(() -> {
                        json.put("file", file.name());
                        totals(json, totals(file.results().stream()));
                        json.array(
                                "cases",
                                () -> file.results().forEach(result -> json.object(() -> result(json, result))));
                    })));
        });
        return json.text();
    }

    private static void totals(JsonOutput json, Totals totals) {
        json.put("passed", totals.passed());
        json.put("failed", totals.failed());
        json.put("skipped", totals.skipped());
        json.put("legally_stale", totals.stale());
        json.put("quirk_agrees", totals.quirkAgrees());
        json.put("quirk_differs", totals.quirkDiffers());
    }

    private static void result(JsonOutput json, CaseResult result) {
        json.put("id", result.id());
        json.put("result", result.described());
        json.put("skipped", result.skipped().isEmpty() ? null : result.skipped());
        json.put("recorded_quirk", result.quirk().isEmpty() ? null : result.quirk());
        if (result.judgedApart()) {
            json.put("quirk", result.quirkDiffers().isEmpty() ? "agrees" : "differs");
        }
        mismatches(json, "failures", result.failures());
        mismatches(json, "quirk_differences", result.quirkDiffers());
        mismatches(json, "unsure", result.unsure());
        if (!result.staleSteps().isEmpty()) {
            json.array("stale_steps", () -> result.staleSteps().forEach(step -> json.add((long) step)));
        }
        if (!result.trace().isEmpty()) {
            json.array("trace", () -> result.trace().forEach(json::add));
        }
    }

    private static void mismatches(JsonOutput json, String name, List<Mismatch> mismatches) {
        if (mismatches.isEmpty()) {
            return;
        }
        json.array(
                name,
                () -> mismatches.forEach(mismatch -> json.object(() -> {
                    json.put("step", mismatch.step());
                    json.put("verb", mismatch.verb());
                    json.put("field", mismatch.field());
                    json.put("expected", mismatch.expected());
                    json.put("actual", mismatch.actual());
                    json.put("detail", mismatch.detail().isEmpty() ? null : mismatch.detail());
                })));
    }
}

package org.iommusim.scenario.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.scenario.check.CheckCase;
import org.iommusim.scenario.check.CheckVerdict;
import org.iommusim.scenario.check.CheckVerdict.Status;

/** What became of a suite: runs and replays, kernels against scenarios, kernels with known bugs, and what failed. */
public final class CheckText {
    private final List<CheckVerdict> verdicts;
    private final Paint paint;
    private final StringBuilder out = new StringBuilder();

    private CheckText(List<CheckVerdict> verdicts, Paint paint) {
        this.verdicts = verdicts;
        this.paint = paint;
    }

    /**
     * The whole report; its last line counts.
     *
     * @param kernels names of all kernels, in the order of columns
     */
    public static String of(List<CheckVerdict> verdicts, List<String> kernels, Paint paint) {
        return new CheckText(verdicts, paint).text(kernels);
    }

    private String text(List<String> kernels) {
        runs();
        matrix(kernels);
        patched();
        failures();
        out.append(count(Status.PASSED))
                .append(" passed, ")
                .append(count(Status.FAILED))
                .append(" failed, ")
                .append(count(Status.SKIPPED))
                .append(" skipped\n");
        return out.toString();
    }

    private long count(Status status) {
        return verdicts.stream().filter(verdict -> verdict.status() == status).count();
    }

    private void title(String title) {
        out.append(paint.bold(title)).append('\n');
    }

    private void runs() {
        List<CheckVerdict> runs = verdicts.stream()
                .filter(verdict -> !(verdict.of() instanceof CheckCase.Explore))
                .toList();
        if (runs.isEmpty()) {
            return;
        }
        title("Runs and replays");
        Table table = new Table(paint, "scenario", "", "");
        runs.forEach(verdict -> table.row(verdict.of().scenario(), verdict.of().title(), cell(verdict)));
        table.print(out);
        out.append('\n');
    }

    /** Kernels as they are: a row for each scenario, a column for each kernel. */
    private void matrix(List<String> kernels) {
        Map<String, Map<String, CheckVerdict>> rows = new LinkedHashMap<>();
        for (CheckVerdict verdict : verdicts) {
            if (verdict.of() instanceof CheckCase.Explore explore && asItIs(explore)) {
                rows.computeIfAbsent(explore.scenario(), key -> new LinkedHashMap<>())
                        .put(explore.outcome().kernel(), verdict);
            }
        }
        List<String> columns = kernels.stream()
                .filter(kernel -> rows.values().stream().anyMatch(row -> row.containsKey(kernel)))
                .toList();
        if (columns.isEmpty()) {
            return;
        }
        title("Kernels");
        List<String> titles = new ArrayList<>(List.of("scenario"));
        titles.addAll(columns);
        Table table = new Table(paint, titles.toArray(new String[0]));
        rows.forEach((scenario, row) -> {
            String[] cells = new String[titles.size()];
            Arrays.fill(cells, "");
            cells[0] = scenario;
            for (int i = 0; i < columns.size(); i++) {
                CheckVerdict verdict = row.get(columns.get(i));
                cells[i + 1] = verdict == null ? "" : cell(verdict);
            }
            table.row(cells);
        });
        table.print(out);
        out.append('\n');
    }

    private static boolean asItIs(CheckCase.Explore explore) {
        return explore.outcome().patches().isEmpty() && !explore.outcome().strict();
    }

    private void patched() {
        List<CheckVerdict> patched = verdicts.stream()
                .filter(verdict -> verdict.of() instanceof CheckCase.Explore explore && !asItIs(explore))
                .toList();
        if (patched.isEmpty()) {
            return;
        }
        title("Kernels with known bugs, and kernels of which nothing is accepted");
        Table table = new Table(paint, "scenario", "kernel and patches", "found");
        patched.forEach(
                verdict -> table.row(verdict.of().scenario(), verdict.of().title(), cell(verdict)));
        table.print(out);
        out.append('\n');
    }

    private static String cell(CheckVerdict verdict) {
        String accepted =
                verdict.accepted().isEmpty() ? "" : " (accepted: " + String.join(", ", verdict.accepted()) + ")";
        return verdict.found() + accepted + (verdict.status() == Status.FAILED ? " !" : "");
    }

    private void failures() {
        for (CheckVerdict verdict : verdicts) {
            if (verdict.status() != Status.PASSED) {
                String word = verdict.status() == Status.FAILED ? paint.bad("failed") : paint.dim("skipped");
                out.append(word)
                        .append(' ')
                        .append(verdict.of().file())
                        .append(": ")
                        .append(verdict.of().title())
                        .append(": ")
                        .append(verdict.message())
                        .append('\n');
            }
        }
    }
}

package org.iommusim.scenario.report;

import java.util.List;
import java.util.Locale;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.run.FailNthCampaign.Injection;

/** What a scenario did when each step that can fail was made to fail. */
public final class FailNthReport {
    private FailNthReport() {}

    /** A line for each run, what checks reported below it, and the totals. */
    public static String text(List<Injection> runs, Paint paint) {
        StringBuilder text = new StringBuilder();
        for (Injection run : runs) {
            text.append(line(run, paint)).append('\n');
            run.violations()
                    .forEach(v -> text.append("      ")
                            .append(v.checker())
                            .append(": ")
                            .append(v.message())
                            .append('\n'));
        }
        long dirty = runs.stream().filter(run -> !run.clean()).count();
        return text.append(runs.size())
                .append(" steps were made to fail, ")
                .append(dirty)
                .append(" with a violation\n")
                .toString();
    }

    private static String line(Injection run, Paint paint) {
        String verdict = run.clean() ? paint.good("clean") : paint.bad("VIOLATION");
        String answer = run.answer().isEmpty() ? "every step answered as expected" : "first " + run.answer();
        return String.format(Locale.ROOT, "%4d  %s  %s; %s", run.n(), verdict, run.where(), answer)
                + (run.limit().isEmpty() ? "" : "; ended: " + run.limit());
    }

    /** The same as a JSON document. */
    public static String json(String scenario, List<Injection> runs) {
        JsonOutput json = new JsonOutput();
        json.object(() -> {
            json.put("scenario", scenario);
            json.put("injected", runs.size());
            json.put(
                    "with_violations", runs.stream().filter(run -> !run.clean()).count());
            json.array("runs", () -> runs.forEach(run -> json.object(() -> run(json, run))));
        });
        return json.text();
    }

    private static void run(JsonOutput json, Injection run) {
        json.put("n", run.n());
        json.put("where", run.where());
        json.put("answer", run.answer().isEmpty() ? null : run.answer());
        json.put("limit", run.limit().isEmpty() ? null : run.limit());
        json.array(
                "violations",
                () -> run.violations()
                        .forEach(v -> json.object(() -> {
                            json.put("checker", v.checker());
                            json.put("message", v.message());
                        })));
    }
}

package org.iommusim.scenario.report;

import java.util.List;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.iommusim.scenario.run.RunResult.Verdict;
import org.iommusim.scenario.sweep.Axis;
import org.iommusim.scenario.sweep.SweepPoint;

/** What a sweep found: a table for people, and rows for other programs. */
public final class SweepFiles {
    private final List<Axis> axes;
    private final StringBuilder csv = new StringBuilder();
    private final Table table;
    private int failed;

    /** Starts without points. */
    public SweepFiles(List<Axis> axes, Paint paint) {
        this.axes = List.copyOf(axes);
        int column = 0;
        String[] titles = new String[axes.size() + 7];
        for (Axis axis : axes) {
            titles[column++] = shortName(axis.pointer()) + ">";
            csv.append(quoted(axis.pointer())).append(',');
        }
        for (String title :
                new String[] {"traffic", "requests>", "mean>", "p50>", "p99>", "requests/s>", "expectations"}) {
            titles[column++] = title;
        }
        table = new Table(paint, titles);
        csv.append("passed,end_ps,digest,").append(LatencyFiles.TITLES).append('\n');
    }

    /** Takes the next point. */
    public void add(SweepPoint point, RunResult result) {
        failed += result.passed() ? 0 : 1;
        StringBuilder head = new StringBuilder();
        point.values().forEach(value -> head.append(quoted(value)).append(','));
        head.append(result.passed())
                .append(',')
                .append(result.endPs())
                .append(',')
                .append(result.digest())
                .append(',');
        LatencyFiles.rows(result).forEach(row -> csv.append(head).append(row).append('\n'));
        result.traffics().forEach(traffic -> table.row(cells(point, result, traffic)));
        if (result.traffics().isEmpty()) {
            table.row(cells(point, result, result.total()));
        }
    }

    private String[] cells(SweepPoint point, RunResult result, TrafficResult traffic) {
        String[] cells = point.values().toArray(new String[axes.size() + 7]);
        int column = axes.size();
        Latency l = traffic.latency();
        boolean none = l.count() == 0;
        cells[column++] = traffic.id();
        cells[column++] = Figures.grouped(traffic.answered());
        for (long ps : new long[] {l.mean(), l.p50(), l.p99()}) {
            cells[column++] = none ? "-" : Figures.time(ps);
        }
        cells[column++] = Figures.grouped(traffic.rate().perSecond());
        long broken =
                result.verdicts().stream().filter(verdict -> !verdict.holds()).count();
        cells[column] = broken == 0
                ? "hold"
                : broken + " failed: "
                        + result.verdicts().stream()
                                .filter(verdict -> !verdict.holds())
                                .map(Verdict::expected)
                                .findFirst()
                                .orElse("");
        return cells;
    }

    /** One row for each class of each traffic's requests of each point, as in {@code latency.csv}. */
    public String csv() {
        return csv.toString();
    }

    /** The table: one line for each traffic of each point. */
    public String text() {
        StringBuilder out = new StringBuilder();
        table.print(out);
        return out.toString();
    }

    /** True if every expectation of every point holds. */
    public boolean passed() {
        return failed == 0;
    }

    /** The last name of a pointer: the whole of it is in the rows. */
    private static String shortName(String pointer) {
        int last = pointer.lastIndexOf('/');
        return pointer.substring(last + 1);
    }

    private static String quoted(String cell) {
        return cell.matches("[^\",\\p{Cntrl}]*") ? cell : "\"" + cell.replace("\"", "\"\"") + "\"";
    }
}

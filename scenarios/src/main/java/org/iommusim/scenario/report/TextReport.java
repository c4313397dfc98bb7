package org.iommusim.scenario.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.StatisticValue;
import org.iommusim.scenario.run.RunResult.TrafficResult;

/** A result as text for a terminal. The last line is the digest. */
public final class TextReport {
    private static final int BAR = 28;

    private final RunResult result;
    private final Paint paint;
    private final StringBuilder out = new StringBuilder();

    private TextReport(RunResult result, Paint paint) {
        this.result = result;
        this.paint = paint;
    }

    /** The whole report. */
    public static String of(RunResult result, Paint paint) {
        return new TextReport(result, paint).text();
    }

    private String text() {
        header();
        title("Timeline");
        new TimelineText(paint, out).print(result.timeline());
        if (result.eventsNotShown() > 0) {
            out.append("  ... and ")
                    .append(Figures.grouped(result.eventsNotShown()))
                    .append(" more events\n");
        }
        objects();
        dma();
        statistics();
        ending();
        verdicts();
        out.append('\n').append("digest sha256:").append(result.digest()).append('\n');
        return out.toString();
    }

    private void header() {
        Scenario scenario = result.scenario();
        out.append(paint.bold(scenario.name()))
                .append("  ")
                .append(scenario.description())
                .append('\n');
        out.append("kernel ").append(scenario.kernel()).append("  seed ").append(scenario.seed());
        for (Topology.Iommu iommu : scenario.topology().iommus()) {
            out.append("  ").append(describe(iommu));
        }
        out.append("  host costs uncalibrated\n");
    }

    static String describe(Topology.Iommu iommu) {
        String preset = iommu.config().preset();
        int overrides = iommu.config().overrides().size();
        return iommu.config().name() + " " + iommu.kind() + (preset.isEmpty() ? "" : "/" + preset)
                + (overrides == 0 ? "" : " (+" + overrides + " parameters)");
    }

    private void title(String title) {
        out.append('\n').append(paint.bold(title)).append('\n');
    }

    private void objects() {
        if (result.objectChanges().isEmpty()) {
            return;
        }
        title("Objects at the end");
        if (result.objects().isEmpty()) {
            out.append("  none\n");
            return;
        }
        Table table = new Table(paint, "context", "id>", "type", "state", "hangs on");
        result.objects()
                .forEach(o -> table.row(o.context(), Integer.toString(o.id()), o.type(), o.state(), o.detail()));
        table.print(out);
    }

    private void dma() {
        List<TrafficResult> there =
                result.traffics().stream().filter(t -> t.answered() > 0).toList();
        if (there.isEmpty()) {
            return;
        }
        title("DMA");
        Table table = new Table(
                paint, "traffic", "device", "requests>", "outcomes", "mean>", "p50>", "p90>", "p99>", "p99.9>", "max>");
        List<TrafficResult> rows = new ArrayList<>(there);
        if (there.size() > 1) {
            rows.add(result.total());
        }
        for (TrafficResult t : rows) {
            String outcomes = t.outcomes().entrySet().stream()
                    .map(e -> e.getKey() + " " + Figures.grouped(e.getValue()))
                    .collect(Collectors.joining(", "));
            Latency l = t.latency();
            table.row(
                    t.id(),
                    t.device(),
                    Figures.grouped(t.answered()),
                    outcomes,
                    time(l, l.mean()),
                    time(l, l.p50()),
                    time(l, l.p90()),
                    time(l, l.p99()),
                    time(l, l.p999()),
                    time(l, l.max()));
        }
        table.print(out);
        there.stream().filter(t -> t.latency().count() > 0).forEach(this::breakdown);
        if (SideBySide.hasAny(result)) {
            title("Side by side: where the time of an average request goes (ns)");
            SideBySide.print(result, paint, out);
        }
    }

    private static String time(Latency latency, long ps) {
        return latency.count() == 0 ? "-" : Figures.time(ps);
    }

    private void breakdown(TrafficResult traffic) {
        title("Where the time of " + traffic.id() + " goes (ns)");
        long mean = traffic.latency().mean();
        long most = traffic.stations().stream().mapToLong(s -> s.mean()).max().orElse(1);
        Table table = new Table(paint, "station", "mean>", "share>", "p50>", "p99>", "max>", "");
        for (RunResult.StationShare s : traffic.stations()) {
            table.row(
                    s.station().label(),
                    Figures.nanoseconds(s.mean()),
                    Figures.percent(s.mean(), mean),
                    Figures.nanoseconds(s.p50()),
                    Figures.nanoseconds(s.p99()),
                    Figures.nanoseconds(s.max()),
                    Figures.bar(s.mean(), most, BAR));
        }
        Latency l = traffic.latency();
        table.row(
                "latency",
                Figures.nanoseconds(mean),
                "100.0 %",
                Figures.nanoseconds(l.p50()),
                Figures.nanoseconds(l.p99()),
                Figures.nanoseconds(l.max()),
                "");
        table.print(out);
        List<String> classes = new ArrayList<>();
        for (RunResult.RequestClass c :
                traffic.classes().subList(1, traffic.classes().size())) {
            if (c.latency().count() > 0) {
                classes.add(c.name() + " " + Figures.grouped(c.latency().count()) + " ("
                        + Figures.percent(c.latency().count(), l.count()) + ", mean "
                        + Figures.time(c.latency().mean()) + ")");
            }
        }
        out.append("  translation caches: ").append(String.join(", ", classes)).append('\n');
        long rate = traffic.rate().perSecond();
        if (rate != 0) {
            out.append("  rate: ").append(Figures.grouped(rate)).append(" requests/s\n");
        }
    }

    private void statistics() {
        List<StatisticValue> counted =
                result.statistics().stream().filter(s -> s.value() != 0).toList();
        if (counted.isEmpty()) {
            return;
        }
        title("Statistics");
        Map<String, Long> byName = new TreeMap<>();
        counted.forEach(s -> byName.put(s.name(), s.value()));
        Table table = new Table(paint, "counter", "value>", "unit", "");
        for (StatisticValue s : counted) {
            table.row(s.name(), Figures.grouped(s.value()), s.unit(), hitRate(s, byName));
        }
        table.print(out);
    }

    /** Hits have a counter of misses beside them: together they are a rate. */
    private static String hitRate(StatisticValue s, Map<String, Long> byName) {
        if (!s.name().endsWith("hits")) {
            return "";
        }
        String stem = s.name().substring(0, s.name().length() - "hits".length());
        long misses = byName.getOrDefault(stem + "misses", 0L);
        return Figures.percent(s.value(), s.value() + misses) + " of " + Figures.grouped(s.value() + misses);
    }

    private void ending() {
        title("End");
        out.append("  ").append(Figures.time(result.endPs())).append(" simulated, ");
        out.append(Figures.grouped(result.events())).append(" events");
        out.append(result.limit().isEmpty() ? "\n" : paint.bad(", ended early: " + result.limit()) + "\n");
        result.unfinished()
                .forEach(u -> out.append("  ")
                        .append(paint.bad("stuck"))
                        .append(' ')
                        .append(u.actor())
                        .append(": ")
                        .append(u.position())
                        .append('\n'));
        result.violations()
                .forEach(v -> out.append("  ")
                        .append(paint.bad("violation"))
                        .append(' ')
                        .append(v.checker())
                        .append(" at ")
                        .append(Figures.time(v.timePs()))
                        .append(": ")
                        .append(v.message())
                        .append('\n'));
        result.accepted()
                .forEach(a -> out.append("  accepted ")
                        .append(a.id())
                        .append(": ")
                        .append(a.finding().checker())
                        .append(" at ")
                        .append(Figures.time(a.finding().timePs()))
                        .append(": ")
                        .append(a.finding().message())
                        .append('\n'));
    }

    private void verdicts() {
        title("Expectations");
        for (RunResult.Verdict v : result.verdicts()) {
            out.append("  ")
                    .append(v.holds() ? paint.good("pass") : paint.bad("FAIL"))
                    .append("  ")
                    .append(v.expected());
            if (!v.holds()) {
                out.append(", found ").append(v.found());
                out.append(v.pointer().isEmpty() ? "" : "  (" + v.pointer() + ")");
            }
            out.append(v.comment().isEmpty() ? "" : paint.dim("  # " + v.comment()))
                    .append('\n');
        }
    }
}

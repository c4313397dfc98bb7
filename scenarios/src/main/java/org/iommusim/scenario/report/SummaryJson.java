package org.iommusim.scenario.report;

import java.util.List;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.driver.Errno;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.iommusim.scenario.run.TimelineEntry;

/** A result as one JSON document: {@code --format json}, and {@code summary.json}. All times are ps. */
public final class SummaryJson {
    /** Changes when readers of older files must be told. */
    public static final int FORMAT = 1;

    private final RunResult result;
    private final JsonOutput json = new JsonOutput();

    private SummaryJson(RunResult result) {
        this.result = result;
    }

    /** The document. */
    public static String of(RunResult result) {
        return new SummaryJson(result).text();
    }

    private String text() {
        return json.object(() -> {
                    scenario();
                    json.put("end_ps", result.endPs()).put("events", result.events());
                    json.put("passed", result.passed());
                    json.put("ended_early", result.limit().isEmpty() ? null : result.limit());
                    json.array("expectations", () -> result.verdicts().forEach(this::verdict));
                    json.array("timeline", () -> result.timeline().forEach(this::entry));
                    json.put("events_not_shown", result.eventsNotShown());
                    json.array("object_changes", () -> result.objectChanges().forEach(this::objectChange));
                    json.array("objects", () -> result.objects().forEach(this::objectState));
                    json.array("traffic", () -> result.traffics().forEach(t -> json.object(() -> traffic(t))));
                    json.object("total", () -> traffic(result.total()));
                    json.array("statistics", this::statistics);
                    json.array("violations", this::violations);
                    json.array("accepted", this::accepted);
                    json.array("stuck", this::stuck);
                    json.put("digest", "sha256:" + result.digest());
                })
                .text();
    }

    private void scenario() {
        Scenario scenario = result.scenario();
        json.put("format", FORMAT);
        json.put("scenario", scenario.name()).put("description", scenario.description());
        json.put("kernel", scenario.kernel()).put("seed", Long.toUnsignedString(scenario.seed()));
        json.array("iommus", () -> {
            for (Topology.Iommu iommu : scenario.topology().iommus()) {
                json.object(() -> json.put("id", iommu.config().name())
                        .put("kind", iommu.kind())
                        .put("preset", iommu.config().preset())
                        .object("parameters", () -> iommu.config().overrides().forEach(json::put)));
            }
        });
        json.array(
                "actors",
                () -> scenario.actors()
                        .forEach(a -> json.object(() -> json.put("id", a.id())
                                .put("kind", a.kind().word())
                                .put("steps", a.script().size()))));
        json.array("stations", () -> {
            for (Station station : Station.values()) {
                json.object(() -> json.put("id", station.label()).put("meaning", station.meaning()));
            }
        });
    }

    private void verdict(RunResult.Verdict v) {
        json.object(() -> json.put("expected", v.expected())
                .put("found", v.found())
                .put("holds", v.holds())
                .put("pointer", v.pointer())
                .put("comment", v.comment().isEmpty() ? null : v.comment()));
    }

    private void entry(TimelineEntry entry) {
        json.object(() -> {
            json.put("time_ps", entry.timePs()).put("lane", entry.lane());
            if (entry instanceof TimelineEntry.Step s) {
                json.put("kind", "step")
                        .put("index", s.index())
                        .put("do", s.verb())
                        .put("text", s.text());
                if (s.endPs() >= 0) {
                    json.put("end_ps", s.endPs()).put("errno", Errno.name(s.errno()));
                    json.put("expected", s.expected());
                }
                json.put("as_expected", s.asExpected());
                json.object("outputs", () -> s.outputs().forEach(json::put));
                json.put("comment", s.comment().isEmpty() ? null : s.comment());
                json.array("changes", () -> s.changes().forEach(c -> json.object(() -> change(c))));
            } else if (entry instanceof TimelineEntry.Change c) {
                json.put("kind", "change");
                change(c);
            } else if (entry instanceof TimelineEntry.Event e) {
                json.put("kind", "event").put("text", e.text());
            }
        });
    }

    private void change(TimelineEntry.Change c) {
        json.put("subject", c.subject())
                .put("change", c.change())
                .put("detail", c.detail())
                .put("at_ps", c.timePs());
    }

    private void objectChange(RunResult.ObjectChange c) {
        json.object(() -> json.put("time_ps", c.timePs())
                .put("context", c.context())
                .put("type", c.type())
                .put("id", c.id())
                .put("change", c.change())
                .put("detail", c.detail()));
    }

    private void objectState(RunResult.ObjectState o) {
        json.object(() -> json.put("context", o.context())
                .put("type", o.type())
                .put("id", o.id())
                .put("state", o.state())
                .put("detail", o.detail()));
    }

    private void traffic(TrafficResult t) {
        json.put("id", t.id()).put("device", t.device()).put("requests", t.answered());
        json.put("requests_per_s", t.rate().perSecond());
        json.object("outcomes", () -> t.outcomes().forEach(json::put));
        json.array(
                "classes",
                () -> t.classes()
                        .forEach(c -> json.object(() -> {
                            json.put("name", c.name());
                            latency(c.latency());
                        })));
        json.array(
                "stations",
                () -> t.stations()
                        .forEach(s ->
                                json.object(() -> json.put("id", s.station().label())
                                        .put("mean_ps", s.mean())
                                        .put("p50_ps", s.p50())
                                        .put("p99_ps", s.p99())
                                        .put("max_ps", s.max()))));
        json.object("curve", () -> {
            json.numbers(
                    "one_in_hundredths",
                    t.curve().stream().map(RunResult.CurvePoint::oneIn).toList());
            json.numbers("ps", t.curve().stream().map(RunResult.CurvePoint::ps).toList());
        });
        json.object(
                "activity",
                () -> json.put("from_ps", t.activity().fromPs())
                        .put("width_ps", t.activity().widthPs())
                        .numbers("counts", t.activity().counts()));
    }

    private void latency(Latency l) {
        json.put("count", l.count())
                .put("mean_ps", l.mean())
                .put("p50_ps", l.p50())
                .put("p90_ps", l.p90());
        json.put("p99_ps", l.p99())
                .put("p99_9_ps", l.p999())
                .put("min_ps", l.min())
                .put("max_ps", l.max());
    }

    private void statistics() {
        List<RunResult.StatisticValue> all = result.statistics();
        all.forEach(s -> json.object(() -> json.put("name", s.name())
                .put("value", s.value())
                .put("unit", s.unit())
                .put("description", s.description())));
    }

    private void violations() {
        result.violations()
                .forEach(v -> json.object(() -> json.put("time_ps", v.timePs())
                        .put("check", v.checker())
                        .put("message", v.message())));
    }

    private void accepted() {
        result.accepted()
                .forEach(a -> json.object(() -> json.put("id", a.id())
                        .put("time_ps", a.finding().timePs())
                        .put("check", a.finding().checker())
                        .put("message", a.finding().message())));
    }

    private void stuck() {
        result.unfinished()
                .forEach(u -> json.object(() -> json.put("actor", u.actor()).put("position", u.position())));
    }
}

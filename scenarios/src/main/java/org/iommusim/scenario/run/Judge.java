package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.iommufd.actor.Actor;
import org.iommusim.iommufd.actor.Machine;
import org.iommusim.scenario.language.Expectation;
import org.iommusim.scenario.language.Expectation.Range;
import org.iommusim.scenario.run.RunResult.ObjectState;
import org.iommusim.scenario.run.RunResult.Verdict;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.LatencyHistogram;
import org.iommusim.sim.time.Picoseconds;

/** Holds the end of a run against what must hold. */
final class Judge {
    private final Machine machine;
    private final RunCollector collector;
    private final List<Verdict> verdicts = new ArrayList<>();

    Judge(Machine machine, RunCollector collector) {
        this.machine = machine;
        this.collector = collector;
    }

    List<Verdict> judge(List<Expectation> expectations) {
        long unexpected = collector.unexpected();
        String found = unexpected == 0 ? "all do" : unexpected + " do not";
        verdicts.add(new Verdict("", "every step answers as its script says", found, unexpected == 0, ""));
        if (expectations.stream().noneMatch(Expectation.Violations.class::isInstance)) {
            count("", "", "violations", violations(), 0);
        }
        if (expectations.stream().noneMatch(Expectation.Stuck.class::isInstance)) {
            count("", "", "stuck actors", stuck(), 0);
        }
        expectations.forEach(this::judge);
        return verdicts;
    }

    private void judge(Expectation expectation) {
        if (expectation instanceof Expectation.Violations e) {
            count(e.pointer(), e.comment(), "violations", violations(), e.count());
        } else if (expectation instanceof Expectation.Stuck e) {
            count(e.pointer(), e.comment(), "stuck actors", stuck(), e.count());
        } else if (expectation instanceof Expectation.Dma e) {
            dma(e);
        } else if (expectation instanceof Expectation.Latency e) {
            latency(e);
        } else if (expectation instanceof Expectation.Objects e) {
            objects(e);
        } else if (expectation instanceof Expectation.Counter e) {
            counter(e);
        }
    }

    private long violations() {
        return machine.simulation().violations().violations().size();
    }

    private long stuck() {
        return machine.unfinished().size();
    }

    private void count(String pointer, String comment, String what, long found, long expected) {
        verdicts.add(new Verdict(pointer, what + ": " + expected, Long.toString(found), found == expected, comment));
    }

    private void dma(Expectation.Dma e) {
        TrafficCollector traffic = collector.traffic(e.traffic());
        String whose = e.traffic().isEmpty() ? "DMA" : "DMA of " + e.traffic();
        if (!e.found().isEmpty()) {
            long there = traffic == null ? 0 : traffic.translations().found(e.found());
            measured(
                    e,
                    whose + " found by " + e.found() + " " + there + ": " + text(e.range(), false),
                    e.range(),
                    there);
            return;
        }
        long found = traffic == null ? 0 : traffic.count(e.outcome());
        String how = e.outcome().isEmpty()
                ? "answered"
                : DmaOutcome.valueOf(e.outcome()).name();
        verdicts.add(new Verdict(
                e.pointer(),
                whose + " " + how + ": " + text(e.range(), false),
                Long.toString(found),
                e.range().has(found),
                e.comment()));
    }

    private void latency(Expectation.Latency e) {
        TrafficCollector traffic = collector.traffic(e.traffic());
        String whose = e.traffic().isEmpty() ? "DMA" : e.traffic();
        String expected = whose + " latency " + e.percentile() + ": " + text(e.range(), true);
        if (traffic == null || traffic.latency().count() == 0) {
            verdicts.add(new Verdict(e.pointer(), expected, "no request was completed", false, e.comment()));
            return;
        }
        if (!e.of().equals("request")) {
            LatencyHistogram times = traffic.translations().times(e.of());
            long there = times.count() == 0 ? 0 : percentile(times, e.percentile());
            String measured = whose + " " + e.of() + " " + e.percentile() + " " + Picoseconds.text(there);
            measured(e, measured + ": " + text(e.range(), true), e.range(), there);
            return;
        }
        long found = percentile(traffic.latency(), e.percentile());
        verdicts.add(new Verdict(
                e.pointer(), expected, Picoseconds.text(found), e.range().has(found), e.comment()));
    }

    /** A verdict that shows what was found also if it holds: the comment says what it is to be compared with. */
    private void measured(Expectation e, String text, Range range, long found) {
        verdicts.add(new Verdict(e.pointer(), text, Long.toString(found), range.has(found), e.comment()));
    }

    private static long percentile(LatencyHistogram latency, String percentile) {
        return switch (percentile) {
            case "mean" -> latency.mean();
            case "max" -> latency.max();
            default -> latency.percentile(Double.parseDouble(percentile.substring(1)));
        };
    }

    private void objects(Expectation.Objects e) {
        long id = id(e.id());
        long found = collector.objects().objects().stream()
                .filter(o -> e.context().isEmpty() || o.context().equals(e.context()))
                .filter(o -> e.type().isEmpty() || o.type().equals(e.type()))
                .filter(o -> e.id().isEmpty() || o.id() == id)
                .filter(o -> e.state().equals("absent") || o.state().equals(e.state()))
                .count();
        String what = (e.context().isEmpty() ? "" : e.context() + " ")
                + (e.type().isEmpty() ? "objects" : e.type())
                + (e.id().isEmpty() ? "" : " " + e.id() + (e.id().startsWith("$") ? " (" + id + ")" : ""));
        boolean one = !e.id().isEmpty();
        String expected = e.state().equals("absent")
                ? what + " absent"
                : what + " " + e.state() + (one ? "" : ": " + text(e.range(), false));
        verdicts.add(new Verdict(
                e.pointer(),
                expected,
                one ? state(id, e.context()) : Long.toString(found),
                e.range().has(found),
                e.comment()));
    }

    private String state(long id, String context) {
        Optional<ObjectState> object = collector.objects().objects().stream()
                .filter(o -> o.id() == id && (context.isEmpty() || o.context().equals(context)))
                .findFirst();
        return object.map(o -> o.type() + " " + o.state()).orElse("absent");
    }

    private long id(String of) {
        if (!of.startsWith("$")) {
            return of.isEmpty() ? -1 : Long.parseLong(of);
        }
        int dot = of.indexOf('.');
        Actor actor = machine.actor(of.substring(1, dot));
        Long bound = actor == null ? null : actor.binding(of.substring(dot + 1));
        return bound == null ? -1 : bound;
    }

    private void counter(Expectation.Counter e) {
        String expected = e.name() + ": " + text(e.range(), false);
        boolean there = machine.simulation().statistics().find(e.name()).orElse(null) instanceof Counter;
        if (!there) {
            verdicts.add(new Verdict(e.pointer(), expected, "there is no such counter", false, e.comment()));
            return;
        }
        Counter counter =
                (Counter) machine.simulation().statistics().find(e.name()).orElseThrow();
        verdicts.add(new Verdict(
                e.pointer(), expected, Long.toString(counter.value()), e.range().has(counter.value()), e.comment()));
    }

    private static String text(Range range, boolean time) {
        if (range.min() == range.max()) {
            return text(range.min(), time);
        }
        String least = range.min() == 0 ? "" : "at least " + text(range.min(), time);
        String most = range.max() == Long.MAX_VALUE ? "" : "at most " + text(range.max(), time);
        return least.isEmpty() || most.isEmpty() ? least + most : least + ", " + most;
    }

    private static String text(long value, boolean time) {
        return time ? Picoseconds.text(value) : Long.toString(value);
    }
}

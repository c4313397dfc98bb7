package org.iommusim.scenario.run;

import java.util.List;
import java.util.SortedMap;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.check.Accepted;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.stats.LatencyHistogram;

/**
 * All that a run showed.
 *
 * @param scenario what was run, seed and kernel as they were
 * @param endPs simulated time of the last event, ps
 * @param events how many events were run
 * @param timeline steps, changes outside of steps, and events, in the order of time
 * @param eventsNotShown events beyond the number that is kept
 * @param objectChanges every change of an object, in the order of time
 * @param objects what is left at the end
 * @param traffics one for each traffic of the scenario
 * @param total all traffics together
 * @param statistics counters in the order of registration
 * @param violations what checks reported
 * @param accepted what they reported that this kernel is known and accepted to do wrong
 * @param unfinished actors that did not come to the end of their scripts
 * @param limit why the run was ended before its last event; empty: it was not
 * @param verdicts expectations
 * @param digest of everything observable
 */
public record RunResult(
        Scenario scenario,
        long endPs,
        long events,
        List<TimelineEntry> timeline,
        long eventsNotShown,
        List<ObjectChange> objectChanges,
        List<ObjectState> objects,
        List<TrafficResult> traffics,
        TrafficResult total,
        List<StatisticValue> statistics,
        List<Violation> violations,
        List<Accepted> accepted,
        List<Unfinished> unfinished,
        String limit,
        List<Verdict> verdicts,
        String digest) {
    /** True if every expectation holds. */
    public boolean passed() {
        return verdicts.stream().allMatch(Verdict::holds);
    }

    /**
     * A change of an object.
     *
     * @param context which /dev/iommu file
     */
    public record ObjectChange(long timePs, String context, String type, int id, String change, String detail) {}

    /**
     * An object at the end.
     *
     * @param state {@code live}, {@code reserved} or {@code tombstone}
     */
    public record ObjectState(String context, String type, int id, String state, String detail) {}

    /**
     * What one traffic's requests went through.
     *
     * @param id the traffic; {@code all}: all together
     * @param device its device
     * @param outcomes how many requests ended in which way
     * @param histogram latencies of requests that moved data
     * @param classes of requests that moved data: {@code all}, {@code hit}, {@code miss}
     * @param stations where the time of requests that moved data went; only stations where any time was spent
     * @param curve latency over percentile
     * @param activity how many requests were answered when
     * @param rate how fast they were answered
     */
    public record TrafficResult(
            String id,
            String device,
            SortedMap<String, Long> outcomes,
            LatencyHistogram histogram,
            List<RequestClass> classes,
            List<StationShare> stations,
            List<CurvePoint> curve,
            Activity.Buckets activity,
            Rate rate) {
        /** The latency of all requests that moved data. */
        public Latency latency() {
            return classes.get(0).latency();
        }

        /** How many requests were answered. */
        public long answered() {
            return outcomes.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * A class of requests that moved data.
     *
     * @param name {@code all}; {@code hit}: every translation was cached; {@code miss}: the others
     * @param latency from attempt to answer
     * @param stationMeans time that an average request spent at each station, ps, in the order of {@link Station}
     */
    public record RequestClass(String name, Latency latency, List<Long> stationMeans) {}

    /** A distribution in ps. */
    public record Latency(long count, long mean, long p50, long p90, long p99, long p999, long min, long max) {}

    /**
     * Time spent at a station by an average request, ps.
     *
     * @param mean over all requests, those that spent none included
     */
    public record StationShare(Station station, long mean, long p50, long p99, long max) {}

    /**
     * A point of a percentile curve.
     *
     * @param oneIn one in so many requests takes longer, in hundredths: 1/(1 - percentile)
     * @param ps their latency
     */
    public record CurvePoint(long oneIn, long ps) {}

    /** A counter. */
    public record StatisticValue(String name, String unit, long value, String description) {}

    /** An actor that did not finish. */
    public record Unfinished(String actor, String position) {}

    /**
     * An expectation.
     *
     * @param pointer where the file says so; empty: it holds for every run
     * @param expected in words
     * @param found in words
     */
    public record Verdict(String pointer, String expected, String found, boolean holds, String comment) {}
}

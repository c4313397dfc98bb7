package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.run.RunResult.CurvePoint;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.RequestClass;
import org.iommusim.scenario.run.RunResult.StationShare;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.iommusim.sim.stats.LatencyHistogram;
import org.jspecify.annotations.Nullable;

/** Counts one traffic's requests. In steady state nothing is allocated. */
final class TrafficCollector {
    private static final Station[] STATIONS = Station.values();
    private static final DmaOutcome[] OUTCOMES = DmaOutcome.values();
    /** Steps of a decade of 1/(1 - percentile), in hundredths. */
    private static final long[] CURVE_STEPS = {100, 125, 160, 200, 250, 320, 400, 500, 640, 800};

    private final String id;
    private final String device;
    private final long[] outcomes = new long[OUTCOMES.length];
    private final LatencyHistogram latency = new LatencyHistogram("all", "");
    private final LatencyHistogram hit = new LatencyHistogram("hit", "");
    private final LatencyHistogram miss = new LatencyHistogram("miss", "");
    private final long[] hitSums = new long[STATIONS.length];
    private final long[] missSums = new long[STATIONS.length];
    // A station gets its histogram when a request first spends time there.
    private final @Nullable LatencyHistogram[] stations = new LatencyHistogram[STATIONS.length];
    private final Activity activity = new Activity();
    private final Translations translations = new Translations();
    private final long warmUp;

    TrafficCollector(String id, String device) {
        this(id, device, 0);
    }

    /** Makes one whose latencies begin with the request of this number. */
    TrafficCollector(String id, String device, long warmUp) {
        this.id = id;
        this.device = device;
        this.warmUp = warmUp;
    }

    String id() {
        return id;
    }

    void add(DmaRequest request) {
        outcomes[request.outcome().ordinal()]++;
        activity.add(request.answeredAt());
        if (request.id() < warmUp) {
            return;
        }
        if (request.physicalAddress() != -1) {
            translations.add(request);
        }
        if (!request.outcome().completed()) {
            return;
        }
        long before = latency.count();
        latency.record(request.latency());
        boolean missed = request.misses() != 0;
        long[] sums = missed ? missSums : hitSums;
        (missed ? miss : hit).record(request.latency());
        for (Station station : STATIONS) {
            long ticks = request.ticks(station);
            sums[station.ordinal()] += ticks;
            LatencyHistogram histogram = stations[station.ordinal()];
            if (histogram == null && ticks != 0) {
                histogram = new LatencyHistogram("station", "");
                for (long i = 0; i < before; i++) {
                    histogram.record(0);
                }
                stations[station.ordinal()] = histogram;
            }
            if (histogram != null) {
                histogram.record(ticks);
            }
        }
    }

    /** Completed requests' latencies. */
    LatencyHistogram latency() {
        return latency;
    }

    /** Completed requests' times in the IOMMU, and where their translations came from. */
    Translations translations() {
        return translations;
    }

    /** How many requests ended so; all if empty. */
    long count(String outcome) {
        long count = 0;
        for (DmaOutcome each : OUTCOMES) {
            count += outcome.isEmpty() || each.name().equals(outcome) ? outcomes[each.ordinal()] : 0;
        }
        return count;
    }

    TrafficResult result() {
        SortedMap<String, Long> counts = new TreeMap<>();
        for (DmaOutcome outcome : OUTCOMES) {
            if (outcomes[outcome.ordinal()] != 0) {
                counts.put(outcome.name(), outcomes[outcome.ordinal()]);
            }
        }
        List<StationShare> shares = new ArrayList<>();
        for (Station station : STATIONS) {
            LatencyHistogram h = stations[station.ordinal()];
            if (h != null) {
                shares.add(new StationShare(station, h.mean(), h.p50(), h.p99(), h.max()));
            }
        }
        List<RequestClass> classes = List.of(all(), requestClass(hit, hitSums), requestClass(miss, missSums));
        return new TrafficResult(id, device, counts, latency, classes, shares, curve(), activity.buckets());
    }

    private RequestClass all() {
        long[] sums = new long[STATIONS.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = hitSums[i] + missSums[i];
        }
        return requestClass(latency, sums);
    }

    private static RequestClass requestClass(LatencyHistogram histogram, long[] sums) {
        long count = Math.max(1, histogram.count());
        List<Long> means = Arrays.stream(sums).map(sum -> sum / count).boxed().toList();
        return new RequestClass(histogram.name(), summary(histogram), means);
    }

    private static Latency summary(LatencyHistogram h) {
        return new Latency(h.count(), h.mean(), h.p50(), h.p90(), h.p99(), h.p999(), h.min(), h.max());
    }

    private List<CurvePoint> curve() {
        List<CurvePoint> points = new ArrayList<>();
        for (long decade = 1; decade <= latency.count(); decade *= 10) {
            for (long step : CURVE_STEPS) {
                long oneIn = decade * step;
                if (oneIn <= latency.count() * 100) {
                    points.add(new CurvePoint(oneIn, latency.percentile(100.0 - 10_000.0 / oneIn)));
                }
            }
        }
        if (!points.isEmpty()) {
            points.add(new CurvePoint(latency.count() * 100, latency.max()));
        }
        return points;
    }
}

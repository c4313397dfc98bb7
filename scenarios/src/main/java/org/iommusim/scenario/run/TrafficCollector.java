package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.run.RunResult.CurvePoint;
import org.iommusim.scenario.run.RunResult.StationShare;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.iommusim.sim.stats.LatencyHistogram;

/** Counts one traffic's requests. In steady state nothing is allocated. */
final class TrafficCollector {
    private static final Station[] STATIONS = Station.values();
    private static final DmaOutcome[] OUTCOMES = DmaOutcome.values();
    /** Steps of a decade of 1/(1 - percentile), in hundredths. */
    private static final long[] CURVE_STEPS = {100, 125, 160, 200, 250, 320, 400, 500, 640, 800};

    private final String id;
    private final String device;
    private final long[] outcomes = new long[OUTCOMES.length];
    private final Tally tally = new Tally();
    /** The requests before those whose latencies count; in the total of all traffics they do. */
    private final Tally warmingUp = new Tally();

    private final Activity activity;
    private final long warmUp;
    private long answered;
    private long firstAnswerPs;
    private long lastAnswerPs;

    TrafficCollector(String id, String device) {
        this(id, device, 0);
    }

    /** Makes one whose latencies begin with the request of this number. */
    TrafficCollector(String id, String device, long warmUp) {
        this(id, device, warmUp, new Activity());
    }

    private TrafficCollector(String id, String device, long warmUp, Activity activity) {
        this.id = id;
        this.device = device;
        this.warmUp = warmUp;
        this.activity = activity;
    }

    /**
     * All traffics together.
     *
     * @param activity of all of them
     */
    static TrafficCollector total(List<TrafficCollector> traffics, Activity activity) {
        TrafficCollector total = new TrafficCollector("all", "", 0, activity);
        for (TrafficCollector traffic : traffics) {
            for (int i = 0; i < OUTCOMES.length; i++) {
                total.outcomes[i] += traffic.outcomes[i];
            }
            total.tally.add(traffic.warmingUp);
            total.tally.add(traffic.tally);
            total.addRate(traffic);
        }
        return total;
    }

    String id() {
        return id;
    }

    private void addRate(TrafficCollector other) {
        if (other.answered != 0) {
            firstAnswerPs = answered == 0 ? other.firstAnswerPs : Math.min(firstAnswerPs, other.firstAnswerPs);
            lastAnswerPs = Math.max(lastAnswerPs, other.lastAnswerPs);
            answered += other.answered;
        }
    }

    private Rate rate() {
        return new Rate(answered, firstAnswerPs, lastAnswerPs);
    }

    void add(DmaRequest request) {
        outcomes[request.outcome().ordinal()]++;
        firstAnswerPs = answered++ == 0 ? request.answeredAt() : firstAnswerPs;
        lastAnswerPs = request.answeredAt();
        activity.add(request.answeredAt());
        (request.id() < warmUp ? warmingUp : tally).add(request);
    }

    /** Completed requests' latencies. */
    LatencyHistogram latency() {
        return tally.latency();
    }

    /** Completed requests' times in the IOMMU, and where their translations came from. */
    Translations translations() {
        return tally.translations();
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
            LatencyHistogram h = tally.station(station);
            if (h != null) {
                shares.add(new StationShare(station, h.mean(), h.p50(), h.p99(), h.max()));
            }
        }
        LatencyHistogram latency = latency();
        return new TrafficResult(
                id, device, counts, latency, tally.classes(), shares, curve(latency), activity.buckets(), rate());
    }

    private static List<CurvePoint> curve(LatencyHistogram latency) {
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

package org.iommusim.scenario.run;

import java.util.Arrays;
import java.util.List;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.RequestClass;
import org.iommusim.sim.stats.LatencyHistogram;
import org.jspecify.annotations.Nullable;

/**
 * Latencies of requests: of those that found their translation in a TLB and those that missed apart, and by station. Each
 * request is recorded once; whatever is about several tallies together is made when it is asked for. In steady state
 * nothing is allocated.
 */
final class Tally {
    private static final Station[] STATIONS = Station.values();

    private final LatencyHistogram hit = new LatencyHistogram("hit", "");
    private final LatencyHistogram miss = new LatencyHistogram("miss", "");
    private final long[] hitSums = new long[STATIONS.length];
    private final long[] missSums = new long[STATIONS.length];
    // A station gets its histogram when a request first spends time there.
    private final @Nullable LatencyHistogram[] stations = new LatencyHistogram[STATIONS.length];
    private final Translations translations = new Translations();

    /** Takes an answered request; only those that were completed have a latency. */
    void add(DmaRequest request) {
        if (request.physicalAddress() != -1) {
            translations.add(request);
        }
        if (!request.outcome().completed()) {
            return;
        }
        long before = count();
        boolean missed = request.misses() != 0;
        (missed ? miss : hit).record(request.latency());
        long[] sums = missed ? missSums : hitSums;
        for (int i = 0; i < STATIONS.length; i++) {
            long ticks = request.ticks(STATIONS[i]);
            sums[i] += ticks;
            if (stations[i] != null || ticks != 0) {
                station(i, before).record(ticks);
            }
        }
    }

    /** Adds all of another's. */
    void add(Tally other) {
        long before = count();
        hit.add(other.hit);
        miss.add(other.miss);
        translations.add(other.translations);
        for (int i = 0; i < STATIONS.length; i++) {
            hitSums[i] += other.hitSums[i];
            missSums[i] += other.missSums[i];
            LatencyHistogram added = other.stations[i];
            if (added != null) {
                station(i, before).add(added);
            } else if (stations[i] != null) {
                station(i, before).recordZeros(other.count());
            }
        }
    }

    private LatencyHistogram station(int index, long before) {
        LatencyHistogram histogram = stations[index];
        if (histogram == null) {
            histogram = new LatencyHistogram("station", "");
            histogram.recordZeros(before);
            stations[index] = histogram;
        }
        return histogram;
    }

    /** How many requests have a latency. */
    long count() {
        return hit.count() + miss.count();
    }

    /** Latencies of all of them. */
    LatencyHistogram latency() {
        LatencyHistogram all = new LatencyHistogram("all", "");
        all.add(hit);
        all.add(miss);
        return all;
    }

    /** Times in the IOMMU, and where the translations came from. */
    Translations translations() {
        return translations;
    }

    /** Times at a station; {@code null} if nobody spent any there. */
    @Nullable
    LatencyHistogram station(Station station) {
        return stations[station.ordinal()];
    }

    /** All requests, hits and misses. */
    List<RequestClass> classes() {
        long[] sums = new long[STATIONS.length];
        Arrays.setAll(sums, i -> hitSums[i] + missSums[i]);
        return List.of(requestClass(latency(), sums), requestClass(hit, hitSums), requestClass(miss, missSums));
    }

    private static RequestClass requestClass(LatencyHistogram histogram, long[] sums) {
        long count = Math.max(1, histogram.count());
        List<Long> means = Arrays.stream(sums).map(sum -> sum / count).boxed().toList();
        return new RequestClass(histogram.name(), summary(histogram), means);
    }

    private static Latency summary(LatencyHistogram h) {
        return new Latency(h.count(), h.mean(), h.p50(), h.p90(), h.p99(), h.p999(), h.min(), h.max());
    }
}

package org.iommusim.scenario.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.RequestClass;
import org.iommusim.scenario.run.RunResult.TrafficResult;

/** {@code latency.csv} and {@code latency.hgrm}. */
final class LatencyFiles {
    private LatencyFiles() {}

    /** One row for each class of each traffic's requests, then those of all traffics together; times in ps. */
    static String csv(RunResult result) {
        StringBuilder out = new StringBuilder("traffic,class,count,mean_ps,p50_ps,p90_ps,p99_ps,p99.9_ps,max_ps");
        for (Station station : Station.values()) {
            out.append(',').append(station.label()).append("_ps");
        }
        out.append('\n');
        result.traffics().forEach(traffic -> rows(out, traffic));
        rows(out, result.total());
        return out.toString();
    }

    private static void rows(StringBuilder out, TrafficResult traffic) {
        for (RequestClass each : traffic.classes()) {
            Latency l = each.latency();
            out.append(traffic.id()).append(',').append(each.name()).append(',').append(l.count());
            for (long ps : new long[] {l.mean(), l.p50(), l.p90(), l.p99(), l.p999(), l.max()}) {
                out.append(',').append(ps);
            }
            each.stationMeans().forEach(ps -> out.append(',').append(ps));
            out.append('\n');
        }
    }

    /** HdrHistogram's percentile output in ns. */
    static String hgrm(TrafficResult traffic) {
        StringBuilder out = new StringBuilder();
        try {
            traffic.histogram().writeHgrm(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString();
    }
}

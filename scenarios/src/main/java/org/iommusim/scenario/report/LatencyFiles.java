package org.iommusim.scenario.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.Latency;
import org.iommusim.scenario.run.RunResult.RequestClass;
import org.iommusim.scenario.run.RunResult.TrafficResult;

/** {@code latency.csv} and {@code latency.hgrm}. */
final class LatencyFiles {
    /** What stands in the columns of {@link #csv}. */
    static final String TITLES = "traffic,class,count,mean_ps,p50_ps,p90_ps,p99_ps,p99.9_ps,max_ps"
            + Arrays.stream(Station.values())
                    .map(station -> "," + station.label() + "_ps")
                    .collect(Collectors.joining())
            + ",requests_per_s";

    private LatencyFiles() {}

    /** One row for each class of each traffic's requests, then those of all traffics together; times in ps. */
    static String csv(RunResult result) {
        StringBuilder out = new StringBuilder(TITLES).append('\n');
        rows(result).forEach(row -> out.append(row).append('\n'));
        return out.toString();
    }

    /** The rows of {@link #csv}, without line ends. */
    static List<String> rows(RunResult result) {
        List<String> rows = new ArrayList<>();
        result.traffics().forEach(traffic -> rows(traffic, rows));
        rows(result.total(), rows);
        return rows;
    }

    private static void rows(TrafficResult traffic, List<String> rows) {
        for (RequestClass each : traffic.classes()) {
            Latency l = each.latency();
            StringBuilder row = new StringBuilder(traffic.id());
            row.append(',').append(each.name()).append(',').append(l.count());
            for (long ps : new long[] {l.mean(), l.p50(), l.p90(), l.p99(), l.p999(), l.max()}) {
                row.append(',').append(ps);
            }
            each.stationMeans().forEach(ps -> row.append(',').append(ps));
            // How fast requests come belongs to all of them together.
            row.append(',')
                    .append(each == traffic.classes().get(0) ? traffic.rate().perSecond() : "");
            rows.add(row.toString());
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

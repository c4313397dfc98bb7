package org.iommusim.scenario.report;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.Station;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.StationShare;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.jspecify.annotations.Nullable;

/**
 * Where the time of requests goes behind several IOMMUs: a line for each station, a column for each traffic. There is no such
 * table if all traffic went through the same IOMMU.
 */
final class SideBySide {
    private final List<TrafficResult> traffics;
    private final Map<String, Topology.Iommu> byDevice;

    private SideBySide(RunResult result) {
        byDevice = iommus(result.scenario().topology());
        traffics = result.traffics().stream()
                .filter(t -> t.latency().count() > 0 && byDevice.containsKey(t.device()))
                .toList();
    }

    private static Map<String, Topology.Iommu> iommus(Topology topology) {
        Map<String, Topology.Iommu> byName = new TreeMap<>();
        topology.iommus().forEach(iommu -> byName.put(iommu.config().name(), iommu));
        Map<String, Topology.Iommu> byPort = new TreeMap<>();
        for (Topology.Port port : topology.rootPorts()) {
            Topology.Iommu iommu = byName.get(port.iommu());
            if (iommu != null) {
                byPort.put(port.id(), iommu);
            }
        }
        Map<String, Topology.Iommu> byDevice = new TreeMap<>();
        for (Topology.Device device : topology.devices()) {
            Topology.Iommu iommu = byPort.get(device.port());
            if (iommu != null) {
                byDevice.put(device.id(), iommu);
            }
        }
        return byDevice;
    }

    /** True if there is something to compare. */
    static boolean hasAny(RunResult result) {
        SideBySide table = new SideBySide(result);
        return table.traffics.stream().map(table::unit).distinct().count() > 1;
    }

    /** Prints the table. */
    static void print(RunResult result, Paint paint, StringBuilder out) {
        new SideBySide(result).table(paint).print(out);
    }

    private String unit(TrafficResult traffic) {
        Topology.Iommu iommu = byDevice.get(traffic.device());
        return iommu == null ? "" : iommu.config().name() + " " + iommu.kind();
    }

    private Table table(Paint paint) {
        List<String> titles = new ArrayList<>(List.of("station"));
        traffics.forEach(t -> titles.add(t.id() + ">"));
        Table table = new Table(paint, titles.toArray(new String[0]));
        row(table, "IOMMU", traffics.stream().map(this::unit).toList());
        List<Map<Station, StationShare>> columns =
                traffics.stream().map(SideBySide::byStation).toList();
        for (Station station : Station.values()) {
            if (columns.stream().anyMatch(c -> c.containsKey(station))) {
                row(
                        table,
                        station.label(),
                        columns.stream().map(c -> mean(c.get(station))).toList());
            }
        }
        row(
                table,
                "latency",
                traffics.stream()
                        .map(t -> Figures.nanoseconds(t.latency().mean()))
                        .toList());
        return table;
    }

    private static Map<Station, StationShare> byStation(TrafficResult traffic) {
        Map<Station, StationShare> shares = new EnumMap<>(Station.class);
        traffic.stations().forEach(share -> shares.put(share.station(), share));
        return shares;
    }

    private static String mean(@Nullable StationShare share) {
        return share == null ? "-" : Figures.nanoseconds(share.mean());
    }

    private static void row(Table table, String name, List<String> cells) {
        List<String> all = new ArrayList<>(List.of(name));
        all.addAll(cells);
        table.row(all.toArray(new String[0]));
    }
}

package org.iommusim.scenario.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.iommusim.scenario.explore.ExploreSetup;
import org.iommusim.scenario.language.ExploreSettings;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Topology;
import org.iommusim.sim.explore.Bounds;

/** Everything that bounds an exploration, in words: a verdict says nothing without it. */
final class BoundsText {
    private BoundsText() {}

    /** Name and value of each bound, in the order in which they are shown. */
    static Map<String, String> of(ExploreSetup setup, Bounds bounds) {
        Scenario scenario = setup.scenario();
        ExploreSettings settings = scenario.exploreOrUnsaid();
        Map<String, String> all = new LinkedHashMap<>();
        all.put("from", settings.from().isEmpty() ? "boot" : "label " + settings.from());
        all.put("preemptions", bounds.preemptionBounded() ? "at most " + bounds.preemptions() : "any number");
        all.put(
                "timeouts",
                settings.timeouts() == 0
                        ? "stuck: one fires only when nothing else can go on"
                        : "at most " + settings.timeouts() + " fire although something else could go on");
        all.put("user copies", copies(settings));
        all.put("DMA", dma(scenario.topology().traffic()));
        all.put(
                "schedules",
                bounds.maxSchedules() == Bounds.NO_MAXIMUM
                        ? "any number"
                        : "at most " + Figures.grouped(bounds.maxSchedules()));
        all.put("depth", "at most " + Figures.grouped(bounds.maxDepth()) + " transitions");
        return all;
    }

    private static String copies(ExploreSettings settings) {
        return switch (settings.userCopies()) {
            case PROMPT -> "prompt: nothing happens meanwhile";
            case FINITE -> "finite: they take any time and end";
            case FOREVER -> "forever: they may never end";
        };
    }

    private static String dma(List<Topology.Traffic> traffic) {
        return traffic.isEmpty()
                ? "none"
                : traffic.stream()
                        .map(t -> t.spec().name() + ": "
                                + (t.spec().count() == 0
                                        ? "until stopped"
                                        : Figures.grouped(t.spec().count()) + " requests"))
                        .collect(Collectors.joining(", "));
    }
}

package org.iommusim.vtd;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.provider.Preset;

/**
 * Units of five Xeon machines whose DMA was measured by pcie-bench. What differs from machine to machine is fitted to that
 * machine's latencies, one DMA at a time. What such latencies hold nothing about (how many walks run at a time, what order
 * requests leave in) is the same for all of them, and set from the throughput of one machine, the Haswell E5-2620v3.
 */
final class XeonPresets {
    private static final String BOOT_LOGS = "CAP and ECAP of units of that generation in published boot logs";
    private static final String THROUGHPUT =
            "pcie-bench: throughput of the Haswell E5-2620v3 with 4 KiB pages, the same for every machine";
    private static final String GENERATION = "units of that time have no scalable mode";
    private static final int SANDY_BRIDGE_DOMAINS = 2;
    private static final int HASWELL_DOMAINS = 6;

    private final Map<String, Long> values = new TreeMap<>();
    private final Map<String, String> sources = new TreeMap<>();

    private XeonPresets() {}

    static List<Preset> all() {
        return List.of(
                preset("xeon-sandybridge-e5-2630", "Sandy Bridge Xeon E5-2630", SANDY_BRIDGE_DOMAINS, 127),
                preset("xeon-ivybridge-e5-2620v2", "Ivy Bridge Xeon E5-2620 v2", SANDY_BRIDGE_DOMAINS, 126),
                preset("xeon-haswell-e5-2620v3", "Haswell Xeon E5-2620 v3", HASWELL_DOMAINS, 119),
                preset("xeon-haswell-e5-2637v3", "Haswell Xeon E5-2637 v3", HASWELL_DOMAINS, 119),
                preset("xeon-broadwell-e5-2630v4", "Broadwell Xeon E5-2630 v4", HASWELL_DOMAINS, 118));
    }

    /** A machine's unit; {@code entries} is what its latencies say of its IOTLB. */
    private static Preset preset(String name, String machine, int domains, int entries) {
        XeonPresets p = new XeonPresets();
        p.capabilities(domains);
        p.put("iotlb_entries", entries, "pcie-bench: latency of random reads by window on this machine");
        p.shared();
        return Preset.of(
                name,
                "the unit of the " + machine + ", as far as pcie-bench's measurements show it; what they do not show is"
                        + " uncalibrated",
                p.values,
                p.sources);
    }

    private void capabilities(int domains) {
        put("smts", 0, GENERATION);
        put("esrtps", 0, GENERATION);
        put("esirtps", 0, GENERATION);
        put("nd", domains, BOOT_LOGS);
        put("sagaw", 4, BOOT_LOGS);
        put("dt", 1, BOOT_LOGS);
        put("c", 0, BOOT_LOGS);
    }

    /** How a slot is held, and who waits for whom: what shows only when requests are many. */
    private void shared() {
        put("walk_slots", 4, THROUGHPUT);
        put("iotlb_fill_cycles", 22, THROUGHPUT);
        put("in_order", 1, THROUGHPUT);
        put("blocking_misses", 1, THROUGHPUT);
    }

    private void put(String parameter, long value, String source) {
        values.put(parameter, value);
        sources.put(parameter, source);
    }
}

package org.iommusim.scenario.timing;

import java.util.List;

/**
 * The runs of a bundled scenario beside one directory of measurements.
 *
 * @param scenario its name without {@code pcie-bench-}
 * @param directory its measurements
 * @param superPages whether the tables may have super pages
 */
record BenchSeries(String scenario, String directory, boolean superPages) {
    /** The one whose throughput was looked at. */
    static final BenchSeries CALIBRATED =
            new BenchSeries("haswell-e5-2620v3", "hsw-Xeon-E5-2620v3_dell-t630-iommu-nosp", false);

    /** The same machine with super pages; nothing was set from its throughput. */
    static final BenchSeries PREDICTED =
            new BenchSeries("haswell-e5-2620v3", "hsw-Xeon-E5-2620v3_dell-t630-iommu", true);

    /** All that was measured with an IOMMU on machines whose measurements do not scatter. */
    static final List<BenchSeries> ALL = List.of(
            new BenchSeries("sandybridge-e5-2630", "snb-Xeon-E5-2630_dell-t620-iommu", false),
            new BenchSeries("ivybridge-e5-2620v2", "ib-Xeon-E5-2620v2_dell-t620-s0-s0-s0-iommu-nosp", false),
            new BenchSeries("ivybridge-e5-2620v2-remote", "ib-Xeon-E5-2620v2_dell-t620-s0-s1-s1-iommu-nosp", false),
            CALIBRATED,
            new BenchSeries("haswell-e5-2637v3", "hsw-Xeon-E5-2637v3_supermicro-iommu-nosp", false),
            new BenchSeries("broadwell-e5-2630v4", "bdw-Xeon-E5-2630v4-dell-t430-s0-s0-s0-iommu-nosp", false),
            new BenchSeries("broadwell-e5-2630v4-remote", "bdw-Xeon-E5-2630v4-dell-t430-s0-s1-s1-iommu-nosp", false),
            new BenchSeries("ivybridge-e5-2620v2", "ib-Xeon-E5-2620v2_dell-t620-s0-s0-s0-iommu", true),
            new BenchSeries("ivybridge-e5-2620v2-remote", "ib-Xeon-E5-2620v2_dell-t620-s0-s1-s1-iommu", true),
            PREDICTED);

    /** What a reader calls it. */
    String title() {
        return scenario + (superPages ? ", super pages" : ", 4 KiB pages");
    }

    @Override
    public String toString() {
        return title();
    }
}

package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.provider.Preset;

/** The named sets of parameters: what units of a kind can do. Their sizes and times are the defaults. */
final class VtdPresets {
    private VtdPresets() {}

    static List<Preset> all() {
        List<Preset> all = new ArrayList<>(List.of(legacy(), scalable(), caching()));
        all.addAll(XeonPresets.all());
        return List.copyOf(all);
    }

    private static Preset legacy() {
        Map<String, Long> values = new TreeMap<>();
        values.put("smts", 0L);
        values.put("esrtps", 0L);
        values.put("esirtps", 0L);
        return Preset.of(
                "legacy",
                "a unit of before scalable mode: second stage of 3 or 4 levels, queued invalidation, interrupt"
                        + " remapping; sizes and cycles uncalibrated",
                values);
    }

    private static Preset scalable() {
        Map<String, Long> values = new TreeMap<>();
        values.put("smts", 1L);
        values.put("dt", 1L);
        values.put("prs", 1L);
        values.put("ers", 1L);
        values.put("sagaw", 12L);
        values.put("mgaw", 57L);
        values.put("fs5lp", 1L);
        values.put("haw", 52L);
        return Preset.of(
                "scalable",
                "a server unit with scalable mode: both stages, nesting, PASIDs, device TLBs and page requests; sizes and"
                        + " cycles uncalibrated",
                values);
    }

    private static Preset caching() {
        Map<String, Long> values = new TreeMap<>();
        values.put("smts", 0L);
        values.put("cm", 1L);
        values.put("esrtps", 0L);
        values.put("esirtps", 0L);
        return Preset.of(
                "caching-mode",
                "what a hypervisor shows a guest: legacy mode with CAP.CM, so that software tells of every change",
                values);
    }
}

package org.iommusim.vtd;

import java.util.List;
import java.util.Map;
import org.iommusim.hw.provider.Preset;

/** The named sets of parameters: what units of a kind can do. Their sizes and times are the defaults. */
final class VtdPresets {
    private VtdPresets() {}

    static List<Preset> all() {
        return List.of(legacy(), scalable(), caching());
    }

    private static Preset legacy() {
        return Preset.of(
                "legacy",
                "a unit of before scalable mode: second stage of 3 or 4 levels, queued invalidation, interrupt"
                        + " remapping; sizes and cycles uncalibrated",
                Map.of("smts", 0L, "esrtps", 0L, "esirtps", 0L));
    }

    private static Preset scalable() {
        return Preset.of(
                "scalable",
                "a server unit with scalable mode: both stages, nesting, PASIDs, device TLBs and page requests; sizes and"
                        + " cycles uncalibrated",
                Map.of("smts", 1L, "dt", 1L, "prs", 1L, "sagaw", 12L, "mgaw", 57L, "fs5lp", 1L, "haw", 52L));
    }

    private static Preset caching() {
        return Preset.of(
                "caching-mode",
                "what a hypervisor shows a guest: legacy mode with CAP.CM, so that software tells of every change",
                Map.of("smts", 0L, "cm", 1L, "esrtps", 0L, "esirtps", 0L));
    }
}

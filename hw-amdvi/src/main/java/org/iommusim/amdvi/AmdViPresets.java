package org.iommusim.amdvi;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.provider.Preset;

/** The named sets of parameters: what units of a kind can do. Their sizes and times are the defaults. */
final class AmdViPresets {
    private AmdViPresets() {}

    static List<Preset> all() {
        return List.of(host(), guest(), npCache());
    }

    private static Preset host() {
        Map<String, Long> values = withoutGuests();
        values.put("iotlb_sup", 1L);
        return Preset.of(
                "host-tables",
                "a unit of before guest translation: host tables of up to 6 levels, device TLBs, interrupt remapping with"
                        + " 32-bit entries; sizes and cycles uncalibrated",
                values);
    }

    private static Preset guest() {
        Map<String, Long> values = new TreeMap<>();
        values.put("gt", 1L);
        return Preset.of(
                "guest-tables",
                "a server unit with guest translation: GCR3 tables, PASIDs, nesting, device TLBs and page requests, x2APIC;"
                        + " sizes and cycles uncalibrated",
                values);
    }

    private static Preset npCache() {
        Map<String, Long> values = withoutGuests();
        values.put("np_cache", 1L);
        values.put("iotlb_sup", 0L);
        return Preset.of(
                "np-cache",
                "what a hypervisor shows a guest: host tables with NpCache, so that software tells of every change",
                values);
    }

    private static Map<String, Long> withoutGuests() {
        Map<String, Long> values = new TreeMap<>();
        values.put("gt", 0L);
        values.put("ppr", 0L);
        values.put("xt", 0L);
        values.put("ga", 0L);
        values.put("ha", 0L);
        values.put("hd", 0L);
        values.put("interrupts_2k", 0L);
        values.put("ht_range_ignore", 0L);
        return values;
    }
}

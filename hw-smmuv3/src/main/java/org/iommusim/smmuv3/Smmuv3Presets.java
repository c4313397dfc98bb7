package org.iommusim.smmuv3;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.provider.Preset;

/** The named sets of parameters. */
final class Smmuv3Presets {
    private Smmuv3Presets() {}

    static List<Preset> all() {
        return List.of(mmu600(), mmu700(), gem5(), qemu());
    }

    /** Sizes from the manual's ranges and one published instance; its cycle counts are not published. */
    private static Preset mmu600() {
        Map<String, Long> v = new TreeMap<>();
        v.put("minor_version", 1L);
        v.put("product_id", 0x483L);
        v.put("product_variant", 2L);
        v.put("config_entries", 256L);
        v.put("tcu_slots", 64L);
        v.put("tlb_policy", 2L);
        v.put("utlb_policy", 3L);
        v.put("fwb", 0L);
        v.put("range_invalidation", 0L);
        return Preset.of(
                "mmu-600",
                "Arm MMU-600: micro TLB with pseudo LRU, 4-way random main TLB, walk caches per stage and level of 256"
                        + " entries, 256 configuration entries, 64 slots (Intel Agilex 5 instance); cycles uncalibrated",
                v);
    }

    private static Preset mmu700() {
        Map<String, Long> v = new TreeMap<>();
        v.put("minor_version", 2L);
        v.put("product_id", 0x487L);
        v.put("product_variant", 1L);
        v.put("product_revision", 1L);
        v.put("tbu_slots", 256L);
        v.put("tcu_slots", 512L);
        v.put("walk_slots", 64L);
        v.put("config_walks", 4L);
        v.put("config_entries", 1024L);
        v.put("tlb_entries", 8192L);
        v.put("tlb_ways", 8L);
        v.put("walk_cache_ways", 8L);
        for (String level : List.of("s1_l0", "s1_l1", "s1_l2", "s1_l3", "s2_l0", "s2_l1", "s2_l2", "s2_l3")) {
            v.put("walk_" + level, 1024L);
        }
        return Preset.of(
                "mmu-700",
                "Arm MMU-700: a large configuration within the manual's ranges; which one silicon has and its cycles"
                        + " are not published, so all of it is uncalibrated",
                v);
    }

    /** What QEMU 10's device says of itself; sizes and cycles are the defaults. */
    private static Preset qemu() {
        Map<String, Long> v = new TreeMap<>();
        v.put("minor_version", 1L);
        v.put("ssid_bits", 0L);
        v.put("cmdq_bits", 19L);
        v.put("eventq_bits", 19L);
        v.put("oas_bits", 44L);
        v.put("fwb", 0L);
        v.put("msi", 0L);
        v.put("sev", 0L);
        v.put("cd2l", 0L);
        v.put("attr_override", 0L);
        v.put("bbml", 2L);
        return Preset.of(
                "qemu",
                "the identification registers of QEMU 10's SMMUv3 (nested stages); no claim about its sizes and times",
                v);
    }

    private static Preset gem5() {
        Map<String, Long> v = new TreeMap<>();
        v.put("wake_retest", 1L);
        v.put("in_order", 1L);
        v.put("tbu_slots", 16L);
        v.put("write_beats", 16L);
        v.put("utlb_policy", 0L);
        v.put("tlb_policy", 0L);
        v.put("tlb_all_sizes", 0L);
        v.put("hazard_by_stream", 0L);
        v.put("walk_cache_tables", 0L);
        v.put("merge_config", 0L);
        v.put("merge_walks", 0L);
        v.put("walk_s1_l0", 4L);
        v.put("walk_s1_l1", 28L);
        v.put("walk_s1_l2", 348L);
        v.put("walk_s1_l3", 4L);
        v.put("walk_s2_l0", 4L);
        v.put("walk_s2_l1", 28L);
        v.put("walk_s2_l2", 92L);
        v.put("walk_s2_l3", 4L);
        v.put("walk_s1_levels", 7L);
        v.put("walk_s2_levels", 7L);
        v.put("walk_cache_combined_leaves", 1L);
        v.put("short_runs", 1L);
        v.put("bypass_one_page", 1L);
        v.put("sid_bits", 24L);
        v.put("ssid_bits", 20L);
        v.put("command_cycles", 0L);
        v.put("invalidate_cycles", 0L);
        v.put("register_cycles", 0L);
        return Preset.of(
                "gem5-default",
                "the default parameters of gem5's SMMUv3 (v24.0); its events of one tick run last in first out, which"
                        + " is an option of the scheduler",
                v);
    }
}

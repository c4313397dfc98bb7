package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.hw.walk.WalkCacheShape;
import org.iommusim.sim.resource.WakeRule;

/**
 * Everything that can be set on an SMMUv3, as data, and the values of one device. The defaults have the structure that
 * Arm's MMU-600 and MMU-700 manuals describe; numbers of cycles are published for neither and are marked {@code
 * uncalibrated}.
 */
public final class Smmuv3Parameters extends ParameterValues {
    private static final String OPEN = "uncalibrated";
    private static final String ARM = "Arm MMU-600/MMU-700 technical reference manuals, configuration ranges";
    private static final String GEM5 = "gem5 SMMUv3.py";
    private static final String MODEL = "this model";

    private static final List<Parameter> ALL = List.of(
            p("clock_ps", "ps", 1000, 1, 1_000_000, "length of a cycle", OPEN),
            p("wake_retest", "flag", 0, 0, 1, "a woken contender tests again instead of being handed the slot", GEM5),
            p("gem5_quirks", "flag", 0, 0, 1, "gem5's functional defects: docs/replay.md lists them", GEM5),
            p("in_order", "flag", 0, 0, 1, "translations of one order id leave in order", ARM),
            p("tbus", "units", 1, 1, 64, "front ends; a function belongs to number (StreamID / 8) mod tbus", ARM),
            // ---- front end
            p("port_bytes", "bytes", 16, 1, 4096, "width of the port towards the device", GEM5),
            p("memory_port_bytes", "bytes", 16, 1, 4096, "width of the port to memory", GEM5),
            p("tbu_slots", "slots", 64, 1, 4096, "translations in a front end at a time", ARM),
            p("write_beats", "beats", 64, 1, 65536, "write buffer of a front end", ARM),
            p("utlb", "flag", 1, 0, 1, "whether there is a micro TLB", GEM5),
            p("utlb_entries", "entries", 32, 1, 65536, "micro TLB of a front end", ARM),
            p("utlb_ways", "ways", 0, 0, 65536, "its associativity; 0: full", GEM5),
            p("utlb_cycles", "cycles", 1, 0, 100_000, "lookup of the micro TLB", OPEN),
            p("utlb_ports", "slots", 1, 0, 4096, "lookups of the micro TLB at a time; 0: any number", OPEN),
            p(
                    "utlb_policy",
                    "policy",
                    3,
                    0,
                    5,
                    "0 round robin, 1 LRU, 2 random, 3 pseudo LRU, 4 LRU by hits as gem5 counts them, 5 random as gem5"
                            + " draws",
                    ARM),
            p("tlb", "flag", 1, 0, 1, "whether there is a main TLB", GEM5),
            p("tlb_entries", "entries", 2048, 1, 1 << 20, "main TLB of a front end", ARM),
            p("tlb_ways", "ways", 4, 0, 1 << 20, "its associativity; 0: full", ARM),
            p("tlb_cycles", "cycles", 3, 0, 100_000, "lookup of the main TLB", OPEN),
            p("tlb_ports", "slots", 3, 0, 4096, "lookups of the main TLB at a time; 0: any number", OPEN),
            p("tlb_policy", "policy", 2, 0, 5, "as utlb_policy", ARM),
            p("tlb_all_sizes", "flag", 1, 0, 1, "a lookup finds entries of every page size", ARM),
            p(
                    "hazard_by_stream",
                    "flag",
                    1,
                    0,
                    1,
                    "misses of the same page wait for each other only in one stream",
                    OPEN),
            p("bypass_one_page", "flag", 0, 0, 1, "a stream that bypasses needs one TLB entry for all addresses", GEM5),
            p("prefetch", "flag", 0, 0, 1, "the page behind one that was missed is translated ahead", GEM5),
            p(
                    "prefetch_reserve_last_way",
                    "flag",
                    1,
                    0,
                    1,
                    "with prefetch: the last way of the main TLB's sets is for pages translated ahead, and only that",
                    GEM5),
            p(
                    "tbu_clock_ps",
                    "ps",
                    0,
                    0,
                    1_000_000,
                    "length of a cycle of a front end's answers and invitations; 0: as clock_ps",
                    GEM5),
            // ---- shared unit
            p("link_up_cycles", "cycles", 8, 1, 100_000, "front end to shared unit", OPEN),
            p("link_down_cycles", "cycles", 8, 1, 100_000, "shared unit to front end", OPEN),
            p("tcu_slots", "slots", 64, 1, 4096, "translations in the shared unit at a time", ARM),
            p("config_cache", "flag", 1, 0, 1, "whether there is a configuration cache", GEM5),
            p("tcu_tlb", "flag", 0, 0, 1, "whether the shared unit has a TLB, by ASID and VMID", GEM5),
            p("tcu_tlb_entries", "entries", 2048, 1, 1 << 20, "TLB of the shared unit", GEM5),
            p("tcu_tlb_ways", "ways", 4, 0, 1 << 20, "its associativity; 0: full", GEM5),
            p("tcu_tlb_policy", "policy", 0, 0, 5, "as utlb_policy", GEM5),
            p("tcu_tlb_cycles", "cycles", 3, 0, 100_000, "lookup of it", GEM5),
            p("tcu_tlb_ports", "slots", 3, 0, 4096, "lookups of it at a time; 0: any number", GEM5),
            p("config_policy", "policy", 0, 0, 5, "as utlb_policy", GEM5),
            p("config_entries", "entries", 64, 1, 65536, "configuration cache (STE and CD together)", ARM),
            p("config_ways", "ways", 4, 0, 65536, "its associativity; 0: full", ARM),
            p("config_cycles", "cycles", 3, 0, 100_000, "lookup of the configuration cache", OPEN),
            p("config_ports", "slots", 3, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
            p("config_walks", "slots", 0, 0, 64, "configurations read at a time; 0: any number", ARM),
            p("merge_config", "flag", 1, 0, 1, "a miss waits while the same configuration is being read", ARM),
            p("merge_walks", "flag", 1, 0, 1, "walks that need the same table entry at a time read it once", ARM),
            p("walk_slots", "slots", 16, 1, 4096, "table walks at a time", ARM),
            p("ipa_cache", "flag", 0, 0, 1, "whether results of stage 2 are cached by IPA", GEM5),
            p("ipa_entries", "entries", 128, 1, 1 << 20, "IPA cache", GEM5),
            p("ipa_ways", "ways", 4, 0, 1 << 20, "its associativity; 0: full", GEM5),
            p("ipa_policy", "policy", 0, 0, 5, "as utlb_policy", GEM5),
            p("ipa_cycles", "cycles", 3, 0, 100_000, "lookup of it", GEM5),
            p("ipa_ports", "slots", 3, 0, 4096, "lookups of it at a time; 0: any number", GEM5),
            p("walk_cache", "flag", 1, 0, 1, "whether there are walk caches", GEM5),
            p("walk_cache_policy", "policy", 0, 0, 5, "as utlb_policy", GEM5),
            p(
                    "walk_cache_ways",
                    "ways",
                    4,
                    0,
                    65536,
                    "associativity of the walk caches; 0: full, of the only one",
                    ARM),
            p("walk_s1_levels", "mask", 15, 0, 15, "bit n: entries of level n of stage 1 are cached", GEM5),
            p("walk_s2_levels", "mask", 15, 0, 15, "bit n: entries of level n of stage 2 are cached", GEM5),
            p(
                    "walk_cache_combined_leaves",
                    "flag",
                    0,
                    0,
                    1,
                    "a stage-1 leaf is kept for, and found by, no more than both stages' pages have in common",
                    GEM5),
            p(
                    "short_runs",
                    "flag",
                    0,
                    0,
                    1,
                    "contiguous entries count as one page at level 3, and at level 2 of 16 KiB, only",
                    GEM5),
            p("walk_cache_cycles", "cycles", 4, 0, 100_000, "lookup of one level of the walk cache", OPEN),
            p("walk_cache_ports", "slots", 4, 0, 4096, "lookups of the walk cache at a time; 0: any number", OPEN),
            p("walk_cache_tables", "flag", 1, 0, 1, "translations of stage-1 table addresses use the walk cache", OPEN),
            p("walk_s1_l0", "entries", 256, 0, 1 << 20, "walk cache, stage 1 level 0", ARM),
            p("walk_s1_l1", "entries", 256, 0, 1 << 20, "walk cache, stage 1 level 1", ARM),
            p("walk_s1_l2", "entries", 256, 0, 1 << 20, "walk cache, stage 1 level 2", ARM),
            p("walk_s1_l3", "entries", 256, 0, 1 << 20, "walk cache, stage 1 level 3", ARM),
            p("walk_s2_l0", "entries", 256, 0, 1 << 20, "walk cache, stage 2 level 0", ARM),
            p("walk_s2_l1", "entries", 256, 0, 1 << 20, "walk cache, stage 2 level 1", ARM),
            p("walk_s2_l2", "entries", 256, 0, 1 << 20, "walk cache, stage 2 level 2", ARM),
            p("walk_s2_l3", "entries", 256, 0, 1 << 20, "walk cache, stage 2 level 3", ARM),
            // ---- commands and registers
            p("command_cycles", "cycles", 4, 0, 100_000, "decoding a command", OPEN),
            p("invalidate_cycles", "cycles", 16, 0, 100_000, "carrying an invalidation to all caches", OPEN),
            p(
                    "register_cycles",
                    "cycles",
                    16,
                    0,
                    100_000,
                    "until a change of CR0, GBPA or IRQ_CTRL is in effect",
                    OPEN),
            // ---- identification
            p("sid_bits", "bits", 16, 1, 24, "width of StreamIDs", MODEL),
            p("ssid_bits", "bits", 8, 0, 20, "width of SubstreamIDs", MODEL),
            p("cmdq_bits", "bits", 8, 1, 19, "log2 of the largest command queue", MODEL),
            p("eventq_bits", "bits", 7, 1, 19, "log2 of the largest event queue", MODEL),
            p("oas_bits", "bits", 48, 32, 52, "physical address size: 32, 36, 40, 42, 44, 48 or 52", MODEL),
            p("ds", "flag", 0, 0, 1, "52-bit addresses in tables of 4 KiB and 16 KiB", MODEL),
            p("vax", "flag", 0, 0, 1, "52-bit virtual addresses with 64 KiB", MODEL),
            p("msi", "flag", 1, 0, 1, "interrupts may be MSIs", MODEL),
            p("sev", "flag", 1, 0, 1, "CMD_SYNC can send a wake-up event", MODEL),
            p("cd2l", "flag", 1, 0, 1, "context descriptor tables of two levels", MODEL),
            p("attr_override", "flag", 1, 0, 1, "STEs can override privilege and instruction or data", MODEL),
            p("bbml", "level", 0, 0, 2, "break-before-make level that is reported; any behaves as 2", MODEL),
            p("merge_events", "flag", 0, 0, 1, "records of streams with STE.MEV may be merged", MODEL),
            p("hyp", "flag", 0, 0, 1, "EL2 stream worlds (STE.STRW, CR2.E2H, TLBI_EL2_*)", MODEL),
            p("fwb", "flag", 1, 0, 1, "stage 2 can force write-back", MODEL),
            p("httu", "level", 0, 0, 2, "hardware updates of tables: 1 access flag, 2 dirty state as well", MODEL),
            p("range_invalidation", "flag", 1, 0, 1, "TLBI commands may name a range (RIL)", ARM),
            p("minor_version", "number", 2, 0, 3, "architecture 3.x", ARM),
            // ---- ATS, PRI, stalls
            p("ats", "flag", 0, 0, 1, "translation requests, translated transactions and CMD_ATC_INV", MODEL),
            p("split_stage_ats", "flag", 1, 0, 1, "with ats: answers may be IPAs (STE.EATS=2)", MODEL),
            p("atc_tags", "tags", 32, 1, 32, "invalidation requests to functions at a time", MODEL),
            p("atc_timeout_us", "us", 1000, 0, 2000, "until an invalidation request has failed; 0: never", OPEN),
            p("pri", "flag", 0, 0, 1, "with ats: the PRI queue and CMD_PRI_RESP", MODEL),
            p("priq_bits", "bits", 7, 1, 19, "log2 of the largest PRI queue", MODEL),
            p("stall_model", "model", 1, 0, 2, "0 faults may stall, 1 they never do, 2 they always do", MODEL),
            p("term_model", "flag", 1, 0, 1, "a fault of stage 1 always aborts; else CD.A may ask for RAZ/WI", MODEL),
            p("stall_max", "tags", 16, 1, 32768, "transactions that can be stalled with a record at a time", MODEL),
            p("product_id", "number", 0, 0, 0xfff, "IIDR.ProductID", MODEL),
            p("product_variant", "number", 0, 0, 15, "IIDR.Variant", MODEL),
            p("product_revision", "number", 0, 0, 15, "IIDR.Revision", MODEL));

    /** Takes resolved values; every parameter must be there. */
    Smmuv3Parameters(SortedMap<String, Long> values) {
        super(values);
    }

    private static Parameter p(
            String name, String unit, long value, long min, long max, String description, String source) {
        return new Parameter(name, unit, value, min, max, description, source);
    }

    /** All parameters. */
    public static List<Parameter> all() {
        return ALL;
    }

    /** The shape of the walk caches. */
    WalkCacheShape walkCaches() {
        int ways = value("walk_cache_ways");
        List<Integer> all = new ArrayList<>(walkCaches(1, 15));
        all.addAll(walkCaches(2, 15));
        int sum = Math.max(1, all.stream().mapToInt(Integer::intValue).sum());
        return new WalkCacheShape(
                walkCaches(1, value("walk_s1_levels")),
                walkCaches(2, value("walk_s2_levels")),
                ways == 0 ? sum : ways,
                Replacement.of(value("walk_cache_policy")),
                value("walk_cache_cycles"),
                value("walk_cache_ports"),
                flag("walk_cache_tables"),
                flag("walk_cache_combined_leaves"),
                TwisterSeeds.WALK_CACHE);
    }

    /** Entries of a stage's walk caches by height, that is from level 3 up; 0 for a level that is not in the mask. */
    private List<Integer> walkCaches(int stage, int levels) {
        List<Integer> sizes = new ArrayList<>();
        for (int level = 3; level >= 0; level--) {
            boolean kept = flag("walk_cache") && (levels >> level & 1) != 0;
            sizes.add(kept ? value("walk_s" + stage + "_l" + level) : 0);
        }
        return sizes;
    }

    /** The cycle of a front end's answers and invitations, ps. */
    int frontEndClockPs() {
        int own = value("tbu_clock_ps");
        return own == 0 ? value("clock_ps") : own;
    }

    WakeRule wakeRule() {
        return flag("wake_retest") ? WakeRule.RETEST : WakeRule.HAND_OVER;
    }
}

package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.hw.walk.WalkCacheShape;
import org.iommusim.sim.resource.WakeRule;

/**
 * Everything that can be set on an AMD-Vi unit, as data, and the values of one unit. AMD publishes which caches there are and
 * how they are tagged, but neither sizes nor cycles: these are marked {@code uncalibrated}.
 */
public final class AmdViParameters extends ParameterValues {
    private static final String OPEN = "uncalibrated";
    private static final String MODEL = "this model";

    private static final List<Parameter> ALL = Stream.of(
                    resources(), caches(), walks(), queues(), features(), extensions())
            .flatMap(List::stream)
            .toList();

    /** Takes resolved values; every parameter must be there. */
    AmdViParameters(SortedMap<String, Long> values) {
        super(values);
    }

    /** All parameters. */
    public static List<Parameter> all() {
        return ALL;
    }

    private static List<Parameter> resources() {
        return List.of(
                p("clock_ps", "ps", 1000, 1, 1_000_000, "length of a cycle", OPEN),
                p("port_bytes", "bytes", 64, 1, 4096, "width of the port towards devices", OPEN),
                p("memory_port_bytes", "bytes", 64, 1, 4096, "width of the port to memory", OPEN),
                p("request_slots", "slots", 64, 1, 4096, "requests in the unit at a time", OPEN),
                p(
                        "in_order",
                        "flag",
                        0,
                        0,
                        1,
                        "requests of an order leave in the order of their arrival, reads and writes apart",
                        OPEN),
                p("write_beats", "beats", 64, 1, 65536, "write buffer of the unit", OPEN),
                p("fetch_slots", "slots", 4, 0, 64, "device table entries read at a time; 0: any number", OPEN),
                p("merge_fetches", "flag", 1, 0, 1, "a miss waits while the same entry is being read", OPEN));
    }

    private static List<Parameter> caches() {
        return List.of(
                p("dte_cache", "flag", 1, 0, 1, "whether there is a cache of device table entries", MODEL),
                p("dte_entries", "entries", 64, 1, 65536, "cache of device table entries", OPEN),
                p("dte_ways", "ways", 4, 0, 65536, "its associativity; 0: full", OPEN),
                p("dte_policy", "policy", 3, 0, 3, "0 round robin, 1 LRU, 2 random, 3 pseudo LRU", OPEN),
                p("dte_cycles", "cycles", 2, 0, 100_000, "lookup of it", OPEN),
                p("dte_ports", "slots", 1, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
                p("irt_cache", "flag", 1, 0, 1, "whether there is a cache of interrupt remapping entries", MODEL),
                p("irt_entries", "entries", 64, 1, 65536, "cache of interrupt remapping entries", OPEN),
                p("irt_ways", "ways", 4, 0, 65536, "its associativity; 0: full", OPEN),
                p("irt_policy", "policy", 3, 0, 3, "as dte_policy", OPEN),
                p("irt_cycles", "cycles", 2, 0, 100_000, "lookup of it", OPEN),
                p("irt_ports", "slots", 1, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
                p("irt_fetches", "slots", 4, 0, 64, "interrupt entries read at a time; 0: any number", OPEN),
                p("iotlb", "flag", 1, 0, 1, "whether there is an IOTLB", MODEL),
                p("iotlb_entries", "entries", 128, 1, 1 << 20, "IOTLB", OPEN),
                p("iotlb_ways", "ways", 0, 0, 1 << 20, "its associativity; 0: full", OPEN),
                p("iotlb_policy", "policy", 1, 0, 3, "as dte_policy", OPEN),
                p("iotlb_cycles", "cycles", 3, 0, 100_000, "lookup of the IOTLB", OPEN),
                p("iotlb_ports", "slots", 1, 0, 4096, "lookups and fills of it at a time; 0: any number", OPEN),
                p("iotlb_fill_cycles", "cycles", 0, 0, 100_000, "filling an entry of the IOTLB", OPEN),
                p(
                        "iotlb_by_function",
                        "flag",
                        0,
                        0,
                        1,
                        "functions of a domain do not share translations",
                        "QEMU amd_iommu.c"),
                p(
                        "iotlb_pieces",
                        "flag",
                        0,
                        0,
                        1,
                        "of a large page the IOTLB keeps the 4 KiB that were asked for",
                        "QEMU amd_iommu.c"),
                p(
                        "whole_domain_invalidation",
                        "flag",
                        0,
                        0,
                        1,
                        "INVALIDATE_IOMMU_PAGES drops everything of the domain, whatever its range",
                        "QEMU amd_iommu.c"),
                p("merge_misses", "flag", 1, 0, 1, "a miss waits while the same page is being translated", OPEN),
                p("blocking_misses", "flag", 0, 0, 1, "a miss keeps its lookup port until it has a walk slot", OPEN));
    }

    private static List<Parameter> walks() {
        return List.of(
                p("walk_slots", "slots", 8, 1, 4096, "table walks at a time", OPEN),
                p("merge_walks", "flag", 1, 0, 1, "walks that need the same table entry at a time read it once", OPEN),
                p("gcr3_cache", "flag", 1, 0, 1, "whether there is a cache of GCR3 entries", MODEL),
                p("gcr3_entries", "entries", 64, 1, 65536, "cache of GCR3 entries", OPEN),
                p("gcr3_ways", "ways", 4, 0, 65536, "its associativity; 0: full", OPEN),
                p("gcr3_policy", "policy", 3, 0, 3, "as dte_policy", OPEN),
                p("gcr3_cycles", "cycles", 1, 0, 100_000, "lookup of it", OPEN),
                p("gcr3_ports", "slots", 1, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
                p("walk_cache_policy", "policy", 3, 0, 3, "as dte_policy, of the page-directory caches", OPEN),
                p("walk_cache_ways", "ways", 4, 1, 65536, "their associativity", OPEN),
                p("walk_cache_cycles", "cycles", 1, 0, 100_000, "lookup of one level of them", OPEN),
                p("walk_cache_ports", "slots", 1, 0, 4096, "lookups of them at a time; 0: any number", OPEN),
                p("walk_cache_nested", "flag", 1, 0, 1, "addresses of guest tables use the host tables' caches", OPEN),
                p("walk_v2_l2", "entries", 64, 0, 1 << 20, "pointers in guest tables of level 2", OPEN),
                p("walk_v2_l3", "entries", 32, 0, 1 << 20, "pointers in guest tables of level 3", OPEN),
                p("walk_v2_l4", "entries", 16, 0, 1 << 20, "pointers in guest tables of level 4", OPEN),
                p("walk_v2_l5", "entries", 8, 0, 1 << 20, "pointers in guest tables of level 5", OPEN),
                p("walk_v1_l2", "entries", 64, 0, 1 << 20, "pointers in host tables of level 2", OPEN),
                p("walk_v1_l3", "entries", 32, 0, 1 << 20, "pointers in host tables of level 3", OPEN),
                p("walk_v1_l4", "entries", 16, 0, 1 << 20, "pointers in host tables of level 4", OPEN),
                p("walk_v1_l5", "entries", 8, 0, 1 << 20, "pointers in host tables of level 5", OPEN),
                p("walk_v1_l6", "entries", 8, 0, 1 << 20, "pointers in host tables of level 6", OPEN));
    }

    private static List<Parameter> queues() {
        return List.of(
                p("command_cycles", "cycles", 4, 0, 100_000, "decoding a command", OPEN),
                p("invalidate_cycles", "cycles", 16, 0, 100_000, "carrying an invalidation to all caches", OPEN),
                p(
                        "late_records",
                        "flag",
                        0,
                        0,
                        1,
                        "tails and interrupts of event and PPR log come before their records (errata 732, 733)",
                        "Linux amd_iommu_poll_events"),
                p(
                        "log_runs_when_full",
                        "flag",
                        0,
                        0,
                        1,
                        "EventLogRun stays 1 when the event log overflows",
                        "QEMU amd_iommu.c"),
                p(
                        "status_race_cycles",
                        "cycles",
                        0,
                        0,
                        100_000,
                        "so long after a status bit is cleared a new condition sends no interrupt (erratum 1312)",
                        "Linux amd_iommu_handle_irq"),
                p("iotlb_tags", "tags", 32, 1, 32, "invalidation requests to functions at a time", MODEL),
                p(
                        "iotlb_skips_nobody",
                        "flag",
                        0,
                        0,
                        1,
                        "INVALIDATE_IOTLB_PAGES of a function without a TLB is complete at once",
                        "QEMU amd_iommu.c"));
    }

    private static List<Parameter> features() {
        return List.of(
                p("iotlb_sup", "flag", 1, 0, 1, "capability header IotlbSup: functions may have a TLB (ATS)", MODEL),
                p("np_cache", "flag", 0, 0, 1, "capability header NpCache: what is not present is cached, too", MODEL),
                p("prefetch", "flag", 1, 0, 1, "EFR.PrefSup: PREFETCH_IOMMU_PAGES is taken", MODEL),
                p(
                        "prefetch_walks",
                        "pages",
                        0,
                        0,
                        64,
                        "pages that PREFETCH_IOMMU_PAGES has translated at a time; 0: the hint is taken and ignored",
                        "QEMU amd_iommu.c"),
                p("ppr", "flag", 1, 0, 1, "EFR.PPRSup: page requests", MODEL),
                p("xt", "flag", 1, 0, 1, "EFR.XTSup: x2APIC", MODEL),
                p("nx", "flag", 1, 0, 1, "EFR.NXSup: no-execute of guest tables counts", MODEL),
                p("gt", "flag", 1, 0, 1, "EFR.GTSup: guest tables", MODEL),
                p("ia", "flag", 1, 0, 1, "EFR.IASup: INVALIDATE_IOMMU_ALL", MODEL),
                p("ga", "flag", 1, 0, 1, "EFR.GASup: interrupt remapping entries of 128 bits", MODEL),
                p("gam", "flag", 0, 0, 1, "EFR.GAMSup: interrupts of guests are posted; guest virtual APIC log", MODEL),
                p("gappi", "flag", 0, 0, 1, "EFR.GAPPISup: interrupts in place of the guest virtual APIC log", MODEL),
                p("gappi_dis", "flag", 0, 0, 1, "EFR2.GAPPIDisSup: entries can forbid those interrupts", MODEL),
                p("host_levels", "levels", 6, 4, 6, "EFR.HATS: most levels of host tables", MODEL),
                p("guest_levels", "levels", 5, 4, 5, "EFR.GATS: most levels of guest tables", MODEL),
                p("gcr3_levels", "levels", 3, 1, 3, "EFR.GLXSup: most levels of a GCR3 table", MODEL),
                p("pasid_bits", "bits", 16, 1, 20, "EFR.PASMax: width of a PASID", MODEL),
                p("us", "flag", 1, 0, 1, "EFR.USSup: user and supervisor of guest tables count", MODEL));
    }

    private static List<Parameter> extensions() {
        return List.of(
                p(
                        "segments",
                        "segments",
                        1,
                        1,
                        8,
                        "EFR.DevTblSegSup: segments of the device table; 1, 2, 4 or 8",
                        MODEL),
                p("counter_banks", "banks", 0, 0, 63, "event counters: banks; EFR.PCSup if there are any", MODEL),
                p("counters_per_bank", "counters", 4, 1, 15, "event counters in a bank", MODEL),
                p("ppr_auto_rsp", "flag", 1, 0, 1, "EFR.PPRAutoRspSup: answers to what the PPR log cannot take", MODEL),
                p("blk_stop_mrk", "flag", 1, 0, 1, "EFR.BlkStopMrkSup: stop markers can be kept from the log", MODEL),
                p(
                        "msi_cap_mmio",
                        "flag",
                        1,
                        0,
                        1,
                        "EFR.MsiCapMmioSup: the MSI capability is among the registers",
                        MODEL),
                p("gio", "flag", 1, 0, 1, "EFR.GIOSup: guest tables for requests without PASID", MODEL),
                p("ha", "flag", 1, 0, 1, "EFR.HASup: accessed flags of host tables", MODEL),
                p("hd", "flag", 1, 0, 1, "EFR.HDSup: dirty flags of host tables", MODEL),
                p("eph", "flag", 1, 0, 1, "EFR.EPHSup: enhanced page request handling", MODEL),
                p(
                        "gd_update_dis",
                        "flag",
                        1,
                        0,
                        1,
                        "EFR.V2HDDisSup: updates of dirty flags of guest tables can be disabled",
                        MODEL),
                p(
                        "ga_update_dis",
                        "flag",
                        1,
                        0,
                        1,
                        "EFR.GAUpdateDisSup: updates of accessed flags of guest tables can be disabled",
                        MODEL),
                p("gcr3_trp", "flag", 1, 0, 1, "EFR2.GCR3TRPMode: the GCR3 root may be a guest address", MODEL),
                p("interrupts_2k", "flag", 1, 0, 1, "EFR2.NumIntRemapSup: 2048 interrupts of a function", MODEL),
                p("ht_range_ignore", "flag", 1, 0, 1, "EFR2.HTRangeIgnore: no reserved HyperTransport range", MODEL),
                p("ht_range", "flag", 1, 0, 1, "0: there is no such range, whatever EFR2 says", "QEMU amd_iommu.c"),
                p(
                        "memory_attributes",
                        "flag",
                        0,
                        0,
                        1,
                        "bits 6:4 of a device table entry are attributes of memory, not reserved",
                        MODEL));
    }

    private static Parameter p(
            String name, String unit, long value, long min, long max, String description, String source) {
        return new Parameter(name, unit, value, min, max, description, source);
    }

    /** The shape of the page-directory caches: pointers only, above the lowest level. */
    WalkCacheShape walkCaches() {
        return new WalkCacheShape(
                pointers("walk_v2_l", 5),
                pointers("walk_v1_l", 6),
                value("walk_cache_ways"),
                Replacement.of(value("walk_cache_policy")),
                value("walk_cache_cycles"),
                value("walk_cache_ports"),
                flag("walk_cache_nested"));
    }

    private List<Integer> pointers(String prefix, int levels) {
        List<Integer> entries = new ArrayList<>();
        entries.add(0);
        for (int level = 2; level <= levels; level++) {
            entries.add(value(prefix + level));
        }
        return List.copyOf(entries);
    }

    /** A freed slot is handed to whoever has waited longest. */
    WakeRule wakeRule() {
        return WakeRule.HAND_OVER;
    }
}

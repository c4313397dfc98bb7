package org.iommusim.vtd;

import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.hw.walk.WalkCacheShape;
import org.iommusim.sim.resource.WakeRule;

/**
 * Everything that can be set on a VT-d unit, as data, and the values of one unit. Intel publishes which caches there are and
 * how they are tagged, but neither sizes nor cycles: these are marked {@code uncalibrated}.
 */
public final class VtdParameters extends ParameterValues {
    private static final String OPEN = "uncalibrated";
    private static final String PCIE_BENCH = "pcie-bench, random reads in a window: effective entries of the IOTLB";
    private static final String MODEL = "this model";

    private static final List<Parameter> ALL = Stream.of(resources(), queues(), capabilities(), extendedCapabilities())
            .flatMap(List::stream)
            .toList();

    /** Takes resolved values; every parameter must be there. */
    VtdParameters(SortedMap<String, Long> values) {
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
                // ---- context cache and PASID cache
                p("context_cache", "flag", 1, 0, 1, "whether there is a context cache", MODEL),
                p("context_entries", "entries", 64, 1, 65536, "context cache", OPEN),
                p("context_ways", "ways", 4, 0, 65536, "its associativity; 0: full", OPEN),
                p("context_policy", "policy", 3, 0, 3, "0 round robin, 1 LRU, 2 random, 3 pseudo LRU", OPEN),
                p("context_cycles", "cycles", 2, 0, 100_000, "lookup of the context cache", OPEN),
                p("context_ports", "slots", 1, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
                p("pasid_cache", "flag", 1, 0, 1, "whether there is a PASID cache", MODEL),
                p("pasid_entries", "entries", 64, 1, 65536, "PASID cache", OPEN),
                p("pasid_ways", "ways", 4, 0, 65536, "its associativity; 0: full", OPEN),
                p("pasid_policy", "policy", 3, 0, 3, "as context_policy", OPEN),
                p("pasid_cycles", "cycles", 2, 0, 100_000, "lookup of the PASID cache", OPEN),
                p("pasid_ports", "slots", 1, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
                p("fetch_slots", "slots", 4, 0, 64, "context and PASID entries read at a time; 0: any number", OPEN),
                p("merge_fetches", "flag", 1, 0, 1, "a miss waits while the same entries are being read", OPEN),
                // ---- interrupt entry cache
                p("iec", "flag", 1, 0, 1, "whether there is an interrupt entry cache", MODEL),
                p("iec_entries", "entries", 64, 1, 65536, "interrupt entry cache", OPEN),
                p("iec_ways", "ways", 4, 0, 65536, "its associativity; 0: full", OPEN),
                p("iec_policy", "policy", 3, 0, 3, "as context_policy", OPEN),
                p("iec_cycles", "cycles", 2, 0, 100_000, "lookup of the interrupt entry cache", OPEN),
                p("iec_ports", "slots", 1, 0, 4096, "lookups of it at a time; 0: any number", OPEN),
                p("iec_fetches", "slots", 4, 0, 64, "interrupt entries read at a time; 0: any number", OPEN),
                // ---- IOTLB
                p("iotlb", "flag", 1, 0, 1, "whether there is an IOTLB", MODEL),
                p("iotlb_entries", "entries", 128, 1, 1 << 20, "IOTLB", PCIE_BENCH),
                p("iotlb_ways", "ways", 0, 0, 1 << 20, "its associativity; 0: full", OPEN),
                p("iotlb_policy", "policy", 1, 0, 3, "as context_policy", OPEN),
                p("iotlb_cycles", "cycles", 3, 0, 100_000, "lookup of the IOTLB", OPEN),
                p("iotlb_ports", "slots", 1, 0, 4096, "lookups and fills of it at a time; 0: any number", OPEN),
                p("iotlb_fill_cycles", "cycles", 0, 0, 100_000, "filling an entry of the IOTLB", OPEN),
                p(
                        "interrupt_range_pages",
                        "flag",
                        1,
                        0,
                        1,
                        "a page that reaches into the interrupt range is refused wherever it is accessed",
                        "QEMU intel_iommu.c"),
                p(
                        "partial_invalidation",
                        "flag",
                        0,
                        0,
                        1,
                        "an invalidation of a part of a large page drops it; else only one of the whole page does",
                        "VT-d, IVA_REG.AM"),
                p("merge_misses", "flag", 1, 0, 1, "a miss waits while the same page is being translated", OPEN),
                p("blocking_misses", "flag", 0, 0, 1, "a miss keeps its lookup port until it has a walk slot", OPEN),
                // ---- walks
                p("walk_slots", "slots", 8, 1, 4096, "table walks at a time", OPEN),
                p("merge_walks", "flag", 1, 0, 1, "walks that need the same table entry at a time read it once", OPEN),
                p("walk_cache_policy", "policy", 3, 0, 3, "as context_policy, of the paging-structure caches", OPEN),
                p("walk_cache_ways", "ways", 4, 1, 65536, "their associativity", OPEN),
                p("walk_cache_cycles", "cycles", 1, 0, 100_000, "lookup of one level of them", OPEN),
                p("walk_cache_ports", "slots", 1, 0, 4096, "lookups of them at a time; 0: any number", OPEN),
                p("walk_cache_nested", "flag", 1, 0, 1, "addresses of first-stage tables use the second stage's", OPEN),
                p("walk_fs_l2", "entries", 64, 0, 1 << 20, "pointers in first-stage level 2 (PDE)", OPEN),
                p("walk_fs_l3", "entries", 32, 0, 1 << 20, "pointers in first-stage level 3 (PDPE)", OPEN),
                p("walk_fs_l4", "entries", 16, 0, 1 << 20, "pointers in first-stage level 4 (PML4E)", OPEN),
                p("walk_fs_l5", "entries", 8, 0, 1 << 20, "pointers in first-stage level 5 (PML5E)", OPEN),
                p("walk_ss_l2", "entries", 64, 0, 1 << 20, "pointers in second-stage level 2", OPEN),
                p("walk_ss_l3", "entries", 32, 0, 1 << 20, "pointers in second-stage level 3", OPEN),
                p("walk_ss_l4", "entries", 16, 0, 1 << 20, "pointers in second-stage level 4", OPEN),
                p("walk_ss_l5", "entries", 8, 0, 1 << 20, "pointers in second-stage level 5", OPEN));
    }

    private static List<Parameter> queues() {
        return List.of(
                p("descriptor_cycles", "cycles", 4, 0, 100_000, "decoding an invalidation descriptor", OPEN),
                p("invalidate_cycles", "cycles", 16, 0, 100_000, "carrying an invalidation to all caches", OPEN),
                p("register_cycles", "cycles", 16, 0, 100_000, "until a command of GCMD, CCMD or IOTLB is done", OPEN),
                p("devtlb_tags", "tags", 32, 1, 32, "invalidation requests to functions at a time", MODEL),
                p("devtlb_timeout_us", "us", 1000, 0, 2000, "until an invalidation request has failed; 0: never", OPEN),
                p(
                        "iq_error_info",
                        "flag",
                        1,
                        0,
                        1,
                        "IQERCD says what an error of the queue is; older units do not",
                        MODEL),
                p(
                        "iq_retry_at_tail",
                        "flag",
                        0,
                        0,
                        1,
                        "a descriptor with an error is tried again only when IQT is written",
                        MODEL),
                p("collapse_faults", "flag", 1, 0, 1, "a source with a recorded fault gets no second record", MODEL),
                p("version", "code", 0x10, 0x10, 0xff, "VER: major version in bits 7:4, minor in 3:0", MODEL));
    }

    private static List<Parameter> capabilities() {
        return List.of(
                p("nd", "code", 6, 0, 6, "CAP.ND: 2^(4+2n) domain ids", MODEL),
                p("rwbf", "flag", 0, 0, 1, "CAP.RWBF: a write-buffer flush is needed", MODEL),
                p("plmr", "flag", 1, 0, 1, "CAP.PLMR: protected low memory", MODEL),
                p("phmr", "flag", 1, 0, 1, "CAP.PHMR: protected high memory", MODEL),
                p("cm", "flag", 0, 0, 1, "CAP.CM: what is not present may be cached, and is", MODEL),
                p("sagaw", "mask", 6, 2, 14, "CAP.SAGAW: bit 1: 3 levels, bit 2: 4, bit 3: 5", MODEL),
                p("mgaw", "bits", 48, 39, 57, "width of input addresses (CAP.MGAW plus 1)", MODEL),
                p("zlr", "flag", 1, 0, 1, "CAP.ZLR: zero-length reads of write-only pages", MODEL),
                p("sslps", "mask", 3, 0, 3, "CAP.SSLPS: bit 0: 2 MiB, bit 1: 1 GiB in second-stage tables", MODEL),
                p("psi", "flag", 1, 0, 1, "CAP.PSI: page-selective invalidation", MODEL),
                p("nfr", "records", 8, 1, 64, "fault recording registers", MODEL),
                p("mamv", "code", 18, 0, 63, "CAP.MAMV: largest address mask of an invalidation", MODEL),
                p("drain", "flag", 1, 0, 1, "CAP.DWD, CAP.DRD: invalidations can drain", MODEL),
                p("fs1gp", "flag", 1, 0, 1, "CAP.FS1GP: 1 GiB pages in first-stage tables", MODEL),
                p("fs5lp", "flag", 0, 0, 1, "CAP.FS5LP: first-stage tables of 5 levels", MODEL),
                p("esirtps", "flag", 1, 0, 1, "CAP.ESIRTPS: SIRTP invalidates by itself", MODEL),
                p("esrtps", "flag", 1, 0, 1, "CAP.ESRTPS: SRTP invalidates by itself", MODEL),
                p("haw", "bits", 46, 32, 52, "width of host physical addresses", MODEL));
    }

    private static List<Parameter> extendedCapabilities() {
        return List.of(
                p("c", "flag", 1, 0, 1, "ECAP.C: reads of tables look into the last-level cache, else past it", MODEL),
                p("qi", "flag", 1, 0, 1, "ECAP.QI: queued invalidation", MODEL),
                p("dt", "flag", 0, 0, 1, "ECAP.DT: device TLBs (ATS)", MODEL),
                p("ir", "flag", 1, 0, 1, "ECAP.IR: interrupt remapping", MODEL),
                p("eim", "flag", 1, 0, 1, "ECAP.EIM: x2APIC interrupt entries", MODEL),
                p("pt", "flag", 1, 0, 1, "ECAP.PT: pass-through", MODEL),
                p("sc", "flag", 1, 0, 1, "ECAP.SC: snoop control", MODEL),
                p("mhmv", "code", 15, 0, 15, "ECAP.MHMV: largest index mask of an interrupt invalidation", MODEL),
                p("mts", "flag", 0, 0, 1, "ECAP.MTS: memory types of PASID entries and leaves count", MODEL),
                p("nest", "flag", 1, 0, 1, "ECAP.NEST: first stage over second stage", MODEL),
                p("prs", "flag", 0, 0, 1, "ECAP.PRS: page requests", MODEL),
                p("pds", "flag", 1, 0, 1, "ECAP.PDS: waits can drain page requests; only with prs", MODEL),
                p("ers", "flag", 0, 0, 1, "ECAP.ERS: requests for execution", MODEL),
                p("srs", "flag", 1, 0, 1, "ECAP.SRS: privileged requests", MODEL),
                p("nwfs", "flag", 1, 0, 1, "ECAP.NWFS: the no-write flag of translation requests counts", MODEL),
                p("eafs", "flag", 1, 0, 1, "ECAP.EAFS: extended accessed flag of first-stage entries", MODEL),
                p("pss", "bits", 20, 1, 20, "width of PASIDs (ECAP.PSS plus 1)", MODEL),
                p("pasid", "flag", 1, 0, 1, "ECAP.PASID: requests with PASID", MODEL),
                p("smts", "flag", 1, 0, 1, "ECAP.SMTS: scalable mode", MODEL),
                p("ssads", "flag", 1, 0, 1, "ECAP.SSADS: accessed and dirty flags of second-stage entries", MODEL),
                p("ssts", "flag", 1, 0, 1, "ECAP.SSTS: second stage in scalable mode", MODEL),
                p("fsts", "flag", 1, 0, 1, "ECAP.FSTS: first stage", MODEL),
                p("rps", "flag", 1, 0, 1, "ECAP.RPS: RID_PASID of the context entry; else it is 0", MODEL),
                p("adms", "flag", 1, 0, 1, "ECAP.ADMS: abort-DMA mode", MODEL),
                p("rprivs", "flag", 1, 0, 1, "ECAP.RPRIVS: RID_PRIV of the context entry", MODEL));
    }

    private static Parameter p(
            String name, String unit, long value, long min, long max, String description, String source) {
        return new Parameter(name, unit, value, min, max, description, source);
    }

    /** The shape of the paging-structure caches: pointers only, above the lowest level. */
    WalkCacheShape walkCaches() {
        return new WalkCacheShape(
                pointers("walk_fs_l"),
                pointers("walk_ss_l"),
                value("walk_cache_ways"),
                Replacement.of(value("walk_cache_policy")),
                value("walk_cache_cycles"),
                value("walk_cache_ports"),
                flag("walk_cache_nested"));
    }

    private List<Integer> pointers(String prefix) {
        return List.of(0, value(prefix + 2), value(prefix + 3), value(prefix + 4), value(prefix + 5));
    }

    /** A freed slot is handed to whoever has waited longest. */
    WakeRule wakeRule() {
        return WakeRule.HAND_OVER;
    }
}

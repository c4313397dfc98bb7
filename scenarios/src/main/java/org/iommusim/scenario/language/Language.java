package org.iommusim.scenario.language;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pcie.AddressMode;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.sim.time.Picoseconds;

/** Every object of a scenario except its steps, which the verbs define. The limits keep typing errors out of the run. */
public final class Language {
    /** What a scenario of this version points to with {@code "$schema"}. */
    public static final String SCHEMA_NAME = "scenario.schema.json";

    static final long GIB = 1L << 30;
    static final long TERABYTE_PER_SECOND = 1_000_000_000_000L;
    static final int MANY = 65_536;

    /** An image. */
    public static final Shape IMAGE = Shape.of(
            "image",
            "What lies in memory when the run starts.",
            Member.of("file", ValueKind.TEXT, "Its bytes, gzip or plain; relative to the scenario's file.")
                    .must(),
            Member.of("address", ValueKind.ADDRESS, 0, 1L << 52, "Where its first byte lies, a multiple of 8.")
                    .otherwise("0"));

    /** Memory of the machine. */
    public static final Shape MEMORY = Shape.of(
            "memory",
            "Physical memory and how long it takes.",
            Member.of("size", ValueKind.SIZE, 1L << 20, 1024 * GIB, "How much there is, in steps of 2 MiB.")
                    .otherwise("4GiB"),
            Member.of("base", ValueKind.ADDRESS, 0, 1L << 51, "Its first address, in steps of 2 MiB.")
                    .otherwise("1GiB"),
            Member.of(
                    "images", ValueKind.OBJECTS, IMAGE, "What lies in it from the start; nobody else allocates there."),
            Member.word("answers", List.of("any_order", "in_order"), "Whether a quick answer may overtake a slow one.")
                    .otherwise("any_order"),
            Member.of("latency", ValueKind.DURATION, 0, Picoseconds.MS, "From the start of a transfer to its answer.")
                    .otherwise("100ns"),
            Member.of("bandwidth", ValueKind.RATE, 1_000_000, 1000 * TERABYTE_PER_SECOND, "What the channel passes.")
                    .otherwise("unlimited"),
            Member.of("outstanding", ValueKind.COUNT, 1, MANY, "How many accesses may be in flight.")
                    .otherwise("any number"),
            Member.of("llc_size", ValueKind.SIZE, 4096, 4 * GIB, "Size of the last-level cache, whole sets of lines.")
                    .otherwise("no cache"),
            Member.of("llc_ways", ValueKind.COUNT, 1, 1024, "Ways of the last-level cache.")
                    .otherwise("16"),
            Member.of("llc_hit", ValueKind.DURATION, 0, Picoseconds.MS, "Latency of a hit in the last-level cache.")
                    .otherwise("20ns"));

    /** A link. */
    public static final Shape LINK = Shape.of(
            "link",
            "The PCIe link of a root port, the same in both directions.",
            Member.of("latency", ValueKind.DURATION, 0, Picoseconds.MS, "From the last byte leaving to its arrival.")
                    .otherwise("0ns"),
            Member.of("bandwidth", ValueKind.RATE, 1_000_000, 1000 * TERABYTE_PER_SECOND, "Header and data per second.")
                    .otherwise("unlimited"),
            Member.of("header_bytes", ValueKind.COUNT, 0, 4096, "Overhead of each packet in bytes.")
                    .otherwise("0"));

    /** An IOMMU. */
    public static final Shape IOMMU = Shape.of(
            "iommu",
            "A physical IOMMU.",
            Member.of("id", ValueKind.ID, "Its name.").must(),
            Member.of("kind", ValueKind.WORD, "Its architecture.").must(),
            Member.of("preset", ValueKind.WORD, "A named set of parameters.").otherwise("the parameters' defaults"),
            Member.of("parameters", ValueKind.PARAMETERS, "What differs from the preset, by name."),
            Member.of(
                    "registers",
                    ValueKind.REGISTERS,
                    "Written in this order at time 0, in place of the driver's probe: nothing boots, nobody acts."));

    /** A root port. */
    public static final Shape ROOT_PORT = Shape.of(
            "root_port",
            "A PCIe root port: a link, and the IOMMU that translates for it.",
            Member.of("id", ValueKind.ID, "Its name.").must(),
            Member.of("iommu", ValueKind.ID_OF, "Who translates for it.").must(),
            Member.of("link", ValueKind.OBJECT, LINK, "How long its link takes."));

    /** A switch port. */
    public static final Shape SWITCH_PORT = Shape.of(
            "switch_port",
            "A downstream port of a PCIe switch: a further link, which everything behind it shares.",
            Member.of("id", ValueKind.ID, "Its name.").must(),
            Member.of("upstream", ValueKind.ID_OF, "The root port or switch port that it sits behind.")
                    .must(),
            Member.of("link", ValueKind.OBJECT, LINK, "How long its link takes."));

    /** A device's address translation services. */
    public static final Shape ATS = Shape.of(
            "ats",
            "Address translation services of a function: it can ask for translations and keep them.",
            Member.of("entries", ValueKind.COUNT, 1, MANY, "Entries of its address translation cache.")
                    .otherwise("64"),
            Member.of("lookup", ValueKind.DURATION, 0, Picoseconds.MS, "How long a lookup in it takes.")
                    .otherwise("0ns"),
            Member.of("stu", ValueKind.SIZE, 4096, 1L << 30, "Smallest translation unit, a power of two.")
                    .otherwise("4KiB"),
            Member.of(
                            "invalidate_queue_depth",
                            ValueKind.COUNT,
                            1,
                            32,
                            "Invalidation requests that it takes at a time.")
                    .otherwise("32"),
            Member.of("completions", ValueKind.COUNT, 1, 8, "Completions that it sends for each invalidation request.")
                    .otherwise("1"),
            Member.of(
                            "page_requests",
                            ValueKind.COUNT,
                            0,
                            512,
                            "Page requests that it may have outstanding; 0: no PRI.")
                    .otherwise("32"),
            Member.of("page_retries", ValueKind.COUNT, 0, 1000, "How often it asks for the same page.")
                    .otherwise("8"));

    /** A device. */
    public static final Shape DEVICE = Shape.of(
            "device",
            "A PCIe function in a slot behind a root port, or behind a port of a switch.",
            Member.of("id", ValueKind.ID, "Its name.").must(),
            Member.of("port", ValueKind.ID_OF, "The root port or switch port that it sits behind.")
                    .must(),
            Member.of("bdf", ValueKind.BDF, "Its bus, device and function number.")
                    .must(),
            Member.of("plugged", ValueKind.FLAG, "Whether it is there when the run starts.")
                    .otherwise("true"),
            Member.of(
                    "group",
                    ValueKind.TEXT,
                    "Name of its IOMMU group: devices with the same name cannot be isolated from each other. If absent:"
                            + " a group of its own."),
            Member.of(
                    "ats", ValueKind.OBJECT, ATS, "What it can do with translations of its own. If absent: nothing."));

    /** A traffic. */
    public static final Shape TRAFFIC = Shape.of(
            "traffic",
            "What a device does when it is told to: a closed loop (outstanding) or an open one (interval);"
                    + " or the requests of a file, made again from a given time on in a closed loop.",
            Member.of("id", ValueKind.ID, "Its name; also of its random stream.")
                    .must(),
            Member.of("device", ValueKind.ID_OF, "Who does it; of a replay, whose IOMMU it is made to.")
                    .must(),
            Member.word("kind", List.of("generate", "replay"), "Whether requests are made up or come from a file.")
                    .otherwise("generate"),
            Member.of("file", ValueKind.TEXT, "Replay: the requests, gzip or plain; relative to the scenario's file."),
            Member.of("order_ids", ValueKind.COUNT, 1, MANY, "Replay: request i belongs to order i mod so many.")
                    .otherwise("1"),
            Member.of("start", ValueKind.DURATION, 0, 3600 * Picoseconds.S, "Replay: when the first request is made.")
                    .otherwise("0ns"),
            Member.of("cycle", ValueKind.DURATION, 1, Picoseconds.MS, "Replay: at most one new request in so long.")
                    .otherwise("1ns"),
            Member.of(
                            "door",
                            ValueKind.COUNT,
                            0,
                            MANY,
                            "Replay: the front end that takes it, of an IOMMU with several.")
                    .otherwise("0"),
            Member.of("warm_up", ValueKind.COUNT, "Replay: so many requests are in no latency and no hit rate.")
                    .otherwise("0"),
            Member.of("window_base", ValueKind.ADDRESS, 0, Long.MAX_VALUE, "First address, as the device sees it.")
                    .otherwise("0"),
            Member.of("window", ValueKind.SIZE, 1, 1L << 48, "Size of the window that is accessed; not of a replay."),
            Member.of("bytes", ValueKind.SIZE, 1, MANY, "Size of one access.").otherwise("64B"),
            Member.word("pattern", words(TrafficPattern.values()), "How addresses are picked.")
                    .otherwise("sequential"),
            Member.of("stride", ValueKind.SIZE, 1, 1L << 48, "Distance between accesses of the pattern strided."),
            Member.of("write_percent", ValueKind.COUNT, 0, 100, "How many of 100 accesses are writes.")
                    .otherwise("0"),
            Member.of("count", ValueKind.COUNT, 0, 1_000_000_000_000L, "How many accesses in all; 0: until stopped.")
                    .otherwise("0"),
            Member.of("outstanding", ValueKind.COUNT, 1, MANY, "Closed loop: so many in flight, all the time."),
            Member.of("interval", ValueKind.DURATION, 1, Picoseconds.S, "Open loop: mean time between attempts."),
            Member.of("poisson", ValueKind.FLAG, "Open loop: random intervals, exponentially distributed.")
                    .otherwise("false"),
            Member.of("device_outstanding", ValueKind.COUNT, 1, MANY, "Open loop: how many can be in flight.")
                    .otherwise("32"),
            Member.word(
                            "addresses",
                            words(AddressMode.values()),
                            "Who translates: the IOMMU each request, or the device, which may also ask for pages.")
                    .otherwise("untranslated"),
            Member.of("pasid", ValueKind.NUMBER, 0, (1L << 20) - 1, "PASID of every access.")
                    .otherwise("none"));

    /** The topology. */
    public static final Shape TOPOLOGY = Shape.of(
            "topology",
            "The machine.",
            Member.of("memory", ValueKind.OBJECT, MEMORY, "Physical memory."),
            Member.of("iommus", ValueKind.OBJECTS, IOMMU, "Physical IOMMUs.").must(),
            Member.of("root_ports", ValueKind.OBJECTS, ROOT_PORT, "PCIe root ports.")
                    .must(),
            Member.of("switch_ports", ValueKind.OBJECTS, SWITCH_PORT, "Downstream ports of PCIe switches."),
            Member.of("devices", ValueKind.OBJECTS, DEVICE, "PCIe functions.").must(),
            Member.of("traffic", ValueKind.OBJECTS, TRAFFIC, "What devices can be told to do."));

    /** What every step has besides its verb's own fields. */
    public static final Shape STEP = Shape.of(
            "step",
            "One step of a script. Its further fields depend on what it does.",
            Member.of("do", ValueKind.WORD, "What is done.").must(),
            Member.of(
                            "errno",
                            ValueKind.WORDS,
                            "The answer it must have: \"OK\", an errno's name, or \"any\"; or a list of answers that are legal.")
                    .otherwise("OK"),
            Member.of("at", ValueKind.DURATION, 0, 3600 * Picoseconds.S, "Not before this simulated time."),
            Member.of("after", ValueKind.WORDS, "Not before all these labels are set."),
            Member.of("label", ValueKind.NEW_NAME, "Set when the step has ended; unique in the scenario."),
            Member.of("comment", ValueKind.TEXT, "For readers."));

    /** An actor. */
    public static final Shape ACTOR = Shape.of(
            "actor",
            "Somebody who acts, one step behind the other.",
            Member.of("id", ValueKind.ID, "Its name.").must(),
            Member.of("kind", ValueKind.WORD, "What it is.").must(),
            Member.of("vmm", ValueKind.ID_OF, "The VMM of a guest or of a thread; only they have one, and they must."),
            Member.of("iommu", ValueKind.ID_OF, "Of whose kind a guest's virtual IOMMU is.")
                    .otherwise("the machine's first IOMMU"),
            Member.of("script", ValueKind.OBJECTS, STEP, "What it does.").must(),
            Member.of("comment", ValueKind.TEXT, "For readers."));

    /** Expectation: violations. */
    public static final Shape EXPECT_DMA = Shape.of(
            "dma",
            "How many DMA requests ended in one way.",
            Member.of("traffic", ValueKind.ID_OF, "Whose; without it, of all."),
            Member.word("outcome", outcomes(), "How they ended; without it, all."),
            Member.word(
                    "found",
                    List.of("micro_tlb", "main_tlb", "shared_tlb", "walk"),
                    "Only those whose translation came from there."),
            Member.of("count", ValueKind.COUNT, "Exactly so many."),
            Member.of("min", ValueKind.COUNT, "At least so many."),
            Member.of("max", ValueKind.COUNT, "At most so many."));

    /** Expectation: latency. */
    public static final Shape EXPECT_LATENCY = Shape.of(
            "latency",
            "A percentile of a traffic's latency.",
            Member.word(
                            "of",
                            List.of("request", "translation", "walk"),
                            "From attempt to answer; in the IOMMU; in the walker.")
                    .otherwise("request"),
            Member.of("traffic", ValueKind.ID_OF, "Whose; without it, of all."),
            Member.word("percentile", List.of("mean", "p50", "p90", "p99", "p99.9", "max"), "Which.")
                    .must(),
            Member.of("min", ValueKind.DURATION, "At least so long."),
            Member.of("max", ValueKind.DURATION, "At most so long."));

    /** Expectation: objects. */
    public static final Shape EXPECT_OBJECT = Shape.of(
            "object",
            "Objects of an iommufd context at the end of the run.",
            Member.of("context", ValueKind.TEXT, "Which /dev/iommu file; without it, all."),
            Member.of("type", ValueKind.TEXT, "Which type, such as VDEVICE; without it, all."),
            Member.of(
                    "id", ValueKind.REFERENCE, "The object with this id, e.g. $vmm.vdevice; the actor must be named."),
            Member.of("count", ValueKind.COUNT, "How many are in that state."),
            Member.word("state", List.of("live", "tombstone", "absent"), "What state it is in.")
                    .must());

    /** Expectation: a statistic. */
    public static final Shape EXPECT_STATISTIC = Shape.of(
            "statistic",
            "A counter at the end of the run.",
            Member.of("name", ValueKind.TEXT, "Its path, as the report shows it.")
                    .must(),
            Member.of("equals", ValueKind.COUNT, "Exactly."),
            Member.of("min", ValueKind.COUNT, "At least."),
            Member.of("max", ValueKind.COUNT, "At most."));

    /** One expectation. */
    public static final Shape EXPECTATION = Shape.of(
            "expectation",
            "What must hold at the end; exactly one of these, and perhaps a comment.",
            Member.of("violations", ValueKind.COUNT, "So many violations were reported by checks."),
            Member.of("stuck", ValueKind.COUNT, "So many actors did not come to the end of their scripts."),
            Member.of("dma", ValueKind.OBJECT, EXPECT_DMA, "How DMA requests ended."),
            Member.of("latency", ValueKind.OBJECT, EXPECT_LATENCY, "How long DMA requests took."),
            Member.of("object", ValueKind.OBJECT, EXPECT_OBJECT, "Which objects are left."),
            Member.of("statistic", ValueKind.OBJECT, EXPECT_STATISTIC, "What was counted."),
            Member.of("comment", ValueKind.TEXT, "For readers."));

    /** A scenario. */
    public static final Shape SCENARIO = Shape.of(
            "scenario",
            "A machine, who acts on it, and what must hold in the end.",
            Member.of("$schema", ValueKind.TEXT, "For editors; not read."),
            Member.of("name", ValueKind.NAME, "Its name.").must(),
            Member.of("description", ValueKind.TEXT, "What it is about.").must(),
            Member.of("comment", ValueKind.TEXT, "For readers."),
            Member.of("seed", ValueKind.NUMBER, "Where all random numbers come from.")
                    .otherwise("1"),
            Member.of("kernel", ValueKind.WORD, "Whose object lifecycle is played.")
                    .otherwise("linux-7.3"),
            Member.word(
                            "ties",
                            List.of("fifo", "lifo"),
                            "Which of two events at one time goes first; gem5 takes the last.")
                    .otherwise("fifo"),
            Member.of("topology", ValueKind.OBJECT, TOPOLOGY, "The machine.").must(),
            Member.of("actors", ValueKind.OBJECTS, ACTOR, "Who acts.").must(),
            Member.of("expect", ValueKind.OBJECTS, EXPECTATION, "What must hold at the end."),
            Member.of("explore", ValueKind.OBJECT, ExploreLanguage.EXPLORE, "What is explored, and what comes out."));

    /** All shapes with a name of their own, in the order of the manual. */
    public static final List<Shape> SHAPES = List.of(
            SCENARIO,
            TOPOLOGY,
            MEMORY,
            IMAGE,
            IOMMU,
            ROOT_PORT,
            SWITCH_PORT,
            LINK,
            DEVICE,
            ATS,
            TRAFFIC,
            ACTOR,
            STEP,
            EXPECTATION,
            EXPECT_DMA,
            EXPECT_LATENCY,
            EXPECT_OBJECT,
            EXPECT_STATISTIC,
            ExploreLanguage.EXPLORE,
            ExploreLanguage.OUTCOME);

    private Language() {}

    private static List<String> words(Enum<?>... values) {
        return Arrays.stream(values).map(p -> p.name().toLowerCase(Locale.ROOT)).toList();
    }

    private static List<String> outcomes() {
        return Arrays.stream(DmaOutcome.values())
                .filter(o -> o != DmaOutcome.PENDING)
                .map(Enum::name)
                .toList();
    }
}

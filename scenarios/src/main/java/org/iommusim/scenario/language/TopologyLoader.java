package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.Bdf;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.time.Picoseconds;
import org.jspecify.annotations.Nullable;

/** Reads the machine: every reference must lead somewhere, from traffic over device and port to an IOMMU. */
final class TopologyLoader {
    private static final long MEMORY_STEP = 2L << 20;

    private final IommuLoader iommuLoader;
    private final Ids iommus = new Ids();
    private final Ids ports = new Ids();
    private final PortTree ways = new PortTree();
    private final Ids devices = new Ids();
    private final Ids traffics = new Ids();

    private final Attachments attachments;

    TopologyLoader(Vocabulary vocabulary, Attachments attachments) {
        this.attachments = attachments;
        iommuLoader = new IommuLoader(vocabulary.providers());
    }

    /** Ids of IOMMUs. */
    Ids iommus() {
        return iommus;
    }

    /** Ids of devices. */
    Ids devices() {
        return devices;
    }

    /** Ids of traffics. */
    Ids traffics() {
        return traffics;
    }

    Topology load(Fields topology) {
        long base = Topology.BASE;
        long bytes = 4 * Language.GIB;
        List<Topology.Image> images = List.of();
        MemoryTiming timing = MemoryTiming.fixed(100 * Picoseconds.NS);
        if (topology.has("memory")) {
            Fields memory = topology.object("memory").orElseThrow();
            bytes = memory.number("size", bytes);
            if (bytes % MEMORY_STEP != 0) {
                throw memory.at("size").wrong("expected a multiple of 2MiB");
            }
            base = memory.number("base", base);
            if (base % MEMORY_STEP != 0) {
                throw memory.at("base").wrong("expected a multiple of 2MiB");
            }
            images = images(memory, base, bytes);
            timing = timing(memory);
            timing = memory.text("answers", "").equals("in_order") ? timing.answeringInOrder() : timing;
        }
        List<Topology.Iommu> iommuList = new ArrayList<>();
        topology.objects("iommus").forEach(f -> iommuList.add(iommuLoader.load(iommus.take(f), f)));
        List<Topology.Port> portList = new ArrayList<>();
        topology.objects("root_ports").forEach(f -> portList.add(port(f)));
        ways.addRootPorts(ports.all());
        List<Topology.SwitchPort> switchPorts = new ArrayList<>();
        for (Fields fields : topology.objects("switch_ports")) {
            String id = ports.take(fields);
            ways.add(id, fields);
            switchPorts.add(new Topology.SwitchPort(id, link(fields)));
        }
        ways.check(ports.all());
        List<Topology.Device> deviceList = deviceList(topology);
        List<Topology.Traffic> traffic = new ArrayList<>();
        List<Topology.Replay> replays = new ArrayList<>();
        for (Fields fields : topology.objects("traffic")) {
            String id = traffics.take(fields);
            String device = fields.word("device", devices.all(), "");
            if (fields.text("kind", "").equals("replay")) {
                replays.add(ReplayLoader.load(id, device, fields, attachments));
            } else {
                boolean ats = deviceList.stream().anyMatch(d -> d.id().equals(device) && d.ats() != null);
                traffic.add(TrafficLoader.load(id, device, ats, fields));
            }
        }
        return new Topology(
                base, bytes, timing, images, iommuList, portList, switchPorts, deviceList, traffic, replays);
    }

    private List<Topology.Image> images(Fields memory, long base, long size) {
        List<Topology.Image> images = new ArrayList<>();
        for (Fields fields : memory.objects("images")) {
            long address = fields.number("address", 0);
            byte[] bytes = attachments.read(fields.at("file"));
            if (address % Long.BYTES != 0 || address < base || address + bytes.length > base + size) {
                throw fields.place()
                        .wrong(
                                "found " + bytes.length + " bytes at 0x" + Long.toHexString(address),
                                "expected a multiple of 8, inside memory: 0x" + Long.toHexString(base) + " to 0x"
                                        + Long.toHexString(base + size));
            }
            images.add(new Topology.Image(address, bytes));
        }
        return images;
    }

    private static MemoryTiming timing(Fields memory) {
        long latency = memory.number("latency", 100 * Picoseconds.NS);
        long bandwidth = memory.number("bandwidth", 0);
        long lineTime = bandwidth == 0 ? 0 : MemoryTiming.LINE_BYTES * Picoseconds.S / bandwidth;
        if (!memory.has("llc_size")) {
            for (String name : List.of("llc_ways", "llc_hit")) {
                if (memory.has(name)) {
                    throw memory.at(name).wrong("found \"" + name + "\" without \"llc_size\"", "expected both");
                }
            }
            return new MemoryTiming(latency, 0, lineTime, memory.count("outstanding", 0), 0, 1);
        }
        long size = memory.number("llc_size", 0);
        int ways = memory.count("llc_ways", 16);
        if (size % ((long) ways * MemoryTiming.LINE_BYTES) != 0) {
            throw memory.at("llc_size").wrong("expected whole sets of " + ways + " lines of 64 bytes");
        }
        long hit = memory.number("llc_hit", 20 * Picoseconds.NS);
        return new MemoryTiming(latency, hit, lineTime, memory.count("outstanding", 0), size, ways);
    }

    private static long powerOfTwo(Fields fields, String name, long absent) {
        long value = fields.number(name, absent);
        if (Long.bitCount(value) != 1) {
            throw fields.at(name).wrong("expected a power of two");
        }
        return value;
    }

    private static LinkTiming link(Fields fields) {
        return fields.object("link")
                .map(f -> new LinkTiming(
                        f.number("latency", 0), f.number("bandwidth", 0) / 1_000_000, f.count("header_bytes", 0)))
                .orElse(LinkTiming.NONE);
    }

    private Topology.Port port(Fields fields) {
        String iommu = fields.word("iommu", iommus.all(), "");
        return new Topology.Port(ports.take(fields), iommu, link(fields));
    }

    private List<Topology.Device> deviceList(Fields topology) {
        List<Topology.Device> list = new ArrayList<>();
        Map<Integer, String> slots = new HashMap<>();
        for (Fields fields : topology.objects("devices")) {
            String id = devices.take(fields);
            String port = fields.word("port", ports.all(), "");
            int requesterId = Bdf.parse(fields.text("bdf", ""));
            String other = slots.putIfAbsent(requesterId, id);
            if (other != null) {
                throw fields.at("bdf").wrong("expected another than that of the device \"" + other + "\"");
            }
            List<String> way = ways.from(port);
            String root = ways.rootPort(port);
            list.add(new Topology.Device(
                    id, root, way, requesterId, fields.flag("plugged", true), fields.text("group", ""), ats(fields)));
        }
        return list;
    }

    private static @Nullable AtsSettings ats(Fields device) {
        if (!device.has("ats")) {
            return null;
        }
        Fields fields = device.object("ats").orElseThrow();
        AtsSettings usual = AtsSettings.DEFAULT;
        long stu = powerOfTwo(fields, "stu", 1L << usual.stuShift());
        return new AtsSettings(
                fields.count("entries", usual.entries()),
                fields.number("lookup", usual.lookupPs()),
                Long.numberOfTrailingZeros(stu),
                fields.count("invalidate_queue_depth", usual.invalidateQueueDepth()),
                fields.count("completions", usual.completions()),
                fields.count("page_requests", usual.pageRequests()),
                fields.count("page_retries", usual.pageRetries()));
    }
}

package org.iommusim.scenario.language;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.pcie.Bdf;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.time.Picoseconds;

/** Reads the machine: every reference must lead somewhere, from traffic over device and port to an IOMMU. */
final class TopologyLoader {
    private static final long MEMORY_STEP = 2L << 20;

    private final IommuLoader iommuLoader;
    private final Ids iommus = new Ids();
    private final Ids ports = new Ids();
    private final PortTree ways = new PortTree();
    private final Ids devices = new Ids();
    private final Ids traffics = new Ids();

    TopologyLoader(Vocabulary vocabulary) {
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
        long bytes = 4 * Language.GIB;
        MemoryTiming timing = MemoryTiming.fixed(100 * Picoseconds.NS);
        if (topology.has("memory")) {
            Fields memory = topology.object("memory").orElseThrow();
            bytes = memory.number("size", bytes);
            if (bytes % MEMORY_STEP != 0) {
                throw memory.at("size").wrong("expected a multiple of 2MiB");
            }
            timing = timing(memory);
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
        return new Topology(
                bytes, timing, iommuList, portList, switchPorts, deviceList(topology), trafficList(topology));
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
        long size = powerOfTwo(memory, "llc_size", 0);
        int ways = Math.toIntExact(powerOfTwo(memory, "llc_ways", 16));
        if (size < (long) ways * MemoryTiming.LINE_BYTES) {
            throw memory.at("llc_size").wrong("expected at least one line of 64 bytes for each of " + ways + " ways");
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
            list.add(new Topology.Device(id, root, way, requesterId, fields.flag("plugged", true)));
        }
        return list;
    }

    private List<Topology.Traffic> trafficList(Fields topology) {
        List<Topology.Traffic> list = new ArrayList<>();
        for (Fields fields : topology.objects("traffic")) {
            String id = traffics.take(fields);
            list.add(TrafficLoader.load(id, fields.word("device", devices.all(), ""), fields));
        }
        return list;
    }
}

package org.iommusim.scenario.run;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.replay.ReplayDevice;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.stats.Counter;

/** One run of a scenario that replays, with a row for each request of each traffic. */
final class Gem5Replay {
    /** Times of a request, ps, and its physical address. */
    record Row(long attempt, long issue, long received, long translated, long answered, long address, String found) {
        long translation() {
            return translated - received;
        }
    }

    /** By traffic and request. */
    final List<Map<Integer, Row>> rows;

    final Simulation sim;
    private final List<String> watched;
    /** Watched counters when the {@code snapshotAt}th request was answered. */
    private final Map<String, Long> before = new TreeMap<>();

    private int answered;

    private Gem5Replay(Scenario scenario, int snapshotAt, List<String> watched) {
        this.watched = watched;
        int replays = scenario.topology().replays().size();
        rows = new ArrayList<>();
        for (int i = 0; i < replays; i++) {
            rows.add(new TreeMap<>());
        }
        sim = Simulation.seeded(scenario.seed())
                .checks(false)
                .choice(new TimedChoice(scenario.ties()))
                .build();
        ScenarioMachine.Parts parts = ScenarioMachine.build(
                scenario,
                sim,
                new RunListener() {},
                FaultInjection.NONE,
                traffic -> request -> answered(traffic, request, snapshotAt));
        parts.writeRegisters();
        parts.replays().forEach(ReplayDevice::start);
        sim.scheduler().run();
    }

    /** Runs a scenario to its end. */
    static Gem5Replay of(Scenario scenario) {
        return new Gem5Replay(scenario, 0, List.of());
    }

    /** The same; counters are looked at when so many requests are answered, and at the end. */
    static Gem5Replay of(Scenario scenario, int snapshotAt, String... counters) {
        return new Gem5Replay(scenario, snapshotAt, List.of(counters));
    }

    /** A scenario that plays recordings to the preset gem5-default, each at a door of its own. */
    static Scenario scenario(Gem5Image image, Setting setting, byte[]... recordings) {
        Map<String, byte[]> files = new TreeMap<>(Map.of("image", image.bytes()));
        StringBuilder devices = new StringBuilder();
        StringBuilder traffic = new StringBuilder();
        for (int i = 0; i < recordings.length; i++) {
            String comma = i == 0 ? "" : ", ";
            files.put("requests" + i, recordings[i]);
            devices.append(comma).append("{'id': 'd%d', 'port': 'rp0', 'bdf': '%02x:00.0'}".formatted(i, i + 1));
            traffic.append(comma)
                    .append(("{'id': 't%d', 'device': 'd%d', 'kind': 'replay', 'file': 'requests%d', 'door': %d,"
                                    + " 'outstanding': %d, 'order_ids': %d, 'start': '100ns', 'cycle': '%dps'}")
                            .formatted(i, i, i, i, setting.outstanding, setting.orderIds, setting.cyclePs));
        }
        String parameters = setting.parameters.equals("{}")
                ? "{'gem5_quirks': true}"
                : "{'gem5_quirks': true, " + setting.parameters.substring(1);
        String json = """
                {'name': 'own', 'description': 'own', 'ties': 'lifo', 'actors': [], 'topology': {
                 'memory': {'base': 0, 'size': '2GiB', 'latency': '%dps', 'answers': 'in_order', 'images': [{'file': 'image'}]},
                 'iommus': [{'id': 'smmu0', 'kind': 'smmuv3', 'preset': 'gem5-default', 'parameters': %s,
                             'registers': [['0x80', 8, '0x100000'], ['0x88', 4, %d], ['0x20', 4, 1]]}],
                 'root_ports': [{'id': 'rp0', 'iommu': 'smmu0'}],
                 'devices': [%s], 'traffic': [%s]}}
                """.formatted(setting.memoryPs, parameters, image.log2Streams(), devices, traffic);
        return TestScenarios.load(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), name -> {
            byte[] bytes = files.get(name);
            if (bytes == null) {
                throw new IOException(name);
            }
            return new ByteArrayInputStream(bytes);
        });
    }

    /**
     * What can differ between runs.
     *
     * @param parameters a JSON object
     */
    record Setting(int outstanding, int orderIds, long memoryPs, long cyclePs, String parameters) {
        /** Defaults but for these. */
        static Setting of(int outstanding, int orderIds, String parameters) {
            return new Setting(outstanding, orderIds, 30_000, 1000, parameters);
        }
    }

    private void answered(int traffic, DmaRequest request, int snapshotAt) {
        long received = request.attemptedAt()
                + request.ticks(Station.DEVICE_QUEUE)
                + request.ticks(Station.LINK_UP)
                + request.ticks(Station.FRONT_END);
        String found = request.sharedHit()
                ? "shared"
                : request.misses() != 0 ? "walk" : request.ticks(Station.MAIN_TLB) != 0 ? "main" : "micro";
        rows.get(traffic)
                .put(
                        (int) request.id(),
                        new Row(
                                request.attemptedAt(),
                                request.issuedAt(),
                                received,
                                request.translatedAt(),
                                request.answeredAt(),
                                request.physicalAddress(),
                                found));
        if (++answered == snapshotAt) {
            watched.forEach(name -> before.put(name, counter(name)));
        }
    }

    private long counter(String name) {
        return ((Counter) sim.statistics().find(name).orElseThrow()).value();
    }

    /** What a counter has counted; since the snapshot if it is watched. */
    long counted(String name) {
        return counter(name) - before.getOrDefault(name, 0L);
    }

    /** A checksum of a traffic's times and addresses, all of them in 64 bits, in the order of the recording. */
    String checksum(int traffic) {
        ByteBuffer line = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
        CRC32 crc = new CRC32();
        for (Row row : rows.get(traffic).values()) {
            line.clear();
            line.putLong(row.attempt).putLong(row.issue).putLong(row.received);
            line.putLong(row.translated).putLong(row.answered).putLong(row.address);
            crc.update(line.array());
        }
        return "%08x".formatted(crc.getValue());
    }

    /** The sum of a traffic's translations, ps. */
    long totalTranslation(int traffic) {
        return rows.get(traffic).values().stream().mapToLong(Row::translation).sum();
    }
}

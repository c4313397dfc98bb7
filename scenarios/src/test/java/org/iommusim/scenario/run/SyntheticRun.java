package org.iommusim.scenario.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.iommufd.actor.ActorKind;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.iommufd.actor.ScriptStep;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.Topology;
import org.iommusim.scenario.run.RunResult.StatisticValue;
import org.iommusim.scenario.run.RunResult.Unfinished;
import org.iommusim.scenario.run.RunResult.Verdict;
import org.iommusim.sim.check.Accepted;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.TieOrder;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.time.Picoseconds;

/** A result without any model behind it: what outputs show of it changes only when the outputs do. */
public final class SyntheticRun {
    private static final long US = Picoseconds.US;

    private final Scenario scenario = scenario();
    private final RunCollector collector;

    private SyntheticRun(RunListener also) {
        collector = new RunCollector(scenario, also);
    }

    /** A run in which one expectation fails. */
    public static RunResult failing() {
        return failing(new RunListener() {});
    }

    /** The same, heard by somebody else too. */
    public static RunResult failing(RunListener also) {
        return new SyntheticRun(also).run();
    }

    /** The scenario of that run. */
    public static Scenario scenario() {
        List<ScriptStep> vmm = List.of(
                step("IOMMU_IOAS_ALLOC", 0, "ready"),
                step("IOMMU_VDEVICE_ALLOC", 0, ""),
                step("IOMMU_DESTROY", Errno.ENOENT, ""),
                step("IOMMU_DESTROY", 0, ""),
                step("wait_request", 0, ""));
        List<ScriptStep> guest = List.of(step("start_traffic", 0, ""), step("wait_traffic", 0, ""));
        Topology topology = new Topology(
                Topology.BASE,
                1L << 30,
                MemoryTiming.fixed(100_000),
                List.of(),
                List.of(new Topology.Iommu(
                        "/topology/iommus/0",
                        "smmuv3",
                        new IommuConfig("smmu0", "mmu-600", new TreeMap<>(Map.of("main_tlb_entries", 64L))),
                        List.of())),
                List.of(new Topology.Port("rp0", "smmu0", LinkTiming.NONE)),
                List.of(),
                List.of(new Topology.Device("nic", "rp0", List.of(), 0x300, true, "", null)),
                List.of(traffic("receive", 16), traffic("send", 4)),
                List.of());
        return new Scenario(
                "synthetic.json",
                "synthetic",
                "Made up for tests of outputs: <b>no</b> model & no \"machine\" behind it.",
                7,
                "linux-7.3",
                TieOrder.FIFO,
                topology,
                List.of(
                        new Scenario.ActorScript(
                                "vmm",
                                ActorKind.VMM,
                                "",
                                "",
                                vmm,
                                List.of("", "The device gets its id </script>.", "It is gone.", "", "")),
                        new Scenario.ActorScript("guest", ActorKind.GUEST, "vmm", "smmu0", guest, List.of("", ""))),
                List.of(),
                Optional.empty());
    }

    private static Topology.Traffic traffic(String id, int outstanding) {
        return new Topology.Traffic(
                "nic",
                new TrafficSpec(id, 0, 1 << 20, 64, TrafficPattern.RANDOM, 0, 50, 2000, outstanding, 0, false, 0, -1));
    }

    private static ScriptStep step(String verb, int errno, String label) {
        Verb known = new Verb(ActorKind.VMM, verb, "", List.of(), arguments -> {
            throw new IllegalStateException("never run");
        });
        return new ScriptStep("synthetic.json: /", known, new TreeMap<>(), List.of(errno), -1, List.of(), label);
    }

    private RunResult run() {
        begin(0, 10 * US, "iommufd=1");
        collector.objectChanged(10 * US + 300_000, "vmm.iommufd", "IOAS", 1, "created", "");
        end(0, 10 * US + 450_000, 0, Map.of("out_ioas_id", 1L));
        begin(1, 12 * US, "viommu=4 dev=2 virt_id=0x300");
        collector.objectChanged(12 * US + 100_000, "vmm.iommufd", "VDEVICE", 5, "created", "viommu 4, virt_id 0x300");
        collector.deviceChanged(12 * US + 200_000, "nic", "attached");
        end(1, 12 * US + 600_000, 0, Map.of("out_vdevice_id", 5L));
        dma(0, 2000, 20 * US, 80_000);
        dma(1, 500, 190 * US, 200_000);
        begin(2, 320 * US, "id=9");
        end(2, 320 * US + 200_000, Errno.ENOENT, Map.of());
        begin(3, 321 * US, "id=5");
        collector.objectChanged(321 * US + 1000, "vmm.iommufd", "VDEVICE", 5, "tombstone", "");
        end(3, 321 * US + 300_000, Errno.EBUSY, Map.of());
        collector.eventReported(322 * US, "smmu0", "F_TRANSLATION sid 0x300 iova 0x1000");
        begin(4, 330 * US, "vfio=2");
        List<StatisticValue> statistics = List.of(
                new StatisticValue("smmu0.main_tlb.hits", "lookups", 1800, "found"),
                new StatisticValue("smmu0.main_tlb.misses", "lookups", 700, "not found"));
        List<Verdict> verdicts = new ArrayList<>(List.of(
                new Verdict("", "every step answers as its script says", "1 do not", false, ""),
                new Verdict("/expect/0", "DMA OK: 2490", "2490", true, "Some fault.")));
        statistics.forEach(collector.digest()::statistic);
        return new RunResult(
                scenario,
                400 * US,
                123_456,
                collector.timeline(),
                collector.eventsNotShown(),
                collector.objects().changes(),
                collector.objects().objects(),
                collector.traffics().stream().map(TrafficCollector::result).toList(),
                collector.total().result(),
                statistics,
                List.of(new Violation(321 * US, "use-after-free", "somebody used VDEVICE 5")),
                List.of(new Accepted(
                        "D1", new Violation(322 * US, "forced-destroy", "VDEVICE 5 goes; its id stays taken"))),
                List.of(new Unfinished("vmm", "step 4 wait_request, waits for wait queue request")),
                "no step ended for 200.000 s",
                verdicts,
                collector.digest().end(400 * US));
    }

    private void begin(int index, long timePs, String text) {
        Verb verb = scenario.actors().get(0).script().get(index).verb();
        collector.stepStarted(timePs, "vmm", index, verb, text);
        // What the watcher of a real run is told by its tasks.
        collector.runningOn("vmm");
    }

    private void end(int index, long timePs, int errno, Map<String, Long> outputs) {
        SortedMap<String, Long> sorted = new TreeMap<>(outputs);
        ScriptStep step = scenario.actors().get(0).script().get(index);
        collector.stepEnded(timePs, "vmm", index, step, errno, sorted, step.allows(errno));
    }

    /** Requests one behind the other: most hit, some walk, one in 250 faults. */
    private void dma(int traffic, int count, long fromPs, long everyPs) {
        RandomStream random = new RandomStreams(7).split("traffic " + traffic);
        DmaRequest request = new DmaRequest();
        long last = 0;
        for (int i = 0; i < count; i++) {
            long now = fromPs + i * everyPs;
            request.begin(traffic * 10_000L + i + 1, 0x300, -1, i * 4096L, 64, i % 2 == 0, now);
            now += random.nextLong(20_000);
            request.issued(now);
            now += 150_000;
            request.enter(Station.MAIN_TLB, now);
            now += 5_000;
            if (i % 4 == 0) {
                request.missed();
                request.enter(Station.STAGE2_READ, now);
                now += 100_000 * (1 + random.nextLong(4));
            }
            boolean fault = i % 250 == 249;
            request.translated(fault ? DmaOutcome.FAULT : DmaOutcome.OK, fault ? -1 : 0x40000000L + i, now);
            request.enter(Station.DATA, now);
            now += 90_000 + random.nextLong(30_000);
            last = Math.max(last, now); // answers come in the order of time
            request.answered(last);
            collector.answered(traffic, request);
        }
    }
}

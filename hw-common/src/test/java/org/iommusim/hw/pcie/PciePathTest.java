package org.iommusim.hw.pcie;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The way of a DMA from the function through link, translation and memory, and back. */
class PciePathTest {
    private static final long RAM = 0x4000_0000L;

    private final Simulation sim = Simulation.seeded(11).build();
    private final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
    private final MemoryPort port = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(80_000));
    private final RequestIds ids = new RequestIds(sim.world());
    private final List<String> answers = new ArrayList<>();
    private final List<Long> latencies = new ArrayList<>();

    PciePathTest() {
        memory.addRam(RAM, 1 << 24, PageOwner.UNTRACKED);
    }

    /** Adds an offset after a fixed time; ends requests of one page; takes some writes for interrupts. */
    private final class OffsetIommu implements IommuDevice {
        @Override
        public String name() {
            return "offset";
        }

        @Override
        public String kind() {
            return "test";
        }

        @Override
        public long mmioBytes() {
            return 0;
        }

        @Override
        public long mmioRead(long offset, int bytes) {
            return 0;
        }

        @Override
        public void mmioWrite(long offset, int bytes, long value) {}

        @Override
        public void accept(DmaRequest request, DmaCompletion completion) {
            request.enter(Station.MAIN_TLB, sim.now());
            var lane = sim.scheduler().newLane("translation of " + request.id(), Phase.HARDWARE);
            sim.scheduler()
                    .after(
                            lane,
                            7_000,
                            (op, arg) -> {
                                end(request);
                                completion.completed(request);
                            },
                            0,
                            0);
        }

        private void end(DmaRequest request) {
            if (request.write() && request.iova() >>> 20 == 0xfee) {
                request.interrupt(request.iova() + 0x1000, (int) request.data() + 1, sim.now());
            } else {
                boolean fault = request.iova() >>> 12 == 0xbad;
                request.translated(fault ? DmaOutcome.FAULT : DmaOutcome.OK, RAM + request.iova(), sim.now());
            }
        }

        @Override
        public void connectInterrupts(InterruptSink sink) {}

        @Override
        public WaitQueue changed() {
            return new WaitQueue(sim.world(), "changed");
        }

        @Override
        public List<String> units() {
            return List.of();
        }
    }

    private PciFunction function(@Nullable IommuDevice iommu, LinkTiming link) {
        RootPort root = new RootPort(sim, "rp0", iommu, memory, port, link);
        PciFunction function = new PciFunction(sim.world(), "nic", Bdf.parse("01:00.0"), root);
        function.setPresent(true);
        function.setBusMaster(true);
        return function;
    }

    private void record(DmaRequest request) {
        answers.add(request.id() + " " + request.outcome() + " 0x" + Long.toHexString(request.physicalAddress()));
        latencies.add(request.latency());
        assertThat(request.totalTicks()).as("stations add up").isEqualTo(request.latency());
    }

    private static TrafficSpec spec(TrafficPattern pattern, long count, int outstanding, long intervalPs) {
        return new TrafficSpec(
                "t", 0, 1 << 20, 64, pattern, 4096, 25, count, outstanding, intervalPs, intervalPs > 0, 4, -1);
    }

    private DmaRequest issue(PciFunction function, long iova, int bytes, boolean write, Consumer<DmaRequest> set) {
        DmaRequest request = new DmaRequest();
        request.begin(ids.next(), function.requesterId(), DmaRequest.NO_PASID, iova, bytes, write, sim.now());
        set.accept(request);
        function.issue(request, this::record);
        sim.scheduler().run();
        return request;
    }

    @Test
    void shouldBookEveryTickOfAReadToItsStation() {
        LinkTiming link = new LinkTiming(100_000, 16_000, 24);
        DmaRequest read = issue(function(new OffsetIommu(), link), 0x1000, 64, false, r -> {});
        assertThat(answers).containsExactly("1 OK 0x40001000");
        assertThat(read.ticks(Station.LINK_UP)).isEqualTo(100_000 + 24 * 1_000_000L / 16_000);
        assertThat(read.ticks(Station.MAIN_TLB)).isEqualTo(7_000);
        assertThat(read.ticks(Station.DATA)).isEqualTo(80_000);
        assertThat(read.ticks(Station.LINK_DOWN)).isEqualTo(100_000 + 88 * 1_000_000L / 16_000);
        assertThat(read.ticks(Station.DEVICE_QUEUE)).isZero();
    }

    @Test
    void shouldPassEverySwitchPortOnTheWay() {
        LinkTiming hop = new LinkTiming(10_000, 16_000, 24);
        RootPort root = new RootPort(sim, "rp0", new OffsetIommu(), memory, port, new LinkTiming(100_000, 16_000, 24));
        List<SwitchPort> way = List.of(new SwitchPort(sim, "near", hop), new SwitchPort(sim, "far", hop));
        PciFunction nic = new PciFunction(sim.world(), "nic", 0x300, way, root);
        nic.setPresent(true);
        nic.setBusMaster(true);
        DmaRequest read = issue(nic, 0x1000, 64, false, r -> {});
        assertThat(answers).containsExactly("1 OK 0x40001000");
        assertThat(read.ticks(Station.LINK_UP)).isEqualTo(120_000 + 3 * 1_500);
        assertThat(read.ticks(Station.LINK_DOWN)).isEqualTo(120_000 + 3 * 5_500);
        issue(nic, 0x2000, 8, true, r -> r.data(7));
        assertThat(memory.read64(RAM + 0x2000)).isEqualTo(7);
    }

    @Test
    void shouldMoveRealData() {
        PciFunction nic = function(new OffsetIommu(), LinkTiming.NONE);
        issue(nic, 0x2004, 8, true, r -> r.data(0x1122334455667788L));
        assertThat(memory.read(RAM + 0x2004, 4)).isEqualTo(0x11223344L);
        assertThat(memory.read(RAM + 0x2008, 4)).isEqualTo(0x55667788L);
        memory.write64(RAM + 0x3000, 42);
        assertThat(issue(nic, 0x3000, 8, false, r -> {}).data()).isEqualTo(42);
    }

    private DmaRequest msi(PciFunction function, long address, int data) {
        DmaRequest request = new DmaRequest();
        function.sendMsi(request, ids.next(), address, data, sim.now(), this::record);
        sim.scheduler().run();
        return request;
    }

    @Test
    void shouldSendAnInterruptAsAWriteThatTheIommuTakesOut() {
        PciFunction nic = function(new OffsetIommu(), new LinkTiming(100_000, 16_000, 24));
        DmaRequest sent = msi(nic, 0xfee0_0073L, 0x8000_4031);
        assertThat(answers).containsExactly("1 INTERRUPT 0xffffffffffffffff");
        assertThat(sent.messageAddress()).as("bits 1:0 do not exist").isEqualTo(0xfee0_1070L);
        assertThat(sent.data()).isEqualTo(0x8000_4032L);
        assertThat(sent.ticks(Station.LINK_UP)).isEqualTo(100_000 + 28 * 1_000_000L / 16_000);
        assertThat(sent.ticks(Station.DATA)).as("memory is not touched").isZero();
    }

    @Test
    void shouldWriteAnInterruptToMemoryIfItsAddressIsNotSpecial() {
        memory.write64(RAM + 0x1000, -1);
        assertThat(msi(function(new OffsetIommu(), LinkTiming.NONE), 0x1004, 7).outcome())
                .isEqualTo(DmaOutcome.OK);
        assertThat(memory.read64(RAM + 0x1000)).isEqualTo(0x7_ffff_ffffL);
        DmaRequest alone = msi(function(null, LinkTiming.NONE), RAM + 0x1000, 9);
        assertThat(alone.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(alone.messageAddress()).isEqualTo(-1);
        assertThat(memory.read64(RAM + 0x1000)).isEqualTo(0x7_0000_0009L);
    }

    @Test
    void shouldAnswerFaultsAndMissingMemoryWithoutTouchingData() {
        PciFunction nic = function(new OffsetIommu(), LinkTiming.NONE);
        assertThat(issue(nic, 0xbad_000, 64, false, r -> {}).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(issue(nic, 1L << 25, 64, false, r -> {}).outcome()).isEqualTo(DmaOutcome.BUS_ERROR);
        assertThat(sim.violations().isEmpty()).isTrue();
    }

    @Test
    void shouldLoseRequestsOfAFunctionThatMayNotOrCannotIssue() {
        PciFunction nic = function(new OffsetIommu(), LinkTiming.NONE);
        nic.setBusMaster(false);
        assertThat(issue(nic, 0, 64, false, r -> {}).outcome()).isEqualTo(DmaOutcome.LOST);
        nic.setBusMaster(true);
        nic.setPresent(false);
        assertThat(nic.busMaster()).isFalse();
        assertThat(issue(nic, 0, 64, false, r -> {}).outcome()).isEqualTo(DmaOutcome.LOST);
    }

    @Test
    void shouldLoseAnAnswerWhoseFunctionWasTornOut() {
        PciFunction nic = function(new OffsetIommu(), LinkTiming.NONE);
        DmaRequest request = new DmaRequest();
        request.begin(ids.next(), nic.requesterId(), DmaRequest.NO_PASID, 0, 64, false, 0);
        nic.issue(request, this::record);
        sim.scheduler().step();
        nic.setPresent(false);
        sim.scheduler().run();
        assertThat(request.outcome()).isEqualTo(DmaOutcome.LOST);
    }

    @Test
    void shouldKeepAClosedLoopFull() {
        PciFunction nic = function(new OffsetIommu(), new LinkTiming(100_000, 16_000, 24));
        TrafficGenerator traffic =
                new TrafficGenerator(sim, nic, spec(TrafficPattern.SEQUENTIAL, 100, 8, 0), ids, this::record);
        traffic.start();
        sim.scheduler().run();
        assertThat(traffic.done()).isTrue();
        assertThat(traffic.quiet()).isTrue();
        assertThat(answers).hasSize(100).allMatch(a -> a.contains(" OK "));
        assertThat(sim.now()).isLessThan(100 * latencies.get(0) / 4);
    }

    @Test
    void shouldCountTheWaitInTheDeviceOfAnOpenLoop() {
        PciFunction nic = function(new OffsetIommu(), new LinkTiming(100_000, 16_000, 24));
        TrafficGenerator traffic =
                new TrafficGenerator(sim, nic, spec(TrafficPattern.RANDOM, 200, 0, 10_000), ids, this::record);
        traffic.start();
        sim.scheduler().run();
        assertThat(traffic.done()).isTrue();
        assertThat(latencies).hasSize(200);
        // Four outstanding of some 300 ns each cannot keep up with one every 10 ns: the queue grows.
        assertThat(latencies.get(199)).isGreaterThan(20 * latencies.get(0));
    }

    @Test
    void shouldQuiesceAndGoOn() {
        PciFunction nic = function(new OffsetIommu(), LinkTiming.NONE);
        TrafficGenerator traffic =
                new TrafficGenerator(sim, nic, spec(TrafficPattern.STRIDED, 0, 4, 0), ids, this::record);
        traffic.start();
        sim.scheduler().runUntil(1_000_000);
        traffic.stop();
        assertThat(traffic.quiet()).isFalse();
        sim.scheduler().run();
        assertThat(traffic.quiet()).isTrue();
        int sofar = answers.size();
        assertThat(sofar).isGreaterThan(10);
        traffic.start();
        sim.scheduler().runUntil(sim.now() + 1_000_000);
        assertThat(answers.size()).isGreaterThan(sofar);
    }

    @Test
    void shouldPickAddressesByPattern() {
        List<Long> seen = new ArrayList<>();
        PciFunction nic = function(null, LinkTiming.NONE);
        for (TrafficPattern pattern : TrafficPattern.values()) {
            TrafficSpec spec = new TrafficSpec("p" + pattern, RAM, 1024, 64, pattern, 256, 0, 6, 1, 0, false, 1, -1);
            TrafficGenerator traffic = new TrafficGenerator(sim, nic, spec, ids, r -> seen.add(r.iova() - RAM));
            traffic.start();
            sim.scheduler().run();
        }
        assertThat(seen.subList(0, 6)).containsExactly(0L, 64L, 128L, 192L, 256L, 320L);
        assertThat(seen.subList(6, 12)).allMatch(a -> a % 64 == 0 && a < 1024).doesNotContainSequence(0L, 64L, 128L);
        assertThat(seen.subList(12, 18)).containsExactly(0L, 256L, 512L, 768L, 0L, 256L);
    }

    @Test
    void shouldRefuseImpossibleTraffic() {
        assertThatThrownBy(() -> spec(TrafficPattern.RANDOM, 1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LinkTiming(-1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldReadAndPrintRequesterIds() {
        assertThat(Bdf.parse("01:00.0")).isEqualTo(0x100);
        assertThat(Bdf.parse("ff:1f.7")).isEqualTo(0xffff);
        assertThat(Bdf.text(0xffff)).isEqualTo("ff:1f.7");
        for (String bad : List.of("1:0.0", "01:20.0", "01:00.8", "0100.0", "")) {
            assertThat(Bdf.parse(bad)).as(bad).isEqualTo(-1);
        }
    }
}

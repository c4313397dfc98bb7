package org.iommusim.scenario.conform;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.time.Picoseconds;

/** The machine on which vectors were recorded, with our model of the IOMMU in it. One case, one machine. */
final class RecordedMachine {
    /** Far more than any step needs: a model that is busy for longer does not come to rest. */
    private static final long EVENTS_PER_STEP_MAX = 1_000_000;

    private static final long ADDRESS_SPACE_UNIT = 2L << 20;
    private static final MemoryTiming MEMORY = MemoryTiming.fixed(100 * Picoseconds.NS);
    /** What the recorded test device writes, over and over. */
    private static final long WRITE_PATTERN = 0x1234_5678_1234_5678L;

    private final Simulation sim = Simulation.seeded(0).build();
    private final VectorTarget target;
    private final PhysicalMemory memory;
    private final IommuDevice device;
    private final VectorBench bench;
    private final RootPort port;
    /** Words that the vector names, as they were when software last wrote them or the IOMMU was seen to. */
    private final SortedMap<Long, Long> known = new TreeMap<>();

    private long requests;

    /**
     * Puts it together.
     *
     * @throws org.iommusim.hw.provider.IommuConfigException if the vector's identification registers cannot be modelled
     */
    RecordedMachine(HardwareVector vector, IommuProvider provider, VectorTarget target) {
        this.target = target;
        memory = memory(target.memory(), PageOwner.UNTRACKED);
        // Vectors bring their own tables and queues: the driver's pages are never used and must not be memory here.
        PhysicalMemory elsewhere = memory(List.of(new MemoryRange(0, PhysicalMemory.PAGE_BYTES)), PageOwner.FREE);
        PageAllocator pages =
                new PageAllocator(sim.world(), elsewhere, elsewhere.ranges().get(0));
        MemoryPort walks = new MemoryPort(sim.scheduler(), "iommu memory", MEMORY);
        device = provider.createFromIdentification(
                "iommu", vector.identification(), new IommuHost(sim, memory, walks, pages));
        device.connectInterrupts(source -> {});
        bench = target.bench(device, memory);
        port = new RootPort(
                sim, "port", device, memory, new MemoryPort(sim.scheduler(), "memory", MEMORY), LinkTiming.NONE);
        vector.memory().forEach(this::writeMemory);
        vector.registers().forEach(this::write);
    }

    private PhysicalMemory memory(List<MemoryRange> ranges, PageOwner owner) {
        long end = ranges.stream().mapToLong(MemoryRange::end).max().orElse(0);
        long limit = (end + ADDRESS_SPACE_UNIT - 1) / ADDRESS_SPACE_UNIT * ADDRESS_SPACE_UNIT;
        PhysicalMemory made = new PhysicalMemory(sim.world(), sim.violations(), limit);
        ranges.forEach(range -> made.addRam(range.base(), range.bytes(), owner));
        return made;
    }

    /** Software's side of the device. */
    VectorBench bench() {
        return bench;
    }

    void write(RegisterWrite register) {
        device.mmioWrite(register.offset(), register.bytes(), register.value());
        settle();
    }

    long read(long offset, int bytes) {
        return device.mmioRead(offset, bytes);
    }

    long readMemory(long address) {
        return memory.read64(address);
    }

    void writeMemory(List<MemoryWord> words) {
        words.forEach(this::writeMemory);
        settle();
    }

    private void writeMemory(MemoryWord word) {
        memory.write64(word.address(), word.value());
        known.put(word.address(), word.value());
    }

    /** Which known words are not as they were; apart from those that the device's own data went to. */
    private List<MemoryWord> changed(List<DmaRequest> sent) {
        List<MemoryWord> changed = new ArrayList<>();
        known.replaceAll((address, before) -> {
            long now = memory.read64(address);
            if (now != before && sent.stream().noneMatch(request -> writes(request, address))) {
                changed.add(new MemoryWord(address, now));
            }
            return now;
        });
        return changed;
    }

    private static boolean writes(DmaRequest request, long word) {
        long first = request.physicalAddress();
        return request.write() && first != -1 && first < word + Long.BYTES && word < first + request.bytes();
    }

    /** Issues a command; tells which fault records it made. */
    List<long[]> command(long[] words) {
        int left = bench.unreadRecords();
        bench.command(words);
        settle();
        changed(List.of());
        List<long[]> records = bench.newRecords();
        return records.subList(left, records.size());
    }

    /** What checkers found so far. */
    List<Violation> violations() {
        return sim.violations().violations();
    }

    /** Every state that vectors may look at, now. */
    Map<String, Long> states() {
        Map<String, Long> states = new LinkedHashMap<>();
        target.states().forEach(name -> states.put(name, bench.state(name)));
        return states;
    }

    /** Carries out an access; afterwards software consumes the fault records if it is to. */
    Observation access(VectorStep.Access step) {
        Map<String, Long> before = states();
        int left = bench.unreadRecords();
        PciFunction function = new PciFunction(sim.world(), "endpoint", step.sid(), port);
        function.setPresent(true);
        function.setBusMaster(true);
        List<DmaRequest> sent = step instanceof VectorStep.Dma dma
                ? dma(dma, function)
                : List.of(interrupt((VectorStep.Msi) step, function));
        Observation seen = new Observation(
                sent.stream().map(DmaRequest::outcome).toList(),
                sent.stream().map(DmaRequest::physicalAddress).toList(),
                message(sent.get(0)),
                changed(sent),
                bench.newRecords(),
                left,
                before,
                states());
        if (step.consume() && !seen.ok()) {
            bench.consumeRecords();
            settle();
        }
        return seen;
    }

    private static List<Long> message(DmaRequest request) {
        return request.outcome() == DmaOutcome.INTERRUPT
                ? List.of(request.messageAddress(), request.data())
                : List.of();
    }

    /** A device never crosses a 4 KiB boundary with one request. */
    private List<DmaRequest> dma(VectorStep.Dma step, PciFunction function) {
        List<DmaRequest> sent = new ArrayList<>();
        for (int done = 0; done < step.bytes(); ) {
            long address = step.iova() + done;
            int bytes = (int) Math.min(step.bytes() - done, 4096 - (address & 4095));
            DmaRequest request = new DmaRequest();
            request.begin(requests++, step.sid(), step.pasid(), address, bytes, step.write(), sim.now());
            request.data(WRITE_PATTERN);
            function.issue(request, answered -> {});
            settle();
            sent.add(request);
            done += bytes;
        }
        return sent;
    }

    private DmaRequest interrupt(VectorStep.Msi step, PciFunction function) {
        DmaRequest request = new DmaRequest();
        function.sendMsi(request, requests++, step.address(), step.data(), sim.now(), answered -> {});
        settle();
        return request;
    }

    /** Takes note of what the IOMMU may keep of an access that was just carried out. */
    CachedResult remember(VectorStep.Access step, Observation seen) {
        return step instanceof VectorStep.Dma dma
                ? bench.remember(dma.sid(), dma.pasid(), dma.iova(), seen.ok(), seen.record())
                : rememberMessage((VectorStep.Msi) step, seen);
    }

    private CachedResult rememberMessage(VectorStep.Msi msi, Observation seen) {
        return bench.rememberMessage(msi.sid(), msi.address(), msi.data(), seen.ok(), seen.record());
    }

    /** Runs until nothing is pending. */
    private void settle() {
        for (long events = 0; sim.scheduler().step(); events++) {
            if (events == EVENTS_PER_STEP_MAX) {
                throw new IllegalStateException("still busy after " + EVENTS_PER_STEP_MAX + " events");
            }
        }
    }
}

package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.stats.Counter;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Reg;

/**
 * The control unit of a VT-d unit with memory around it, and nothing that translates: what would be invalidated is noted.
 * The queue lies at {@link #QUEUE}; functions with device TLBs only take notes.
 */
final class ControlBed implements InvalidationTarget {
    static final long QUEUE = 0x10_0000;
    static final long STATUS = 0x20_0000;
    static final long PAGES = 0x30_0000;
    static final long END = 1L << 30;
    static final int FUNCTION = 0x10;
    static final int OTHER = 0x18;
    static final long US = 1_000_000;

    final Simulation sim = Simulation.seeded(1).build();
    final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
    final ControlUnit unit;
    final Cap cap;
    final WaitQueue changed = new WaitQueue(sim.world(), "changed");
    final BusFaults busFaults = new BusFaults(sim.world());
    /** What took effect, was told complete, was sent to functions. */
    final List<String> notes = new ArrayList<>();

    final List<String> interrupts = new ArrayList<>();
    /** Requests under way that use what was invalidated by an invalidation: its number for each. */
    final List<Integer> flights = new ArrayList<>();
    /** Page requests are answered so instead of being recorded. */
    final List<PageResponse> refusals = new ArrayList<>();
    /** Looking a page request up takes until a test says what comes of it. */
    boolean holdsChecks;

    private int invalidations;
    private int promises;
    private int tail;

    ControlBed(Map<String, Long> overrides) {
        SortedMap<String, Long> values = new TreeMap<>();
        VtdParameters.all().forEach(p -> values.put(p.name(), p.defaultValue()));
        values.putAll(Map.of("dt", 1L, "prs", 1L, "smts", 1L, "rwbf", 1L, "devtlb_tags", 3L));
        values.putAll(overrides);
        VtdParameters p = new VtdParameters(values);
        cap = Capabilities.of(p);
        memory.addRam(0, END, PageOwner.UNTRACKED);
        MemoryPort memoryPort = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(30_000));
        RequestPort port = new RequestPort(sim.scheduler(), "port", p.clock(), 64, p.wakeRule(), memoryPort);
        port.faults(busFaults);
        unit = new ControlUnit(
                sim, "dmar0", p, cap, p.value("version"), port, memory, changed, this, this::check, new Mistakes());
        unit.atcs().connect(new NotingEndpoint(FUNCTION, 32, notes));
        unit.atcs().connect(new NotingEndpoint(OTHER, 32, notes));
        unit.interrupts().connect(interrupts::add);
    }

    static ControlBed plain() {
        return new ControlBed(Map.of());
    }

    private void check(PageRequest request) {
        if (!holdsChecks) {
            unit.pages().checked(refusals.isEmpty() ? null : refusals.remove(0));
        }
    }

    // ---- software

    int read(int offset) {
        return (int) unit.registers().read(offset, 4);
    }

    long read64(int offset) {
        return unit.registers().read(offset, 8);
    }

    void write(int offset, int value) {
        unit.registers().write(offset, 4, value);
    }

    void write64(int offset, long value) {
        unit.registers().write(offset, 8, value);
    }

    void run() {
        sim.scheduler().run();
    }

    void pass(long ps) {
        sim.scheduler().runUntil(sim.now() + ps);
    }

    /** Gives a command, beside what is in effect, and waits. */
    void command(int bits) {
        write(Reg.GCMD, read(Reg.GSTS) & Reg.GCMD_LEVELS | bits);
        run();
    }

    /** Unmasks an event, as an interrupt. */
    void unmask(int control) {
        write(control + Reg.EVENT_DATA, 0x41);
        write(control + Reg.EVENT_ADDR, 0xfee0_1000);
        write(control, 0);
    }

    /** Enables the queue, with narrow descriptors. */
    ControlBed enableQueue() {
        write64(Reg.IQT, 0);
        write64(Reg.IQA, QUEUE);
        command(Reg.QIE);
        return this;
    }

    /** Puts a narrow descriptor behind the others, without telling; returns where. */
    int put(long w0, long w1) {
        int at = tail;
        memory.write64(QUEUE + at, w0);
        memory.write64(QUEUE + at + 8, w1);
        tail = at + 16 & 0xfff;
        return at;
    }

    void ring() {
        write64(Reg.IQT, tail);
    }

    void submit(long w0, long w1) {
        put(w0, w1);
        ring();
    }

    /** Submits a wait that writes to {@link #STATUS} plus 4 times the number. */
    void submitWait(int number) {
        submit(Inv.waitWrite0(1, false, false), Inv.waitWrite1(STATUS + 4L * number));
    }

    boolean done(int number) {
        return memory.read(STATUS + 4L * number, 4) == 1;
    }

    long counter(String name) {
        return ((Counter) sim.statistics().find("dmar0." + name).orElseThrow()).value();
    }

    /** The function answers. */
    void complete(int tag) {
        unit.atcs().completed(FUNCTION, 1 << tag, 1);
        pass(US);
    }

    // ---- what is invalidated

    @Override
    public void issued(long w0, long w1) {
        promises++;
    }

    @Override
    public void invalidate(Invalidation what) {
        notes.add(what.scope().toString());
        invalidations++;
    }

    @Override
    public void invalidate(InterruptRemapping.Entries entries) {
        notes.add("interrupt entries " + entries.index() + "/" + entries.mask());
        invalidations++;
    }

    @Override
    public void drain() {}

    @Override
    public int invalidations() {
        return invalidations;
    }

    @Override
    public boolean awaited(int first) {
        return flights.stream().anyMatch(number -> number < first);
    }

    /** A request of an invalidation is carried out. */
    void landed(int number) {
        flights.remove((Integer) number);
        unit.flightsDrained();
    }

    @Override
    public int promises() {
        return promises;
    }

    @Override
    public void completed(String by, int first) {
        promises -= first;
        notes.add("complete " + first);
    }
}

package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.iommu.NotingEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.spec.BitField;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.stats.Counter;

/**
 * The control unit of an AMD-Vi unit with memory around it, and nothing that translates: what would be invalidated is noted.
 * All rings have 256 entries; functions with TLBs only take notes.
 */
final class ControlBed implements InvalidationTarget {
    static final long COMMANDS = 0x10_0000;
    static final long STORE = 0x20_0000;
    static final long PAGES = 0x30_0000;
    static final long EVENTS = 0x40_0000;
    static final long GUESTS = 0x60_0000;
    /** Where the tail of the guest virtual APIC log is told. */
    static final long GUESTS_TAIL = 0x61_0000;

    static final long END = 1L << 30;
    static final int FUNCTION = 0x10;
    static final int OTHER = 0x18;
    static final int ENTRIES = 256;
    static final long US = 1_000_000;

    /** Everything that the control unit has to do with. */
    static final Efr ALL = efr(
            Efr.PREF_SUP,
            Efr.PPR_SUP,
            Efr.XT_SUP,
            Efr.GT_SUP,
            Efr.IA_SUP,
            Efr.GA_SUP,
            Efr.GAM_SUP,
            Efr.PPR_AUTO_RSP_SUP,
            Efr.BLK_STOP_MRK_SUP,
            Efr.MSI_CAP_MMIO_SUP,
            Efr.HA_SUP,
            Efr.EPH_SUP,
            Efr.V2_HD_DIS_SUP,
            Efr.GA_UPDATE_DIS_SUP,
            Efr.GCR3_TRP_MODE,
            Efr.DEV_TBL_SEG_SUP,
            Efr.NUM_INT_REMAP_SUP);

    final Simulation sim;
    final PhysicalMemory memory;
    final ControlUnit unit;
    final BusFaults busFaults;
    /** What took effect, was told complete, was sent to functions. */
    final List<String> notes = new ArrayList<>();

    final List<String> interrupts = new ArrayList<>();
    /** Requests under way that use what was invalidated by an invalidation: its number for each. */
    final List<Integer> flights = new ArrayList<>();
    /** So many page requests that come next may not be made. */
    int refusals;
    /** Device table entries say that answers to page requests have the PASID. */
    boolean answersWithPasid = true;
    /** Looking a page request up takes until a test says what comes of it. */
    boolean holdsChecks;

    /** How often hints were given up. */
    int prefetchesStopped;

    private int invalidations;
    private int promises;
    private int tail;

    /** Features of one bit each, and the lowest value but 0 of wider ones. */
    static Efr efr(BitField... features) {
        long[] words = new long[2];
        for (BitField feature : features) {
            feature.put(words, 1);
        }
        return new Efr(words[0], words[1]);
    }

    ControlBed(Map<String, Long> overrides, Efr efr) {
        this(Simulation.seeded(1).build(), overrides, efr);
    }

    ControlBed(Simulation sim, Map<String, Long> overrides, Efr efr) {
        this.sim = sim;
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        busFaults = new BusFaults(sim.world());
        SortedMap<String, Long> values = new TreeMap<>();
        AmdViParameters.all().forEach(p -> values.put(p.name(), p.defaultValue()));
        values.put("iotlb_tags", 3L);
        values.putAll(overrides);
        AmdViParameters p = new AmdViParameters(values);
        memory.addRam(0, END, PageOwner.UNTRACKED);
        MemoryPort memoryPort = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(30_000));
        RequestPort port = new RequestPort(sim.scheduler(), "port", p.clock(), 64, p.wakeRule(), memoryPort);
        port.faults(busFaults);
        unit = new ControlUnit(
                sim, "ivhd0", p, efr, port, memory, new WaitQueue(sim.world(), "changed"), this, this::check);
        unit.atcs().connect(new NotingEndpoint(FUNCTION, 32, notes));
        unit.atcs().connect(new NotingEndpoint(OTHER, 32, notes));
        unit.interrupts().connect(interrupts::add);
    }

    static ControlBed plain() {
        return new ControlBed(Map.of(), ALL);
    }

    /** With all rings running, and nothing else switched on. */
    static ControlBed running() {
        return plain().start();
    }

    private void check(PageRequest request) {
        if (!holdsChecks) {
            unit.pages().checked(refusals == 0, answersWithPasid);
            refusals = Math.max(0, refusals - 1);
        }
    }

    // ---- software

    long read(int offset) {
        return unit.registers().read(offset, 8);
    }

    void write(int offset, long value) {
        unit.registers().write(offset, 8, value);
    }

    void enable(BitField... fields) {
        long control = read(Reg.CONTROL);
        for (BitField field : fields) {
            control |= field.mask();
        }
        write(Reg.CONTROL, control);
    }

    void disable(BitField field) {
        write(Reg.CONTROL, read(Reg.CONTROL) & ~field.mask());
    }

    void run() {
        sim.scheduler().run();
    }

    void pass(long ps) {
        sim.scheduler().runUntil(sim.now() + ps);
    }

    /** Gives command buffer, event log and PPR log their place, and switches them on. */
    ControlBed start() {
        write(Reg.CMD_BUF_BASE, Reg.ringBase(COMMANDS, Reg.LEN_MIN));
        write(Reg.EVT_LOG_BASE, Reg.ringBase(EVENTS, Reg.LEN_MIN));
        write(Reg.PPR_LOG_BASE, Reg.ringBase(PAGES, Reg.LEN_MIN));
        enable(Control.IOMMU_EN, Control.EVENT_LOG_EN, Control.CMD_BUF_EN, Control.PPR_LOG_EN, Control.PPR_EN);
        return this;
    }

    /** Gives the guest virtual APIC log its place, and switches it on too. */
    ControlBed startGuests() {
        write(Reg.GA_LOG_BASE, Reg.ringBase(GUESTS, Reg.LEN_MIN));
        write(Reg.GA_LOG_TAIL_ADDRESS, GUESTS_TAIL);
        enable(Control.GA_LOG_EN);
        return this;
    }

    /** Puts a command behind the others, without telling; returns where. */
    int put(long w0, long w1) {
        int at = tail;
        memory.write64(COMMANDS + at, w0);
        memory.write64(COMMANDS + at + 8, w1);
        tail = at + Cmd.BYTES & ENTRIES * Cmd.BYTES - 1;
        return at;
    }

    void ring() {
        write(Reg.CMD_TAIL, tail);
    }

    void submit(long w0, long w1) {
        put(w0, w1);
        ring();
    }

    /** Submits a wait that stores 1 at {@link #STORE} plus 8 times the number. */
    void submitWait(int number) {
        submit(Cmd.completionWaitStore0(STORE + 8L * number), 1);
    }

    boolean done(int number) {
        return memory.read64(STORE + 8L * number) == 1;
    }

    /** First word of an event record. */
    long event(int number) {
        return memory.read64(EVENTS + 16L * number);
    }

    /** Address of an event record. */
    long eventAddress(int number) {
        return memory.read64(EVENTS + 16L * number + 8);
    }

    int events() {
        return (int) (read(Reg.EVT_TAIL) / 16);
    }

    long counter(String name) {
        return ((Counter) sim.statistics().find("ivhd0." + name).orElseThrow()).value();
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
    public void prefetch(long w0, long w1) {
        notes.add("prefetch " + CmdText.text(w0, w1));
    }

    @Override
    public void stopPrefetching() {
        prefetchesStopped++;
    }

    @Override
    public void invalidate(long w0, long w1) {
        notes.add(CmdText.text(w0, w1));
        invalidations++;
    }

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

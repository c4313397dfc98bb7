package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Irte;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.stats.Counter;

/**
 * A unit with a device table, command buffer and event log, a table of 256 basic interrupt entries at {@link #TABLE} for the
 * function {@link #SID}, and functions that send interrupts. Translation passes everything.
 */
final class InterruptBed extends DeviceBed<AmdViDevice> {
    static final long TABLE = 0x10_0000;
    static final long OTHER_TABLE = 0x11_0000;
    static final int SID = 0x130;
    static final int DOMAIN = 7;
    static final long MEMORY_PS = 30_000;
    /** Where messages of functions go. */
    static final long MESSAGE = 0xfee0_0000L;

    private static final long DEVICE_TABLE = 0x40_0000;
    private static final long COMMANDS = 0x20_0000;
    private static final long EVENTS = 0x21_0000;
    private static final long STATUS = 0x22_0000;
    private static final int LOG2_256 = 8;

    private final RootPort rootPort;
    private final List<Long> latencies = new ArrayList<>();
    private long requests;
    private int waits;

    /** A unit with these parameters changed. */
    InterruptBed(Map<String, Long> overrides) {
        this(Simulation.seeded(1).build(), overrides);
    }

    InterruptBed(Simulation sim, Map<String, Long> overrides) {
        super(sim, MEMORY_PS, host -> new AmdViDevice("iommu0", parameters(overrides), host));
        MemoryPort data = new MemoryPort(sim.scheduler(), "data", MemoryTiming.fixed(MEMORY_PS));
        rootPort = new RootPort(sim, "rp0", device, memory, data, LinkTiming.NONE);
        write64(Reg.DEV_TAB_BASE, DEVICE_TABLE | 0x1ff);
        write64(Reg.CMD_BUF_BASE, Reg.ringBase(COMMANDS, LOG2_256));
        write64(Reg.EVT_LOG_BASE, Reg.ringBase(EVENTS, LOG2_256));
        remapped(SID, TABLE, 8);
        control(0);
    }

    private static SortedMap<String, Long> parameters(Map<String, Long> overrides) {
        SortedMap<String, Long> values = new TreeMap<>();
        AmdViParameters.all().forEach(p -> values.put(p.name(), p.defaultValue()));
        values.putAll(overrides);
        return values;
    }

    static InterruptBed plain() {
        return new InterruptBed(Map.of());
    }

    // ---- software

    /** Sets these bits of the control register besides those that switch the unit, commands and the event log on. */
    void control(long bits) {
        write64(Reg.CONTROL, Control.IOMMU_EN.mask() | Control.EVENT_LOG_EN.mask() | Control.CMD_BUF_EN.mask() | bits);
        run();
    }

    /** Writes a function's device table entry: its interrupts are remapped by a table. */
    void remapped(int sid, long table, int log2Entries) {
        long w2 = Dte.IV.mask()
                | Dte.INT_TAB_LEN.with(0, log2Entries)
                | Dte.INT_TAB_ROOT.inPlace(table)
                | Dte.INT_CTL.with(0, Dte.INTCTL_REMAP);
        interrupts(sid, w2);
    }

    /** Writes what a function's device table entry says of interrupts; everything else passes. */
    void interrupts(int sid, long w2) {
        long[] dte = Dte.passThrough(DOMAIN);
        dte[2] = w2;
        entry(sid, dte);
    }

    /** Writes a device table entry. */
    void entry(int sid, long... dte) {
        words(Dte.address(DEVICE_TABLE, sid), dte);
    }

    /** Writes a basic interrupt entry. */
    void basic(int index, int entry) {
        memory.write(TABLE + 4L * index, 4, entry & 0xffff_ffffL);
    }

    /** Writes an interrupt entry of 128 bits. */
    void ga(int index, long... entry) {
        words(TABLE + 16L * index, entry[0], entry[1]);
    }

    /** Submits a command and a wait; returns where the wait stores 1. */
    long submit(long w0) {
        long status = STATUS + 8L * waits++;
        put(w0, 0);
        put(Cmd.completionWaitStore0(status), 1);
        return status;
    }

    private void put(long w0, long w1) {
        long tail = read64(Reg.CMD_TAIL);
        words(COMMANDS + tail, w0, w1);
        write64(Reg.CMD_TAIL, (tail + Cmd.BYTES) % 0x1000);
    }

    boolean isDone(long status) {
        return memory.read64(status) == 1;
    }

    /** Invalidates and waits until that is complete. */
    void invalidate(long w0) {
        long status = submit(w0);
        run();
        if (!isDone(status)) {
            throw new AssertionError("the wait is not complete");
        }
    }

    // ---- functions

    PciFunction function(int sid) {
        PciFunction function = new PciFunction(sim.world(), "function", sid, rootPort);
        function.setPresent(true);
        function.setBusMaster(true);
        return function;
    }

    /** Sends a message; nothing has run yet. */
    DmaRequest send(int sid, int data) {
        DmaRequest request = new DmaRequest();
        function(sid).sendMsi(request, requests++, MESSAGE, data, sim.now(), r -> latencies.add(r.latency()));
        return request;
    }

    /** What becomes of a message, as text. */
    String msi(int sid, int data) {
        DmaRequest request = send(sid, data);
        run();
        return text(request);
    }

    /** What becomes of a message of {@link #SID}, as text. */
    String msi(int data) {
        return msi(SID, data);
    }

    /** What has become of a message: where it left for and with which data, or the fault, and the event. */
    String text(DmaRequest request) {
        String outcome = request.messageAddress() == -1
                ? request.outcome().toString()
                : "0x" + Long.toHexString(request.messageAddress()) + " 0x" + Long.toHexString(request.data());
        return outcome + event();
    }

    /** The event that is recorded, if there is one; it is consumed. */
    private String event() {
        long head = read64(Reg.EVT_HEAD);
        if (head == read64(Reg.EVT_TAIL)) {
            return "";
        }
        long address = EVENTS + head;
        write64(Reg.EVT_HEAD, (head + Event.BYTES) % 0x1000);
        return " " + Event.text(memory.read64(address), memory.read64(address + 8));
    }

    /** How long the last message took, ps. */
    long lastLatency() {
        return latencies.get(latencies.size() - 1);
    }

    long counter(String name) {
        return ((Counter) sim.statistics().find("iommu0." + name).orElseThrow()).value();
    }

    List<Violation> violations() {
        return sim.violations().violations();
    }

    /** A basic entry that remaps to a vector on processor 1. */
    static int entry(int vector) {
        return Irte.basic(vector, 1);
    }
}

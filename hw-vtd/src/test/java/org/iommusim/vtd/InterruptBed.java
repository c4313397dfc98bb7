package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.Irte;
import org.iommusim.vtd.spec.Reg;

/**
 * A unit with an invalidation queue, a table of 256 interrupt entries at {@link #TABLE}, and functions that send interrupts;
 * it translates nothing.
 */
final class InterruptBed {
    static final long TABLE = 0x10_0000;
    static final long OTHER_TABLE = 0x11_0000;
    static final int SID = 0x0130;
    static final long MEMORY_PS = 30_000;

    private static final long QUEUE = 0x20_0000;
    private static final long STATUS = 0x21_0000;
    private static final long END = 1L << 30;
    private static final int SIZE_256 = 7;

    final Simulation sim = Simulation.seeded(1).build();
    final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
    final VtdDevice device;
    /** The unit's own interrupts so far. */
    final List<String> interrupts = new ArrayList<>();

    private final RootPort port;
    private final List<Long> latencies = new ArrayList<>();
    private long requests;
    private int waits;

    /** A unit with these parameters changed; remapping is on. */
    InterruptBed(Map<String, Long> overrides) {
        memory.addRam(0, END, PageOwner.UNTRACKED);
        memory.addRam(END, 0x20_0000, PageOwner.FREE);
        SortedMap<String, Long> values = new TreeMap<>();
        VtdParameters.all().forEach(p -> values.put(p.name(), p.defaultValue()));
        values.putAll(overrides);
        MemoryPort walks = new MemoryPort(sim.scheduler(), "walks", MemoryTiming.fixed(MEMORY_PS));
        PageAllocator pages = new PageAllocator(sim.world(), memory, new MemoryRange(END, 0x20_0000));
        device = new VtdDevice("dmar0", values, new IommuHost(sim, memory, walks, pages));
        device.connectInterrupts(interrupts::add);
        MemoryPort data = new MemoryPort(sim.scheduler(), "data", MemoryTiming.fixed(MEMORY_PS));
        port = new RootPort(sim, "rp0", device, memory, data, LinkTiming.NONE);
        device.mmioWrite(Reg.IQA, 8, QUEUE);
        command(Reg.QIE);
        setTable(TABLE | SIZE_256);
        command(Reg.QIE | Reg.IRE);
    }

    static InterruptBed plain() {
        return new InterruptBed(Map.of());
    }

    // ---- software

    void run() {
        sim.scheduler().run();
    }

    /** Writes GCMD as it is to be, one-shot commands included. */
    void command(int bits) {
        device.mmioWrite(Reg.GCMD, 4, bits);
        run();
    }

    /** Switches remapping off, if it is on, and takes a table over; off it stays. */
    void setTable(long irta) {
        command(Reg.QIE);
        device.mmioWrite(Reg.IRTA, 8, irta);
        command(Reg.QIE | Reg.SIRTP);
    }

    /** Puts an entry into the table, in the order in which software does: the word with P last. */
    void entry(int index, long... words) {
        entry(TABLE, index, words);
    }

    void entry(long table, int index, long... words) {
        long address = table + ((long) index << Irte.SHIFT);
        memory.write64(address + 8, words[1]);
        memory.write64(address, words[0]);
    }

    /** Submits a descriptor and a wait; returns where the wait writes 1. */
    long submit(long w0) {
        long status = STATUS + 4L * waits++;
        put(w0, 0);
        put(Inv.waitWrite0(1, false, false), Inv.waitWrite1(status));
        return status;
    }

    private void put(long w0, long w1) {
        long tail = device.mmioRead(Reg.IQT, 8);
        memory.write64(QUEUE + tail, w0);
        memory.write64(QUEUE + tail + 8, w1);
        device.mmioWrite(Reg.IQT, 8, (tail + 16) % 0x1000);
    }

    boolean done(long status) {
        return memory.read(status, 4) == 1;
    }

    /** Invalidates and waits until that is complete. */
    void invalidate(long w0) {
        long status = submit(w0);
        run();
        if (!done(status)) {
            throw new AssertionError("the wait is not complete");
        }
    }

    // ---- functions

    /** Sends a message; nothing has run yet. */
    DmaRequest send(int sid, long address, int data) {
        DmaRequest request = new DmaRequest();
        function(sid).sendMsi(request, requests++, address, data, sim.now(), r -> latencies.add(r.latency()));
        return request;
    }

    PciFunction function(int sid) {
        PciFunction function = new PciFunction(sim.world(), "function", sid, port);
        function.setPresent(true);
        function.setBusMaster(true);
        return function;
    }

    /** What becomes of a message, as text. */
    String msi(int sid, long address, int data) {
        DmaRequest request = send(sid, address, data);
        run();
        return text(request);
    }

    /** What becomes of a message in remappable format for an entry. */
    String msi(int index) {
        return msi(SID, Irte.messageAddress(index, false), 0);
    }

    /** What has become of a message: where it left for and with which data, or the fault and what is recorded of it. */
    String text(DmaRequest request) {
        String record = record();
        String outcome = request.messageAddress() == -1
                ? request.outcome().toString()
                : "0x" + Long.toHexString(request.messageAddress()) + " 0x" + Long.toHexString(request.data());
        return outcome + (record.isEmpty() ? "" : " " + record);
    }

    /** The fault that is recorded, if there is one; it is cleared. */
    private String record() {
        for (int i = 0; i < device.cap().faultRecords(); i++) {
            int offset = device.cap().faultRecordOffset() + i * Frcd.BYTES;
            long high = device.mmioRead(offset + 8, 8);
            if (Frcd.F.isSet(high)) {
                String text = Frcd.text(device.mmioRead(offset, 8), high);
                device.mmioWrite(offset + 12, 4, 1L << 31);
                return text;
            }
        }
        return "";
    }

    /** How long the last message took, ps. */
    long lastLatency() {
        return latencies.get(latencies.size() - 1);
    }

    long counter(String name) {
        return ((Counter) sim.statistics().find("dmar0." + name).orElseThrow()).value();
    }

    List<Violation> violations() {
        return sim.violations().violations();
    }
}

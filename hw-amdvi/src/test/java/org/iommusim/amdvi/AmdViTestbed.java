package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;

/**
 * An AMD-Vi unit with memory around it and no software: tests play the driver and the devices. Memory is 1 GiB from address 0
 * without owners; device table, rings and the store of COMPLETION_WAIT have fixed places in it (constants below), and tables
 * are taken from {@link #FREE} on.
 */
public final class AmdViTestbed implements DmaCompletion, EventHandler {
    /** Where the device table lies: all 65536 entries. */
    public static final long DEVICE_TABLE = 0x20_0000;
    /** Where the command buffer lies: one page. */
    public static final long COMMANDS = 0x60_0000;
    /** Where COMPLETION_WAIT stores. */
    public static final long STORE = 0x61_0000;
    /** Where the event log lies: one page. */
    public static final long EVENTS = 0x62_0000;
    /** Where the PPR log lies: one page. */
    public static final long PAGE_REQUESTS = 0x63_0000;
    /** Where the users' structures begin. */
    public static final long FREE = 0x100_0000;
    /** End of memory. */
    public static final long END = 1L << 30;

    private static final int DEVICE_TABLE_PAGES = 511;

    public final Simulation sim;
    public final PhysicalMemory memory;
    public final MemoryPort port;
    public final AmdViDevice device;
    /** Requests that are done, in order. */
    public final List<DmaRequest> done = new ArrayList<>();
    /** Sources of the interrupts so far. */
    public final List<String> interrupts = new ArrayList<>();

    private final Lane dataLane;
    private final List<DmaRequest> pending = new ArrayList<>();
    private long nextTable = FREE;
    private long nextRequest;
    private int commandTail;
    private long lastWait;
    /** How long an access to data takes after the translation, ps; 0: it happens at once. */
    public long dataPs;

    private AmdViTestbed(String preset, Map<String, Long> overrides, Simulation simulation) {
        sim = simulation;
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        dataLane = sim.scheduler().newLane("data", Phase.HARDWARE);
        memory.addRam(0, END, PageOwner.UNTRACKED);
        memory.addRam(END, 0x20_0000, PageOwner.FREE);
        port = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(100_000));
        PageAllocator pages = new PageAllocator(sim.world(), memory, new MemoryRange(END, 0x20_0000));
        IommuHost host = new IommuHost(sim, memory, port, pages);
        device = new AmdViProvider().createDevice(new IommuConfig("iommu0", preset, new TreeMap<>(overrides)), host);
        device.connectInterrupts(interrupts::add);
    }

    /** A unit of a preset with checks; an access to memory takes 100 ns. */
    public static AmdViTestbed of(String preset) {
        return of(preset, Map.of());
    }

    /** The same with some parameters changed. */
    public static AmdViTestbed of(String preset, Map<String, Long> overrides) {
        return new AmdViTestbed(
                preset, overrides, Simulation.seeded(1).checks(true).build());
    }

    // ---- registers

    public void write64(int register, long value) {
        device.mmioWrite(register, 8, value);
    }

    public long read64(int register) {
        return device.mmioRead(register, 8);
    }

    /** Programs device table and rings, and enables everything; returns this. */
    public AmdViTestbed enable() {
        write64(Reg.DEV_TAB_BASE, DEVICE_TABLE | DEVICE_TABLE_PAGES);
        write64(Reg.CMD_BUF_BASE, Reg.ringBase(COMMANDS, Reg.LEN_MIN));
        write64(Reg.EVT_LOG_BASE, Reg.ringBase(EVENTS, Reg.LEN_MIN));
        long control = Control.EVENT_LOG_EN.mask() | Control.CMD_BUF_EN.mask() | Control.COHERENT.mask();
        if (device.efr().ppr()) {
            write64(Reg.PPR_LOG_BASE, Reg.ringBase(PAGE_REQUESTS, Reg.LEN_MIN));
            control |= Control.PPR_LOG_EN.mask() | Control.PPR_EN.mask();
        }
        control |= device.efr().gt() ? Control.GT_EN.mask() : 0;
        write64(Reg.CONTROL, control);
        write64(Reg.CONTROL, control | Control.IOMMU_EN.mask());
        run();
        return this;
    }

    /** Sets fields of the control register besides what is on. */
    public void control(long more) {
        write64(Reg.CONTROL, read64(Reg.CONTROL) | more);
        run();
    }

    public void run() {
        sim.scheduler().run();
    }

    // ---- device table

    /** Writes words to memory. */
    public void words(long address, long... words) {
        for (int i = 0; i < words.length; i++) {
            memory.write64(address + 8L * i, words[i]);
        }
    }

    /** Writes a device table entry without telling the unit; returns its address. */
    public long entry(int deviceId, long[] words) {
        long address = Dte.address(DEVICE_TABLE, deviceId);
        words(address, words);
        return address;
    }

    // ---- tables

    /** A new empty page for a table or for data. */
    public long page() {
        long page = nextTable;
        nextTable += 0x1000;
        return page;
    }

    /** Maps a page of host tables, of the size of a level; returns the address of its entry. */
    public long mapHost(long root, int levels, long iova, int level, long leaf) {
        long table = root;
        for (int at = levels; at > level; at--) {
            long slot = slot(table, iova, at);
            if (memory.read64(slot) == 0) {
                memory.write64(slot, V1Pte.table(page(), at - 1));
            }
            table = memory.read64(slot) & V1Pte.ADDRESS;
        }
        long slot = slot(table, iova, level);
        memory.write64(slot, leaf);
        return slot;
    }

    /** Maps a page of 4 KiB of host tables for reading and writing. */
    public long mapHost(long root, int levels, long iova, long target) {
        return mapHost(root, levels, iova, 1, V1Pte.page(target, true, true));
    }

    /** Maps host pages of 4 KiB so that a range of addresses is what it is. */
    public void mapHostIdentity(long root, int levels, long first, int pages) {
        for (int i = 0; i < pages; i++) {
            mapHost(root, levels, first + 0x1000L * i, first + 0x1000L * i);
        }
    }

    /** Maps a page of 4 KiB of guest tables; returns the address of its entry. */
    public long mapGuest(long root, int levels, long iova, long target, long permissions) {
        long table = root;
        for (int level = levels; level > 1; level--) {
            long at = slot(table, iova, level);
            if (memory.read64(at) == 0) {
                memory.write64(at, X86Pte.table(page()));
            }
            table = memory.read64(at) & X86Pte.ADDRESS;
        }
        long at = slot(table, iova, 1);
        memory.write64(at, target | X86Pte.P | permissions);
        return at;
    }

    /** Maps a page of 4 KiB of guest tables for reading and writing by users. */
    public long mapGuest(long root, int levels, long iova, long target) {
        return mapGuest(root, levels, iova, target, X86Pte.RW | X86Pte.US);
    }

    /** Writes the entry of a PASID into a GCR3 table of one level; returns its address. */
    public long gcr3(long table, int pasid, long root) {
        long address = Gcr3Entry.address(table, 0, pasid);
        memory.write64(address, Gcr3Entry.valid(root));
        return address;
    }

    private static long slot(long table, long address, int level) {
        return table + (address >>> V1Pte.shift(level) & 511) * Long.BYTES;
    }

    // ---- commands

    /** Puts a command into the buffer, without telling. */
    public void put(long w0, long w1) {
        words(COMMANDS + commandTail, w0, w1);
        commandTail = (commandTail + Cmd.BYTES) % 0x1000;
    }

    /** Puts a COMPLETION_WAIT into the buffer, without telling; it stores {@link #lastWait}. */
    public void putWait() {
        put(Cmd.completionWaitStore0(STORE), ++lastWait);
    }

    /** Tells the unit of the commands in the buffer. */
    public void ring() {
        write64(Reg.CMD_TAIL, commandTail);
    }

    /** Number of the last COMPLETION_WAIT. */
    public long lastWait() {
        return lastWait;
    }

    /** Number of the last COMPLETION_WAIT that is complete. */
    public long waited() {
        return memory.read64(STORE);
    }

    /** Has a command and a COMPLETION_WAIT carried out. */
    public void command(long w0, long w1) {
        put(w0, w1);
        putWait();
        ring();
        run();
        if (waited() != lastWait) {
            throw new AssertionError("not complete: " + CmdText.text(w0, w1));
        }
    }

    public void command(long w0) {
        command(w0, 0);
    }

    // ---- events

    /** Number of records in the event log. */
    public int events() {
        return (int) ((read64(Reg.EVT_TAIL) - read64(Reg.EVT_HEAD) & 0xfff) / Event.BYTES);
    }

    /** The first record in the event log, which is then taken out; zeros if there is none. */
    public long[] takeEvent() {
        if (events() == 0) {
            return new long[Event.WORDS];
        }
        long head = read64(Reg.EVT_HEAD);
        long[] record = {memory.read64(EVENTS + head), memory.read64(EVENTS + head + 8)};
        write64(Reg.EVT_HEAD, (head + Event.BYTES) % 0x1000);
        return record;
    }

    // ---- DMA

    /** A request of 8 bytes that has arrived at the unit. */
    public DmaRequest request(int deviceId, int pasid, long iova, boolean isWrite) {
        DmaRequest request = new DmaRequest();
        request.begin(nextRequest++, deviceId, pasid, iova, 8, isWrite, sim.now());
        request.issued(sim.now());
        request.enter(Station.FRONT_END, sim.now());
        return request;
    }

    /** Hands a request to the unit. */
    public DmaRequest issue(DmaRequest request) {
        device.accept(request, this);
        return request;
    }

    /** Issues a request and runs until nothing is pending. */
    public DmaRequest dma(DmaRequest request) {
        issue(request);
        run();
        return request;
    }

    /** A read without PASID, carried out. */
    public DmaRequest dmaRead(int deviceId, long iova) {
        return dma(request(deviceId, DmaRequest.NO_PASID, iova, false));
    }

    /** A write without PASID, carried out. */
    public DmaRequest dmaWrite(int deviceId, long iova) {
        return dma(request(deviceId, DmaRequest.NO_PASID, iova, true));
    }

    @Override
    public void completed(DmaRequest request) {
        boolean moves = request.addressType() != AddressType.TRANSLATION_REQUEST;
        if (!request.outcome().completed() || !moves) {
            answer(request);
            return;
        }
        request.enter(Station.DATA, sim.now());
        if (dataPs == 0) {
            carryOut(request);
        } else {
            pending.add(request);
            sim.scheduler().after(dataLane, dataPs, this, 0, 0);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        carryOut(pending.remove(0));
    }

    private void carryOut(DmaRequest request) {
        device.carriedOut(request);
        answer(request);
    }

    private void answer(DmaRequest request) {
        request.answered(sim.now());
        done.add(request);
    }
}

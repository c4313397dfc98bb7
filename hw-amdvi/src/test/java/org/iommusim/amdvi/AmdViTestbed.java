package org.iommusim.amdvi;

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
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.Simulation;

/**
 * An AMD-Vi unit with memory around it and no software; memory answers after 100 ns. Device table, rings and the store of
 * COMPLETION_WAIT have fixed places in memory (constants below), and tables are taken from {@link #FREE} on.
 */
public final class AmdViTestbed extends DeviceBed<AmdViDevice> {
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

    private static final int DEVICE_TABLE_PAGES = 511;
    private static final long MEMORY_PS = 100_000;

    private int commandTail;
    private long lastWait;

    private AmdViTestbed(String preset, Map<String, Long> overrides, Simulation simulation) {
        super(
                simulation,
                MEMORY_PS,
                host -> new AmdViProvider()
                        .createDevice(new IommuConfig("iommu0", preset, new TreeMap<>(overrides)), host));
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

    /** A unit in a simulation that somebody has made. */
    static AmdViTestbed in(Simulation simulation, String preset, Map<String, Long> overrides) {
        return new AmdViTestbed(preset, overrides, simulation);
    }

    // ---- registers

    /** Programs device table and rings, and enables everything; returns this. */
    public AmdViTestbed enable() {
        write64(Reg.DEV_TAB_BASE, DEVICE_TABLE | DEVICE_TABLE_PAGES);
        write64(Reg.CMD_BUF_BASE, Reg.ringBase(COMMANDS, Reg.LEN_MIN));
        write64(Reg.EVT_LOG_BASE, Reg.ringBase(EVENTS, Reg.LEN_MIN));
        long control = Control.EVENT_LOG_EN.mask() | Control.CMD_BUF_EN.mask() | Control.COHERENT.mask();
        if (device.efr().ppr()) {
            write64(Reg.PPR_LOG_BASE, Reg.ringBase(PAGE_REQUESTS, Reg.LEN_MIN));
            control |= Control.PPR_LOG_EN.mask() | Control.PPR_EN.mask() | Control.EPH_EN.mask();
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

    // ---- device table

    /** Writes a device table entry without telling the unit; returns its address. */
    public long entry(int deviceId, long[] words) {
        long address = Dte.address(DEVICE_TABLE, deviceId);
        words(address, words);
        return address;
    }

    // ---- tables

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
}

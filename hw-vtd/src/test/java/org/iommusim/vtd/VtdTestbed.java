package org.iommusim.vtd;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.iommu.DeviceBed;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.Simulation;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.iommusim.vtd.spec.SsPte;

/**
 * A VT-d unit with memory around it and no software. Root table, context tables, PASID directory and queue have fixed places
 * in memory (constants below), and tables are taken from {@link #FREE} on.
 */
public final class VtdTestbed extends DeviceBed<VtdDevice> {
    /** Where the root table lies. */
    public static final long ROOT = 0x10_0000;
    /** Where the context tables of buses 0 to 15 begin: a page for each half of a bus. */
    public static final long CONTEXTS = 0x20_0000;
    /** Where the PASID directory lies that all functions share: 2^13 PASIDs. */
    public static final long DIRECTORY = 0x30_0000;
    /** Where the PASID tables begin: a page for each 64 PASIDs. */
    public static final long PASIDS = 0x40_0000;
    /** Where the invalidation queue lies: one page. */
    public static final long QUEUE = 0x60_0000;
    /** Where wait descriptors write. */
    public static final long STATUS = 0x61_0000;
    /** Where the page request queue lies: one page. */
    public static final long PAGE_REQUESTS = 0x62_0000;

    private boolean wide;
    private int tail;
    private int waits;

    private VtdTestbed(String preset, Map<String, Long> overrides, long memoryPs, Simulation simulation) {
        super(
                simulation,
                memoryPs,
                host -> new VtdProvider()
                        .createDevice(new IommuConfig("dmar0", preset, new TreeMap<>(overrides)), host));
    }

    /** A unit of a preset with checks; an access to memory takes 100 ns. */
    public static VtdTestbed of(String preset) {
        return of(preset, Map.of());
    }

    /** The same with some parameters changed. */
    public static VtdTestbed of(String preset, Map<String, Long> overrides) {
        return new VtdTestbed(
                preset, overrides, 100_000, Simulation.seeded(1).checks(true).build());
    }

    /** The same without checks. */
    public static VtdTestbed unchecked(String preset, Map<String, Long> overrides) {
        return new VtdTestbed(
                preset, overrides, 100_000, Simulation.seeded(1).checks(false).build());
    }

    /** A unit in a simulation that somebody has made. */
    static VtdTestbed in(Simulation simulation, String preset, Map<String, Long> overrides) {
        return new VtdTestbed(preset, overrides, 100_000, simulation);
    }

    // ---- registers

    /** A command of GCMD besides what is on; runs until it is done. */
    public void command(int bit) {
        write(Reg.GCMD, read(Reg.GSTS) & (Reg.TE | Reg.QIE | Reg.IRE | Reg.CFI) | bit);
        run();
    }

    /** Programs queue, root table and interrupts in legacy mode, and enables everything; returns this. */
    public VtdTestbed legacy() {
        return enable(Reg.TTM_LEGACY);
    }

    /** The same in scalable mode. */
    public VtdTestbed scalable() {
        return enable(Reg.TTM_SCALABLE);
    }

    private VtdTestbed enable(int mode) {
        prepare(mode);
        command(Reg.TE);
        return this;
    }

    /** Everything but translation. */
    public VtdTestbed prepare(int mode) {
        wide = mode == Reg.TTM_SCALABLE;
        write64(Reg.IQA, QUEUE | (wide ? Reg.IQA_DW : 0));
        command(Reg.QIE);
        root(mode);
        write(Reg.FECTL, 0);
        if (device.cap().prs()) {
            write64(Reg.PQA, PAGE_REQUESTS);
        }
        return this;
    }

    /** Has a mode of the root table taken over. */
    public void root(int mode) {
        write64(Reg.RTADDR, ROOT | (long) mode << Reg.RTADDR_TTM_SHIFT);
        command(Reg.SRTP);
    }

    // ---- context and PASID entries

    /** Writes a context entry of legacy mode, and the root entry that leads there. */
    public long context(int sid, long[] words) {
        int bus = sid >>> 8;
        long table = CONTEXTS + 0x2000L * bus;
        words(RootEntry.address(ROOT, sid), RootEntry.present(table), 0);
        long address = ContextEntry.address(table, sid);
        words(address, words);
        return address;
    }

    /** Writes a context entry of scalable mode, and the root entry that leads there. */
    public long scalableContext(int sid, long[] words) {
        int bus = sid >>> 8;
        long table = CONTEXTS + 0x2000L * bus;
        words(RootEntry.address(ROOT, sid), RootEntry.present(table), RootEntry.present(table + 0x1000));
        long address = ScalableContextEntry.address(table + 0x1000L * RootEntry.scalableWord(sid), sid);
        words(address, words);
        return address;
    }

    /** A scalable context entry with the common PASID directory, everything allowed, RID_PASID 0. */
    public static long[] function() {
        long[] words = ScalableContextEntry.present(DIRECTORY, 0, 0);
        ScalableContextEntry.DTE.put(words, 1);
        ScalableContextEntry.PASIDE.put(words, 1);
        ScalableContextEntry.PRE.put(words, 1);
        return words;
    }

    /** Address of a PASID's entry in the common tables, which are made if need be. */
    public long pasidEntry(int pasid) {
        long table = PASIDS + 0x1000L * (pasid >>> PasidDirEntry.PASID_SHIFT);
        memory.write64(PasidDirEntry.address(DIRECTORY, pasid), PasidDirEntry.present(table));
        return PasidEntry.address(table, pasid);
    }

    /** Writes a PASID entry into the common tables. */
    public long pasid(int pasid, long[] words) {
        long address = pasidEntry(pasid);
        words(address, words);
        return address;
    }

    // ---- tables

    /** Maps a second-stage page of 2^(12+9n) bytes; returns the address of its entry. */
    public long mapSecond(long root, int levels, long iova, long target, int large, long permissions) {
        long table = root;
        for (int level = levels; level > 1 + large; level--) {
            long at = slot(table, iova, level);
            if (memory.read64(at) == 0) {
                memory.write64(at, SsPte.table(page()));
            }
            table = memory.read64(at) & SsPte.ADDRESS;
        }
        long at = slot(table, iova, 1 + large);
        memory.write64(at, target | permissions | (large > 0 ? SsPte.PS : 0));
        return at;
    }

    /** Maps a second-stage page of 4 KiB for reading and writing. */
    public long mapSecond(long root, int levels, long iova, long target) {
        return mapSecond(root, levels, iova, target, 0, SsPte.R | SsPte.W);
    }

    /** Maps a first-stage page of 4 KiB; returns the address of its entry. */
    public long mapFirst(long root, int levels, long iova, long target, long permissions) {
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

    /** Maps a first-stage page of 4 KiB for reading and writing by users. */
    public long mapFirst(long root, int levels, long iova, long target) {
        return mapFirst(root, levels, iova, target, X86Pte.RW | X86Pte.US);
    }

    private static long slot(long table, long address, int level) {
        return table + (address >>> 3 + 9 * level & 511) * Long.BYTES;
    }

    // ---- descriptors

    /** Puts a descriptor into the queue without telling the unit. */
    public void put(long w0, long w1) {
        int bytes = wide ? 32 : 16;
        words(QUEUE + tail, wide ? new long[] {w0, w1, 0, 0} : new long[] {w0, w1});
        tail = (tail + bytes) % 0x1000;
    }

    /** Puts a wait descriptor into the queue; returns what it will write to {@link #STATUS}. */
    public int putWait() {
        put(Inv.waitWrite0(++waits, false, false), Inv.waitWrite1(STATUS));
        return waits;
    }

    /** Tells the unit of all descriptors so far. */
    public void ring() {
        write64(Reg.IQT, tail);
    }

    /** Has a descriptor and a wait carried out. */
    public void invalidate(long w0, long w1) {
        put(w0, w1);
        putWait();
        ring();
        run();
    }

    public void invalidate(long w0) {
        invalidate(w0, 0);
    }

    /** What the last completed wait wrote. */
    public int waited() {
        return (int) memory.read(STATUS, 4);
    }

    /** The last wait that was put into the queue. */
    public int lastWait() {
        return waits;
    }

    // ---- faults

    /** Number of fault records that are pending. */
    public int faults() {
        int count = 0;
        for (int i = 0; i < device.cap().faultRecords(); i++) {
            count += Frcd.F.isSet(fault(i)[1]) ? 1 : 0;
        }
        return count;
    }

    /** Both words of a fault recording register. */
    public long[] fault(int number) {
        int at = device.cap().faultRecordOffset() + 16 * number;
        return new long[] {read64(at), read64(at + 8)};
    }

    /** Reason of the first fault, which is then cleared with all others; 0 if there is none. */
    public int takeReason() {
        int reason = 0;
        for (int i = device.cap().faultRecords() - 1; i >= 0; i--) {
            long[] record = fault(i);
            if (Frcd.F.isSet(record[1])) {
                reason = Frcd.FR.getInt(record[1]);
            }
            write(device.cap().faultRecordOffset() + 16 * i + 12, 1 << 31);
        }
        return reason;
    }
}

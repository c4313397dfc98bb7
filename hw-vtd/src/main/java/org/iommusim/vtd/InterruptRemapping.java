package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.vtd.format.InterruptEntry;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Irte;
import org.jspecify.annotations.Nullable;

/**
 * Interrupt remapping: what becomes of a write to 0xFEEx_xxxx (VT-d, interrupt remapping).
 *
 * <p>Off (GSTS.IRES=0), every message leaves as it came. On, one in compatibility format leaves as it came if GSTS.CFIS=1
 * and extended interrupt mode is off, and is blocked otherwise; one in remappable format names an entry of the table, which
 * is read through the interrupt entry cache (IEC), checked against the source, and makes the message that leaves.
 *
 * <p>The cache keeps legal entries, whoever asked for them; with CAP.CM=1 illegal ones, too. It is dropped by the interrupt
 * entry cache descriptor, and by SIRTP with CAP.ESIRTPS=1. An entry that is being read when it is invalidated is still used
 * by that one message, but not kept, and the invalidation is complete only when the message has left.
 *
 * <p>Posted interrupts are not modelled and never offered (CAP.PI=0), so that IRTE.IM is not looked at. A write of another
 * length than four bytes is no message: with remapping on it is blocked as a request with reserved bits.
 */
final class InterruptRemapping implements EventHandler {
    /** Who owns the transactions. */
    interface Client {
        /** One by its id. */
        Transaction transaction(int id);

        /** It is known what becomes of a message: its outcome is set, with {@code output} and {@code messageData} or a code. */
        void remapped(Transaction message);
    }

    private static final int OP_PORT = 0;
    private static final int OP_LOOKED_UP = 1;
    private static final int OP_FETCH = 2;
    private static final int OP_ENTRY = 3;

    private final Client client;
    private final RegisterFile registers;
    private final FaultRecorder faults;
    private final Scheduler scheduler;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final ClockEdges edges;
    private final CheckedUse checkedUse;
    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    private final boolean cached;
    private final boolean cachesFaulty;
    private final Slots ports;
    private final int cycles;
    private final Slots fetches;
    private final List<Lookup> lookups = new ArrayList<>();
    private final Counter remapped;
    private final Counter passed;
    private final Counter blocked;

    /** What is known of a message on its way; one for each transaction. */
    private static final class Lookup {
        final long[] entry = new long[Irte.WORDS];
        int index;
        long address;
        /** It uses, or is reading, the entry. */
        boolean uses;
    }

    InterruptRemapping(
            Simulation sim,
            String name,
            VtdParameters p,
            Cap cap,
            Client client,
            RegisterFile registers,
            FaultRecorder faults,
            RequestPort port,
            PhysicalMemory memory,
            CheckedUse checkedUse) {
        this.client = client;
        this.registers = registers;
        this.faults = faults;
        this.port = port;
        this.memory = memory;
        this.checkedUse = checkedUse;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        cache = new TaggedCache(sim, name + ".iec", p.cache("iec", Irte.WORDS, 0));
        sources = checkedUse.cache(cache);
        cached = p.flag("iec");
        cachesFaulty = cap.cm();
        ports = new Slots(scheduler, name + " iec ports", p.value("iec_ports"), p.wakeRule());
        cycles = p.value("iec_cycles");
        fetches = new Slots(scheduler, name + " iec fetches", p.value("iec_fetches"), p.wakeRule());
        Statistics statistics = sim.statistics().under(name + ".interrupts");
        remapped = statistics.counter("remapped", "messages", "interrupt messages that an entry has remapped");
        passed = statistics.counter("passed", "messages", "interrupt messages that left as they came");
        blocked = statistics.counter("blocked", "messages", "interrupt messages that were blocked");
    }

    /** True for what is an interrupt message and not DMA: a write without PASID, not translated, to the interrupt range. */
    static boolean isMessage(DmaRequest request) {
        return request.write()
                && request.pasid() == DmaRequest.NO_PASID
                && request.addressType() == AddressType.UNTRANSLATED
                && Irte.isMessage(request.wireAddress());
    }

    /** Finds out what becomes of a message; {@link Client#remapped} is told, at once or later. */
    void remap(Transaction message) {
        long address = message.iova;
        int data = data(message.request());
        if (!registers.interruptRemapping()) {
            pass(message, address, data);
        } else if (message.request().bytes() != Integer.BYTES) {
            block(message, FaultReason.IR_REQUEST_RESERVED, 0, false);
        } else if ((address & Irte.MESSAGE_REMAPPABLE) == 0) {
            compatible(message, address, data);
        } else {
            remappable(message, address, data);
        }
    }

    /** A write takes its bytes from where they stand in eight. */
    private static int data(DmaRequest request) {
        return (int) (request.data() >>> 8 * (request.wireAddress() & 4));
    }

    private void compatible(Transaction message, long address, int data) {
        if (registers.compatibilityFormat() && !registers.extendedInterruptMode()) {
            pass(message, address, data);
        } else {
            block(message, FaultReason.IR_COMPATIBILITY, 0, false);
        }
    }

    private void remappable(Transaction message, long address, int data) {
        int index = Irte.index(address, data);
        if ((address & Irte.MESSAGE_SHV) != 0 && (data & Irte.MESSAGE_DATA_RESERVED) != 0) {
            block(message, FaultReason.IR_REQUEST_RESERVED, index, false);
            return;
        }
        if (index >= registers.interruptEntries()) {
            block(message, FaultReason.IR_INDEX, index, false);
            return;
        }
        Lookup lookup = lookup(message);
        lookup.index = index;
        lookup.address = registers.interruptTable() + ((long) index << Irte.SHIFT);
        if (!cached) {
            miss(message);
            return;
        }
        message.request().enter(Station.CONFIG_CACHE, scheduler.now());
        if (ports.take(message.lane, this, OP_PORT, message.id)) {
            lookUp(message);
        }
    }

    private Lookup lookup(Transaction message) {
        while (lookups.size() <= message.id) {
            lookups.add(new Lookup());
        }
        return lookups.get(message.id);
    }

    private void lookUp(Transaction message) {
        scheduler.at(message.lane, edges.after(scheduler.now(), cycles), this, OP_LOOKED_UP, message.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Transaction message = client.transaction((int) arg);
        switch (op) {
            case OP_PORT -> lookUp(message);
            case OP_LOOKED_UP -> {
                ports.release();
                lookedUp(message);
            }
            case OP_FETCH -> fetch(message);
            case OP_ENTRY -> {
                fetches.release();
                arrived(message);
            }
            default -> throw new IllegalArgumentException("interrupt remapping op " + op);
        }
    }

    private void lookedUp(Transaction message) {
        Lookup lookup = lookup(message);
        int found = cache.lookup(lookup.index, lookup.index, 0, 0);
        if (found == TaggedCache.NONE) {
            miss(message);
            return;
        }
        cache.values(found, 0, lookup.entry);
        lookup.uses = true;
        if (sources != null && message.trail != null) {
            sources.use(found, message.trail);
        }
        decide(message, lookup);
    }

    private void miss(Transaction message) {
        message.request().enter(Station.CONFIG_FETCH, scheduler.now());
        if (fetches.take(message.lane, this, OP_FETCH, message.id)) {
            fetch(message);
        }
    }

    private void fetch(Transaction message) {
        lookup(message).uses = true;
        port.readTable(message.lane, lookup(message).address, Irte.BYTES, this, OP_ENTRY, message.id);
    }

    private void arrived(Transaction message) {
        Lookup lookup = lookup(message);
        if (!port.reaches(memory, lookup.address, false)) {
            block(message, FaultReason.IR_ACCESS, lookup.index, false);
            return;
        }
        StaleUseChecker checker = checkedUse.checker();
        for (int i = 0; i < Irte.WORDS; i++) {
            long address = lookup.address + 8L * i;
            long word = memory.read64(address);
            lookup.entry[i] = word;
            if (checker != null && message.trail != null) {
                long now = checker.now();
                message.trail.read(
                        new Source(SourceKind.INTERRUPT, true, address, word, now, lookup.index, lookup.index));
            }
        }
        boolean legal = InterruptEntry.checkEntry(lookup.entry) == FaultReason.NONE;
        if (cached && (legal || cachesFaulty) && !message.stale) {
            fill(message, lookup);
        }
        decide(message, lookup);
    }

    private void fill(Transaction message, Lookup lookup) {
        int entry = cache.insert(lookup.index, lookup.index, -1, 0, 0);
        for (int i = 0; i < Irte.WORDS; i++) {
            cache.value(entry, i, lookup.entry[i]);
        }
        if (sources != null && message.trail != null) {
            sources.fill(entry, message.trail);
        }
    }

    private void decide(Transaction message, Lookup lookup) {
        int reason = InterruptEntry.check(lookup.entry, message.sid);
        if (reason != FaultReason.NONE) {
            block(message, reason, lookup.index, InterruptEntry.suppresses(lookup.entry));
            return;
        }
        remapped.increment();
        leave(
                message,
                InterruptEntry.address(lookup.entry, registers.extendedInterruptMode()),
                InterruptEntry.data(lookup.entry));
    }

    private void pass(Transaction message, long address, int data) {
        passed.increment();
        leave(message, address, data);
    }

    private void leave(Transaction message, long address, int data) {
        message.outcome = DmaOutcome.INTERRUPT;
        message.output = address;
        message.messageData = data;
        client.remapped(message);
    }

    private void block(Transaction message, int reason, int index, boolean suppressed) {
        blocked.increment();
        message.fail(DmaOutcome.FAULT, reason);
        if (!suppressed) {
            faults.record(new Fault(
                    reason,
                    message.sid,
                    DmaRequest.NO_PASID,
                    Frcd.interrupt0(index),
                    Frcd.TYPE_WRITE,
                    false,
                    false,
                    Frcd.AT_UNTRANSLATED));
        }
        client.remapped(message);
    }

    // ---- invalidation

    /** All entries go, or those with an index; see {@link Entries}. */
    void invalidate(Entries entries) {
        cache.invalidate((c, entry) -> entries.contains((int) c.address(entry)));
    }

    /** True if a transaction uses, or is reading, one of these entries. */
    boolean uses(Transaction transaction, Entries entries) {
        Lookup lookup = transaction.id < lookups.size() ? lookups.get(transaction.id) : null;
        return lookup != null && lookup.uses && entries.contains(lookup.index);
    }

    /** A message has left, or is over. */
    void end(Transaction message) {
        lookup(message).uses = false;
    }

    /**
     * Entries of the table that an invalidation is about: those whose index is equal but for the lowest bits.
     *
     * @param index of one of them
     * @param mask how many low bits do not count; 16 for all
     */
    record Entries(int index, int mask) {
        /** The whole table. */
        static final Entries ALL = new Entries(0, 16);

        boolean contains(int other) {
            return (index ^ other) >>> mask == 0;
        }
    }
}

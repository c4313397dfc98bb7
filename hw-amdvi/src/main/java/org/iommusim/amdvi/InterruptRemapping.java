package org.iommusim.amdvi;

import java.util.function.IntPredicate;
import org.iommusim.amdvi.format.GuestEntry;
import org.iommusim.amdvi.format.InterruptEntry;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Irte;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.InterruptEntries;
import org.iommusim.hw.pipeline.Transaction;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockEdges;

/**
 * Interrupt remapping: what becomes of a write to 0xFEEx_xxxx, given what the device table entry of its function says (AMD
 * IOMMU specification, interrupt remapping tables, as QEMU, OpenVMM and the Linux driver have them).
 *
 * <p>Without a valid device table entry (V=0), and where what it says of interrupts is not valid (IV=0), a message leaves as
 * it came. Otherwise the kind of interrupt decides: data bits 10:8. Fixed and arbitrated ones are aborted, passed or remapped
 * by IntCtl; NMI, INIT and ExtInt are passed or aborted by their own bits; SMI passes, because there is no SMI filter; others
 * are aborted. With NumIntRemapMode = 1 all kinds are like fixed ones, which is what makes 2048 interrupts of the 512: bits
 * 10:0 of the data are the index of the entry.
 *
 * <p>The cache of entries keeps those that remap; with NpCache those that do not, too. It is dropped by
 * INVALIDATE_INTERRUPT_TABLE for a function, and by INVALIDATE_IOMMU_ALL; an entry of a table that the device table entry no
 * longer names stays. With IRTCacheDis entries are neither cached nor looked for.
 *
 * <p>Choices where sources differ or are silent: an entry with IV=0 whose IntCtl asks for a table, or is reserved, is illegal
 * once an interrupt comes (OpenVMM; QEMU lets it pass); what IntCtl and the pass bits forbid is an event with PE, what the
 * table does not remap one without PR, a reserved value in it one with PR and RZ; the event has the address of the message. A
 * write of another length than four bytes is no message that could be remapped, and is blocked.
 *
 * <p>With GAEn and GAMEn entries may be in guest mode: {@link GuestInterrupts} posts what they remap. Otherwise GuestMode is a
 * reserved value.
 */
final class InterruptRemapping implements InterruptEntries.Client {
    /** Who owns the transactions. */
    interface Client {
        /** One by its id. */
        Transaction transaction(int id);

        /** What the device table entry of a message's function says of interrupts: its third word. */
        long interruptWord(Transaction message);

        /** The domain of a message's function, for events. */
        int domainOf(Transaction message);

        /** A message is to be posted for a guest by an entry that stands at an address; valid during the call. */
        void guest(Transaction message, long[] entry, long address);

        /** It is known what becomes of a message: its outcome is set, with {@code output} and {@code messageData} or a code. */
        void remapped(Transaction message);
    }

    /** Kinds of interrupts: data bits 10:8. */
    private static final int SMI = 2;

    private static final int NMI = 4;
    private static final int INIT = 5;
    private static final int EXT_INT = 7;

    private static final int INDEX_BITS = 11;

    private final Client client;
    private final Efr efr;
    private final UnitState state;
    private final EventSink events;
    private final PhysicalMemory memory;
    private final boolean cachesFaulty;
    private final InterruptEntries entries;
    private final Counter remapped;
    private final Counter passed;
    private final Counter blocked;

    InterruptRemapping(
            Simulation sim,
            String name,
            AmdViParameters p,
            Efr efr,
            Client client,
            UnitState state,
            EventSink events,
            RequestPort port,
            PhysicalMemory memory,
            CheckedUse checkedUse) {
        this.client = client;
        this.efr = efr;
        this.state = state;
        this.events = events;
        this.memory = memory;
        cachesFaulty = p.flag("np_cache");
        InterruptEntries.Shape shape = new InterruptEntries.Shape(
                p.flag("irt_cache"),
                p.cache("irt", Irte.GA_WORDS, 0),
                p.value("irt_ports"),
                p.value("irt_cycles"),
                p.value("irt_fetches"),
                p.wakeRule());
        entries = new InterruptEntries(
                sim, name + ".irt", shape, Irte.GA_WORDS, new ClockEdges(p.clock()), this, port, memory, checkedUse);
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

    /** Lets a message pass: the unit is off, or there is no valid device table entry. */
    void pass(Transaction message) {
        passed.increment();
        leave(message, message.iova, data(message));
    }

    /** Finds out what a valid device table entry makes of a message; {@link Client#remapped} is told, at once or later. */
    void remap(Transaction message) {
        long w2 = client.interruptWord(message);
        if (!Dte.IV.isSet(w2)) {
            withoutTable(message, Dte.INT_CTL.getInt(w2));
        } else if (message.request().bytes() != Integer.BYTES) {
            block(message, Event.PE, Dte.IG.isSet(w2));
        } else {
            byKind(message, w2);
        }
    }

    private void withoutTable(Transaction message, int intCtl) {
        if (intCtl == Dte.INTCTL_ABORT || intCtl == Dte.INTCTL_PASS) {
            pass(message);
            return;
        }
        events.record(Event.word0(Event.ILLEGAL_DEV_TABLE_ENTRY, message.sid, Event.I), message.iova);
        abort(message, Event.ILLEGAL_DEV_TABLE_ENTRY);
    }

    private void byKind(Transaction message, long w2) {
        int kind = data(message) >>> 8 & 7;
        if (kind <= Irte.TYPE_ARBITRATED || allKinds()) {
            byControl(message, w2);
        } else if (kind == SMI || passes(kind, w2)) {
            pass(message);
        } else {
            block(message, Event.PE, Dte.IG.isSet(w2));
        }
    }

    private boolean allKinds() {
        return efr.interruptsPerFunction() == 1 << INDEX_BITS
                && Control.NUM_INT_REMAP_MODE.getInt(state.control()) == Control.INTERRUPTS_2K;
    }

    private static boolean passes(int kind, long w2) {
        return switch (kind) {
            case NMI -> Dte.NMI_PASS.isSet(w2);
            case INIT -> Dte.INIT_PASS.isSet(w2);
            case EXT_INT -> Dte.EINT_PASS.isSet(w2);
            default -> false;
        };
    }

    /** A reserved value of IntCtl makes the entry illegal, and no message comes so far with it. */
    private void byControl(Transaction message, long w2) {
        switch (Dte.INT_CTL.getInt(w2)) {
            case Dte.INTCTL_PASS -> pass(message);
            case Dte.INTCTL_REMAP -> byTable(message, w2);
            default -> block(message, Event.PE, Dte.IG.isSet(w2));
        }
    }

    private void byTable(Transaction message, long w2) {
        int index = Irte.index(data(message));
        if (index >= 1 << Dte.INT_TAB_LEN.getInt(w2)) {
            block(message, 0, Dte.IG.isSet(w2));
            return;
        }
        boolean cacheable = !Control.IRT_CACHE_DIS.isSet(state.control());
        int number = message.sid << INDEX_BITS | index;
        entries.find(message, number, entryAddress(message, w2), ga() ? Irte.GA_BYTES : Irte.BASIC_BYTES, cacheable);
    }

    private long entryAddress(Transaction message, long w2) {
        return Irte.address(Dte.INT_TAB_ROOT.inPlace(w2), Irte.index(data(message)), ga());
    }

    private boolean ga() {
        return efr.ga() && Control.GA_EN.isSet(state.control());
    }

    private boolean guestMode(long[] entry) {
        return ga() && Control.GAM_EN.getInt(state.control()) == Control.GAM_VAPIC && GuestEntry.isGuest(entry);
    }

    private boolean xt() {
        return efr.xt() && Control.XT_EN.isSet(state.control());
    }

    /** A write takes its bytes from where they stand in eight. */
    private static int data(Transaction message) {
        DmaRequest request = message.request();
        return (int) (request.data() >>> 8 * (request.wireAddress() & 4));
    }

    @Override
    public Transaction transaction(int id) {
        return client.transaction(id);
    }

    @Override
    public boolean keeps(long[] entry) {
        return cachesFaulty || works(entry);
    }

    private boolean works(long[] entry) {
        return guestMode(entry) ? GuestEntry.posts(entry, efr) : InterruptEntry.remaps(entry);
    }

    @Override
    public void unreadable(Transaction message) {
        unreachable(message, entryAddress(message, client.interruptWord(message)));
        client.remapped(message);
    }

    /** The bus does not carry out an access that a message needs: it fails. */
    void unreachable(Transaction message, long address) {
        long flags = Event.I | HardwareErrors.at(memory, address);
        long w0 = Event.word0(Event.PAGE_TAB_HARDWARE_ERROR, message.sid, flags);
        events.record(Event.withDomain(w0, client.domainOf(message)), address);
        fail(message, Event.PAGE_TAB_HARDWARE_ERROR);
    }

    @Override
    public void found(Transaction message, long[] entry) {
        if (!works(entry)) {
            boolean silent = Dte.IG.isSet(client.interruptWord(message)) || InterruptEntry.suppresses(entry);
            block(message, InterruptEntry.flags(entry), silent);
            return;
        }
        if (guestMode(entry)) {
            client.guest(message, entry, entryAddress(message, client.interruptWord(message)));
            return;
        }
        remapped.increment();
        leave(message, InterruptEntry.address(entry, ga(), xt()), InterruptEntry.data(entry, ga()));
    }

    private void leave(Transaction message, long address, int data) {
        message.outcome = DmaOutcome.INTERRUPT;
        message.output = address;
        message.messageData = data;
        client.remapped(message);
    }

    private void block(Transaction message, long flags, boolean silent) {
        if (!silent) {
            long w0 = Event.word0(Event.IO_PAGE_FAULT, message.sid, Event.I | flags);
            events.record(Event.withDomain(w0, client.domainOf(message)), message.iova);
        }
        abort(message, Event.IO_PAGE_FAULT);
    }

    private void abort(Transaction message, int code) {
        fail(message, code);
        client.remapped(message);
    }

    private void fail(Transaction message, int code) {
        blocked.increment();
        message.fail(DmaOutcome.FAULT, code);
    }

    // ---- invalidation

    /** Entries of these functions go. */
    void invalidate(IntPredicate functions) {
        entries.invalidate(number -> functions.test(number >>> INDEX_BITS));
    }

    /** True if a transaction uses, or is reading, an entry of one of these functions. */
    boolean uses(Transaction transaction, IntPredicate functions) {
        return entries.uses(transaction, number -> functions.test(number >>> INDEX_BITS));
    }

    /** A message has left, or is over. */
    void end(Transaction message) {
        entries.end(message);
    }
}

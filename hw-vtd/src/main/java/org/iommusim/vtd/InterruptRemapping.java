package org.iommusim.vtd;

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
import org.iommusim.vtd.format.InterruptEntry;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Irte;

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
final class InterruptRemapping implements InterruptEntries.Client {
    /** Who owns the transactions. */
    interface Client {
        /** One by its id. */
        Transaction transaction(int id);

        /** It is known what becomes of a message: its outcome is set, with {@code output} and {@code messageData} or a code. */
        void remapped(Transaction message);
    }

    private final Client client;
    private final RegisterFile registers;
    private final FaultRecorder faults;
    private final boolean cachesFaulty;
    private final InterruptEntries entries;
    private final Counter remapped;
    private final Counter passed;
    private final Counter blocked;

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
        cachesFaulty = cap.cm();
        InterruptEntries.Shape shape = new InterruptEntries.Shape(
                p.flag("iec"),
                p.cache("iec", Irte.WORDS, 0),
                p.value("iec_ports"),
                p.value("iec_cycles"),
                p.value("iec_fetches"),
                p.wakeRule());
        entries = new InterruptEntries(
                sim, name + ".iec", shape, Irte.WORDS, new ClockEdges(p.clock()), this, port, memory, checkedUse);
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
        long entry = registers.interruptTable() + ((long) index << Irte.SHIFT);
        entries.find(message, index, entry, Irte.BYTES, true);
    }

    @Override
    public Transaction transaction(int id) {
        return client.transaction(id);
    }

    @Override
    public boolean keeps(long[] entry) {
        return cachesFaulty || InterruptEntry.checkEntry(entry) == FaultReason.NONE;
    }

    @Override
    public void unreadable(Transaction message) {
        block(message, FaultReason.IR_ACCESS, index(message), false);
    }

    @Override
    public void found(Transaction message, long[] entry) {
        int reason = InterruptEntry.check(entry, message.sid);
        if (reason != FaultReason.NONE) {
            block(message, reason, index(message), InterruptEntry.suppresses(entry));
            return;
        }
        remapped.increment();
        leave(message, InterruptEntry.address(entry, registers.extendedInterruptMode()), InterruptEntry.data(entry));
    }

    private static int index(Transaction message) {
        return Irte.index(message.iova, data(message.request()));
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
    void invalidate(Entries which) {
        entries.invalidate(which::contains);
    }

    /** True if a transaction uses, or is reading, one of these entries. */
    boolean uses(Transaction transaction, Entries which) {
        return entries.uses(transaction, which::contains);
    }

    /** A message has left, or is over. */
    void end(Transaction message) {
        entries.end(message);
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

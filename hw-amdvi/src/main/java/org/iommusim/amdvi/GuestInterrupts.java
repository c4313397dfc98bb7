package org.iommusim.amdvi;

import org.iommusim.amdvi.format.GuestEntry;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.GuestIrte;
import org.iommusim.amdvi.spec.Irte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;

/**
 * Interrupts of guests (AMD IOMMU specification, guest virtual APIC; Linux driver and KVM): a message whose entry is in guest mode
 * does not leave. It becomes a bit in the interrupt request register (IRR) of a virtual APIC, a page of memory that the guest's
 * processor looks at. If the guest runs (IsRun), the processor that is the entry's destination is told by a doorbell; if not, and
 * the entry asks for it (GALogIntr), the {@link GaLog} tells software. With GAPPIEn the destination is interrupted in place of the
 * log, with bits 7:0 of GATag for a vector, unless the entry forbids that (GAPPIDis).
 *
 * <p>The bit is set in one step, whatever processors do to the page at the same time, and not before older writes of the function
 * are carried out. After that the entry is read once more: IsRun, GALogIntr, GAPPIDis, Destination and GATag are never cached,
 * and software changes them without an invalidation, at any moment. Because they are read behind the bit, no interrupt is missed:
 * a hypervisor that clears IsRun and then looks for pending interrupts finds the bit, or hardware finds IsRun 0. What else the
 * entry says is that of its first look, from the cache or from memory, and needs INVALIDATE_INTERRUPT_TABLE.
 *
 * <p>Choices where sources are silent: a bit that is set already is told again; with GAPPIEn GALogIntr is not looked at; a page or
 * an entry that cannot be reached is a PAGE_TAB_HARDWARE_ERROR with I and its address, and the message fails, even if its bit is
 * set by then.
 */
final class GuestInterrupts implements EventHandler {
    private static final int OP_PENDING = 0;
    private static final int OP_ENTRY = 1;

    private final AmdViDevice device;
    private final GaLog log;
    private final Scheduler scheduler;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final Counter posted;
    private final Counter doorbells;
    private final Counter wakeUps;

    GuestInterrupts(
            AmdViDevice device,
            GaLog log,
            Scheduler scheduler,
            RequestPort port,
            PhysicalMemory memory,
            Statistics statistics) {
        this.device = device;
        this.log = log;
        this.scheduler = scheduler;
        this.port = port;
        this.memory = memory;
        posted = statistics.counter("posted", "messages", "interrupt messages that were posted for guests");
        doorbells = statistics.counter("doorbells", "messages", "of these, those for guests that run: a doorbell");
        wakeUps = statistics.counter(
                "wake_ups", "messages", "of these, those for guests that do not run: an interrupt (GAPPI)");
    }

    /** A message's entry is in guest mode: it is to be posted when nothing is before it. */
    void found(Flight message, long[] entry, long entryAddress) {
        message.outcome = DmaOutcome.POSTED;
        message.irrAddress = GuestIrte.irrAddress(entry);
        message.irrBit = GuestIrte.irrBit(entry);
        message.entryAddress = entryAddress;
        device.requests().messageDecided(message);
    }

    /** Nothing is before a message any more. */
    void post(Flight message) {
        message.request().enter(Station.PORT, scheduler.now());
        port.write(message.lane, message.irrAddress, Integer.BYTES, this, OP_PENDING, message.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight message = device.flight((int) arg);
        if (op == OP_PENDING) {
            pending(message);
        } else {
            tell(message);
        }
    }

    /** Others set and clear bits of these 32 too; all of it is one access. */
    private void pending(Flight message) {
        if (!port.reaches(memory, message.irrAddress, true)) {
            unreachable(message, message.irrAddress);
            return;
        }
        long bits = memory.read(message.irrAddress, Integer.BYTES);
        memory.write(message.irrAddress, Integer.BYTES, bits | message.irrBit);
        posted.increment();
        message.request().enter(Station.CONFIG_FETCH, scheduler.now());
        port.readTable(message.lane, message.entryAddress, Irte.GA_BYTES, this, OP_ENTRY, message.id);
    }

    private void tell(Flight message) {
        if (!port.reaches(memory, message.entryAddress, false)) {
            unreachable(message, message.entryAddress);
            return;
        }
        long w0 = memory.read64(message.entryAddress);
        long w1 = memory.read64(message.entryAddress + Long.BYTES);
        long control = device.registers().control();
        message.output = -1;
        if (GuestEntry.runs(w0)) {
            doorbells.increment();
            message.output = GuestEntry.processor(w0, w1, Control.XT_EN.isSet(control));
        } else if (Control.GAPPI_EN.isSet(control)) {
            wakeUp(message, w0, w1, Control.XT_EN.isSet(control));
        } else if (GuestEntry.logs(w0)) {
            log.record(message.sid, GuestIrte.GA_TAG.getInt(w0));
        }
        device.requests().posted(message);
    }

    /** Something does leave then, but not for the guest. */
    private void wakeUp(Flight message, long w0, long w1, boolean xt) {
        if (GuestEntry.interrupts(w0)) {
            wakeUps.increment();
            message.outcome = DmaOutcome.INTERRUPT;
            message.output = GuestEntry.address(w0, w1, xt);
            message.messageData = GuestEntry.data(w0);
        }
    }

    private void unreachable(Flight message, long address) {
        device.interrupts().unreachable(message, address);
        device.requests().posted(message);
    }
}

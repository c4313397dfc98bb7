package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.LongCell;

/**
 * {@code amd_iommu_int_thread_evtlog}: acknowledges, reads the records and makes each one that is not there yet; a log that has
 * overflowed is switched off and on again. Then it looks once more: a condition that comes up while it is being acknowledged may
 * send no interrupt (erratum 1312).
 */
final class EventThread extends Frame {
    private static final Footprint LOG =
            Footprint.of(Touches.LOGS, AmdViVariables.REGISTER, PhysicalMemory.WORD, Touches.UNIT);
    static final Program<EventThread> PROGRAM = program();

    private static final long CONDITIONS = Status.EVT_LOG_INT | Status.EVT_OVERFLOW;

    private final AmdIommu iommu;
    private final LongCell status = num();
    private final LongCell head = num();
    private final LongCell tail = num();

    private EventThread(AmdIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    static Call<?> call(AmdIommu iommu) {
        return new Call<>(PROGRAM, new EventThread(iommu));
    }

    private static Program<EventThread> program() {
        Program.Builder<EventThread> p = Program.named("amd_iommu_int_thread_evtlog");
        p.step("interrupt", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                .step("read Status", HostCost.MMIO_READ, LOG, f -> f.status.set(f.iommu.read64(Reg.STATUS)))
                .loop("EvtLogInt or EvtOverflow", f -> (f.status.get() & CONDITIONS) != 0, EventThread::serve);
        return p.build();
    }

    /** Acknowledges before the indices are read: a record behind that makes a new interrupt. */
    private static void serve(Program.Builder<EventThread> p) {
        p.step("clear Status", HostCost.MMIO_WRITE, LOG, f -> f.iommu.write64(Reg.STATUS, CONDITIONS))
                .step("read EvtHead", HostCost.MMIO_READ, LOG, f -> f.head.set(f.iommu.read64(Reg.EVT_HEAD)))
                .step("read EvtTail", HostCost.MMIO_READ, LOG, f -> f.tail.set(f.iommu.read64(Reg.EVT_TAIL)))
                .loop("records left", f -> f.head.get() != f.tail.get(), EventThread::one)
                .when("EvtOverflow", f -> (f.status.get() & Status.EVT_OVERFLOW) != 0, EventThread::restart)
                .step("read Status again", HostCost.MMIO_READ, LOG, f -> f.status.set(f.iommu.read64(Reg.STATUS)));
    }

    /** The record may come behind its interrupt. */
    private static void one(Program.Builder<EventThread> p) {
        p.await(
                        "poll the record's type",
                        LOG,
                        f -> f.iommu.device().changed(),
                        WaitQueue.Sleep.UNINTERRUPTIBLE,
                        f -> Event.code(f.iommu.events().word(f.head.get(), 0)) != 0,
                        f -> AmdIommu.LOOP_TIMEOUT_PS,
                        f -> 0)
                .step("iommu_print_event", HostCost.LOCAL, LOG, EventThread::report)
                .step("write EvtHead", HostCost.MMIO_WRITE, LOG, EventThread::advance);
    }

    /** {@code amd_iommu_restart_log}. */
    private static void restart(Program.Builder<EventThread> p) {
        p.step("EventLogEn=0", HostCost.MMIO_WRITE, LOG, f -> f.enable(false))
                .step(
                        "clear EvtOverflow",
                        HostCost.MMIO_WRITE,
                        LOG,
                        f -> f.iommu.write64(Reg.STATUS, Status.EVT_OVERFLOW))
                .step("EventLogEn=1", HostCost.MMIO_WRITE, LOG, f -> f.enable(true));
    }

    private void enable(boolean on) {
        iommu.write64(Reg.CONTROL, Control.EVENT_LOG_EN.with(iommu.read64(Reg.CONTROL), on ? 1 : 0));
        if (!on) {
            iommu.message("IOMMU Event log restarting");
        }
    }

    private void report() {
        long w0 = iommu.events().word(head.get(), 0);
        long w1 = iommu.events().word(head.get(), 1);
        iommu.event(new long[] {w0, w1}, Event.text(w0, w1));
        iommu.events().clear(head.get());
    }

    private void advance() {
        head.set(LogRing.next(head.get()));
        iommu.write64(Reg.EVT_HEAD, head.get());
    }
}

package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.control.RecordWriter;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;

/**
 * The event log: writes records, one at a time and in order.
 *
 * <p>Rules (event logging; status register): records are written while EventLogRun is 1, and dropped otherwise. It is set when
 * EventLogEn, with IommuEn, becomes 1 and EventOverflow is 0. A record that finds no room (one entry stays unused) is lost,
 * sets EventOverflow and stops the log; software clears the bit, and switches EventLogEn off and on. Every record that is
 * written sets EventLogInt, if EventIntEn is 1. One that the bus does not carry out is lost, and nothing says so.
 *
 * <p>With {@code log_runs_when_full} EventLogRun does not tell of an overflow, and clearing EventOverflow is enough. With {@code
 * late_records} tail and interrupt come when a record is on its way: software finds the old entry in its place,
 * for a while.
 */
final class EventLog implements EventSink, RecordWriter.Log {
    private final Simulation sim;
    private final TraceSink trace;
    private final UnitStatus status;
    private final Ring ring;
    private final RecordWriter writer;
    private final Lane lane;
    private final boolean late;
    private final boolean runsWhenFull;
    private final Counter recorded;
    private final Counter lost;
    private final Counter ignored;

    EventLog(
            Simulation sim,
            String name,
            AmdViParameters p,
            RegisterFile registers,
            UnitStatus status,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.status = status;
        trace = sim.trace();
        late = p.flag("late_records");
        runsWhenFull = p.flag("log_runs_when_full");
        ring = new Ring(registers, Reg.EVT_LOG_BASE, Reg.EVT_HEAD, Reg.EVT_TAIL, Event.BYTES);
        lane = sim.scheduler().newLane(name + " evtlog", Phase.HARDWARE);
        writer = new RecordWriter(this, lane, port, memory, Event.WORDS);
        Statistics statistics = sim.statistics().under(name + ".evtlog");
        recorded = statistics.counter("recorded", "events", "event records written to the log");
        lost = statistics.counter("lost", "events", "event records lost: no room, or they could not be written");
        ignored = statistics.counter("dropped", "events", "event records dropped because the log did not run");
    }

    /** True if a control register asks for the log. */
    static boolean enabled(long control) {
        return Control.IOMMU_EN.isSet(control) && Control.EVENT_LOG_EN.isSet(control);
    }

    @Override
    public void record(long w0, long w1) {
        if (trace.detailed()) {
            trace.instant(lane.name(), sim.now(), "event", Event.text(w0, w1));
        }
        writer.add(w0, w1, 0, 0);
    }

    @Override
    public boolean usable() {
        return status.is(Status.EVT_LOG_RUN) && !status.is(Status.EVT_OVERFLOW);
    }

    @Override
    public boolean full() {
        return ring.full();
    }

    @Override
    public long address() {
        return ring.tailAddress();
    }

    @Override
    public void issued() {
        if (late) {
            tell();
        }
    }

    @Override
    public void written() {
        recorded.increment();
        if (!late) {
            tell();
        }
    }

    private void tell() {
        ring.produced();
        status.raise(Status.EVT_LOG_INT);
    }

    @Override
    public void dropped(long w0, long w1) {
        ignored.increment();
    }

    @Override
    public void overflow(long w0, long w1) {
        lost.increment();
        if (!runsWhenFull) {
            status.run(Status.EVT_LOG_RUN, false);
        }
        status.raise(Status.EVT_OVERFLOW);
    }

    @Override
    public void unwritable() {
        lost.increment();
    }
}

package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.GaRecord;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.control.RecordWriter;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;

/**
 * The guest virtual APIC log: tells software of interrupts that were posted for guests which do not run.
 *
 * <p>Rules (guest virtual APIC logging; status register): records of 8 bytes are written while GALogRun is 1, one at a time and in
 * order, and dropped otherwise. It is set when GALogEn, with IommuEn, becomes 1 and GALOverflow is 0. A record that finds no room
 * (one entry stays unused) is lost, sets GALOverflow and stops the log; software clears the bit, and switches GALogEn off and on.
 * Every record that is written sets GALogInt. One that the bus does not carry out is lost.
 *
 * <p>Choices where sources are silent: when records are in memory, and the tail register has moved, the tail is stored at the
 * GALogTail address too, all 64 bits, and only then is GALogInt set; one store tells of all records that are there by then.
 * While that register is 0, as at reset, nothing is stored. A store that the bus does not carry out is lost.
 */
final class GaLog implements RecordWriter.Log, EventHandler {
    private final Simulation sim;
    private final TraceSink trace;
    private final RegisterFile registers;
    private final UnitStatus status;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final Ring ring;
    private final RecordWriter writer;
    private final Lane lane;
    private final Lane tailLane;
    private final Counter recorded;
    private final Counter lost;
    private final Counter ignored;
    /** The tail is on its way to memory. */
    private boolean storesTail;

    GaLog(
            Simulation sim,
            String name,
            RegisterFile registers,
            UnitStatus status,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.registers = registers;
        this.status = status;
        this.port = port;
        this.memory = memory;
        trace = sim.trace();
        ring = new Ring(registers, Reg.GA_LOG_BASE, Reg.GA_HEAD, Reg.GA_TAIL, GaRecord.BYTES);
        lane = sim.scheduler().newLane(name + " galog", Phase.HARDWARE);
        tailLane = sim.scheduler().newLane(name + " galog tail", Phase.HARDWARE);
        writer = new RecordWriter(this, lane, port, memory, GaRecord.WORDS);
        Statistics statistics = sim.statistics().under(name + ".galog");
        recorded = statistics.counter("recorded", "interrupts", "interrupts for guests written to the log");
        lost = statistics.counter("lost", "interrupts", "records lost: no room, or they could not be written");
        ignored = statistics.counter("dropped", "interrupts", "records dropped because the log did not run");
    }

    /** True if a control register asks for the log. */
    static boolean enabled(long control) {
        return Control.IOMMU_EN.isSet(control) && Control.GA_LOG_EN.isSet(control);
    }

    /** An interrupt of a function is pending for a guest that does not run. */
    void record(int deviceId, int tag) {
        long word = GaRecord.word(deviceId, tag);
        if (trace.detailed()) {
            trace.instant(lane.name(), sim.now(), "guest not running", GaRecord.text(word));
        }
        writer.add(word, 0, 0, 0);
    }

    @Override
    public boolean usable() {
        return status.is(Status.GA_LOG_RUN);
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
    public void written() {
        recorded.increment();
        ring.produced();
        long address = registers.get(Reg.GA_LOG_TAIL_ADDRESS);
        if (address == 0) {
            status.raise(Status.GA_LOG_INT);
        } else if (!storesTail) {
            storesTail = true;
            port.write(tailLane, address, Long.BYTES, this, 0, address);
        }
    }

    @Override
    public void onEvent(int op, long address) {
        storesTail = false;
        if (port.reaches(memory, address, true)) {
            memory.write64(address, registers.get(Reg.GA_TAIL));
        }
        status.raise(Status.GA_LOG_INT);
    }

    @Override
    public void dropped(long w0, long w1) {
        ignored.increment();
    }

    @Override
    public void overflow(long w0, long w1) {
        lost.increment();
        status.run(Status.GA_LOG_RUN, false);
        status.raise(Status.GA_LOG_OVERFLOW);
    }

    @Override
    public void unwritable() {
        lost.increment();
    }
}

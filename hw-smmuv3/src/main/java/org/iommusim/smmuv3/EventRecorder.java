package org.iommusim.smmuv3;

import org.iommusim.hw.control.RecordWriter;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.jspecify.annotations.Nullable;

/**
 * Writes event records into the event queue, one at a time and in order.
 *
 * <p>Rules (Arm IHI 0070, event queue): with EVENTQEN=0 a record is dropped without a trace. If the queue is full when a
 * record's turn comes, the record is lost, and OVFLG toggles unless an older overflow is still unacknowledged. PROD moves
 * when the record is in memory. If its write is aborted, the record is lost and GERROR.EVENTQ_ABT_ERR becomes active; until
 * software acknowledges that, records are dropped as if the queue were disabled. The interrupt is sent when the queue becomes
 * non-empty. CMD_SYNC waits for the records that are waiting when the transactions before it are through.
 */
final class EventRecorder implements RecordWriter.Log {
    private final RegisterFile registers;
    private final QueueRegisters queue;
    private final Interrupts interrupts;
    private final PhysicalMemory memory;
    private final RecordWriter writer;
    private final TraceSink trace;
    private final Simulation sim;
    private final Lane lane;
    private @Nullable StallBuffer stalls;
    private final Counter recorded;
    private final Counter lost;
    private final Counter ignored;
    private final Counter merged;
    private final boolean merges;

    private Runnable settled = () -> {};

    EventRecorder(
            Simulation sim,
            String name,
            boolean merges,
            RegisterFile registers,
            Interrupts interrupts,
            RequestPort port,
            PhysicalMemory memory) {
        this.sim = sim;
        this.merges = merges;
        this.registers = registers;
        queue = registers.eventQueue();
        this.interrupts = interrupts;
        this.memory = memory;
        trace = sim.trace();
        lane = sim.scheduler().newLane(name + " eventq", Phase.HARDWARE);
        writer = new RecordWriter(this, lane, port, memory, Event.WORDS);
        Statistics statistics = sim.statistics().under(name + ".eventq");
        recorded = statistics.counter("recorded", "events", "event records written to the queue");
        lost = statistics.counter(
                "lost", "events", "event records lost because the queue was full or could not be written");
        merged = statistics.counter("merged", "events", "event records merged with one that was waiting");
        ignored = statistics.counter("dropped", "events", "event records dropped because the queue was disabled");
    }

    Lane lane() {
        return lane;
    }

    /**
     * Records an event of a stream whose STE allows to merge its records (MEV). If the model is asked to merge, it drops a
     * record if one that waits to be written, or the last one that software has not taken, differs in nothing but the lowest
     * 12 bits of the address. Stalled transactions keep records of their own.
     */
    void recordMergeable(long w0, long w1, long w2, long w3) {
        if (merges && !Event.STALL.isSet(w1) && (waits(w0, w1, w2, w3) || isLast(w0, w1, w2, w3))) {
            merged.increment();
        } else {
            record(w0, w1, w2, w3);
        }
    }

    private boolean waits(long w0, long w1, long w2, long w3) {
        for (int i = 0; i < writer.waiting(); i++) {
            if (writer.word(i, 0) == w0
                    && writer.word(i, 1) == w1
                    && writer.word(i, 2) >>> 12 == w2 >>> 12
                    && writer.word(i, 3) == w3) {
                return true;
            }
        }
        return false;
    }

    private boolean isLast(long w0, long w1, long w2, long w3) {
        long at = queue.lastAddress();
        return !queue.empty()
                && memory.present(at)
                && memory.read64(at) == w0
                && memory.read64(at + 8) == w1
                && memory.read64(at + 16) >>> 12 == w2 >>> 12
                && memory.read64(at + 24) == w3;
    }

    /** Records an event; the write happens later. */
    void record(long w0, long w1, long w2, long w3) {
        if (trace.detailed()) {
            trace.instant(lane.name(), sim.now(), "event", Event.text(w0, w1, w2, w3));
        }
        writer.add(w0, w1, w2, w3);
    }

    /** Records of stalled transactions are kept by those: they try again when the queue can be written. */
    private boolean kept(long w0, long w1) {
        StallBuffer keeper = stalls;
        if (keeper == null || !Event.isStalled(w0, w1)) {
            return false;
        }
        keeper.unrecorded(w0, w1);
        return true;
    }

    @Override
    public void dropped(long w0, long w1) {
        if (!kept(w0, w1)) {
            ignored.increment();
        }
    }

    /** Who keeps stalled transactions. */
    void connect(StallBuffer buffer) {
        stalls = buffer;
    }

    /** Who is told whenever a record is written, lost or dropped. */
    void whenSettled(Runnable client) {
        settled = client;
    }

    /** How many records have been accepted for writing. */
    long accepted() {
        return writer.accepted();
    }

    /** True if so many of the records accepted first are written, lost or dropped. */
    boolean settled(long number) {
        return writer.settled(number);
    }

    @Override
    public boolean usable() {
        return registers.eventsEnabled() && !registers.errorActive(Reg.GERROR_EVENTQ_ABT_ERR);
    }

    @Override
    public boolean full() {
        return queue.full();
    }

    @Override
    public long address() {
        return queue.producerAddress();
    }

    @Override
    public void overflow(long w0, long w1) {
        if (!kept(w0, w1)) {
            lost.increment();
            queue.overflow();
        }
    }

    @Override
    public void written() {
        recorded.increment();
        boolean empty = queue.empty();
        queue.produced();
        if (empty) {
            interrupts.eventQueue();
        }
    }

    @Override
    public void unwritable() {
        lost.increment();
        registers.raise(Reg.GERROR_EVENTQ_ABT_ERR);
    }

    @Override
    public void settled() {
        settled.run();
    }

    @Override
    public String toString() {
        return lane + " " + writer.waiting() + " [" + queue.producer() + ", " + queue.consumer() + "]";
    }
}

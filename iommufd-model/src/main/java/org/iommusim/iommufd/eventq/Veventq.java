package org.iommusim.iommufd.eventq;

import java.util.List;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * A queue of one type of a vIOMMU's events ({@code struct iommufd_veventq}, eventq.c). Every report takes a sequence number.
 * If {@code depth} events wait already the event is dropped, and a marker with the number of the last lost one ends the
 * list until an event follows that is stored.
 */
public final class Veventq extends EventQueue {
    /** The variable of all sequence numbers and counts of events. */
    public static final Variable EVENTS = Variable.named("iommufd.veventq.events");

    /** The veventqs_rwsem is held as a writer: no event arrives. */
    private static final Program<Self> ABORT = Program.<Self>named("iommufd_veventq_abort")
            .step("list_del all of deliver", Footprint.of(DELIVER, EVENTS), f -> f.veventq.dropAll())
            // The semaphore that is held is part of the vIOMMU: from here on IOMMU_DESTROY of it may succeed.
            .step("viommu users--", ObjectPrograms.USERS, f -> f.veventq.viommu.usersDec("iommufd_veventq_abort"))
            .step(
                    "list_del node",
                    Footprint.of(VeventqList.VEVENTQS, IommufdObject.LIFE),
                    f -> f.veventq.siblings.remove(f.veventq))
            .build();

    static final Program<Self> DESTROY = Program.<Self>named("iommufd_veventq_destroy")
            .lock("veventqs_rwsem", f -> f.veventq.siblings.rwsem())
            .invoke("iommufd_veventq_abort", f -> f.veventq.abort())
            .build();

    private final IommufdObject viommu;
    private final VeventqList siblings;
    private final int eventType;
    private final int depth;
    private final CellList<Vevent> deliver;
    private final IntCell numEvents;
    private final IntCell sequence;

    /**
     * Memory for a queue without a file.
     *
     * @param viommu whose events
     * @param siblings the queues of the vIOMMU
     * @param eventType {@code IOMMU_VEVENTQ_TYPE_*}
     * @param depth how many events may wait
     */
    public Veventq(IommufdObject viommu, VeventqList siblings, int eventType, int depth) {
        super(viommu.ctx(), ObjectType.VEVENTQ);
        this.viommu = viommu;
        this.siblings = siblings;
        this.eventType = eventType;
        this.depth = depth;
        var world = ctx().kernel().world();
        deliver = new CellList<>(world, DELIVER);
        numEvents = new IntCell(world, EVENTS, stableId(), 0);
        sequence = new IntCell(world, EVENTS, stableId() + (1L << 40), 0);
    }

    /** Its vIOMMU. */
    public IommufdObject viommu() {
        return viommu;
    }

    /** {@code veventq->type}. */
    public int eventType() {
        return eventType;
    }

    // ---- the list: each method under eventq->lock -------------------------------------------------------------------

    @Override
    public boolean readable() {
        return !deliver.isEmpty();
    }

    /**
     * The critical section of {@code iommufd_viommu_report_event}.
     *
     * @param lose true if there is no memory for the event
     */
    void report(byte[] data, boolean lose) {
        touch("iommufd_viommu_report_event");
        boolean lost = lose || numEvents.get() == depth;
        List<Vevent> waiting = deliver.items();
        if (!waiting.isEmpty() && waiting.get(waiting.size() - 1).lost()) {
            deliver.remove(waiting.get(waiting.size() - 1));
        }
        if (!lost) {
            numEvents.add(1);
        }
        byte[] kept = lost ? new byte[0] : data.clone();
        deliver.add(
                new Vevent(lost, sequence.get(), kept, ctx().kernel().world().nextInstance()));
        sequence.set(sequence.get() + 1 & Integer.MAX_VALUE);
    }

    /** {@code iommufd_veventq_deliver_fetch}: takes the first; {@code null} if there is none. */
    @Nullable
    Vevent fetch() {
        List<Vevent> waiting = deliver.items();
        if (waiting.isEmpty()) {
            return null;
        }
        deliver.remove(waiting.get(0));
        return waiting.get(0);
    }

    /** {@code iommufd_veventq_deliver_restore}: puts it back; a marker only if nothing came meanwhile. */
    void restore(Vevent event) {
        if (!event.lost() || deliver.isEmpty()) {
            deliver.add(0, event);
        }
    }

    /** One event was read: there is room for another one. */
    void consumed(Vevent event) {
        if (!event.lost()) {
            numEvents.add(-1);
        }
    }

    private void dropAll() {
        deliver.items().forEach(deliver::remove);
    }

    // ---- file_operations --------------------------------------------------------------------------------------------

    @Override
    String fileName() {
        return "[iommufd-viommu-event]";
    }

    @Override
    Call<?> read(Caller caller, long address, long length, LongCell result) {
        return VeventqRead.call(this, caller.process(), address, length, result);
    }

    // ---- object operations ------------------------------------------------------------------------------------------

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public Call<?> abort() {
        return new Call<>(ABORT, new Self(this));
    }

    @Override
    protected List<Lock> locks() {
        return List.of(lock());
    }

    @Override
    public String detail() {
        return "viommu " + viommu.id() + ", type 0x" + Integer.toHexString(eventType) + ", depth " + depth;
    }

    @Override
    public void holds(ReferenceSink sink) {
        super.holds(sink);
        sink.users(viommu, 1, this + " is on it");
    }

    /** Frame of the queue's own programs. */
    static final class Self extends Frame {
        private final Veventq veventq;

        Self(Veventq veventq) {
            super(veventq.ctx().kernel().world());
            this.veventq = veventq;
        }

        /** The vIOMMU that the queue is on. */
        IommufdObject viommu() {
            return veventq.viommu;
        }
    }
}

package org.iommusim.hw.walk;

import java.util.Arrays;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.FreeNumbers;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.sim.world.Pooled;
import org.jspecify.annotations.Nullable;

/**
 * An IOMMU's one port towards memory: every table read, configuration read, command read, event write and translated
 * request leaves through it, one beat per cycle. Contenders are served first come, first served.
 *
 * <p>A caller may have one thing under way per lane.
 */
public final class RequestPort implements EventHandler {
    private static final int OP_GRANTED = 0;
    private static final int OP_SENT = 1;

    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final MemoryPort memory;
    private final Slots beat;
    private final int widthBytes;
    private @Nullable BusFaults faults;
    private Runnable sent = () -> {};
    private boolean snoopsTables = true;

    // Requests at the port, by number; a request leaves its place when its last beat is over.
    private Pending[] pending = new Pending[0];
    private final FreeNumbers free = new FreeNumbers();

    /**
     * Makes an idle port.
     *
     * @param widthBytes how many bytes of a write go with one beat
     * @param memory where accesses go after their beats
     */
    public RequestPort(
            Scheduler scheduler, String name, ClockDomain clock, int widthBytes, WakeRule rule, MemoryPort memory) {
        this.scheduler = scheduler;
        edges = new ClockEdges(clock);
        this.widthBytes = widthBytes;
        this.memory = memory;
        beat = new Slots(scheduler, name, 1, rule);
    }

    /** Lets somebody know whenever an access of the port's own has left for memory; called once, by the owner. */
    public void whenSent(Runnable listener) {
        sent = listener;
    }

    /** From now on reads of tables do not look into the last-level cache; called once, by the owner. */
    public void tablesPastCache() {
        snoopsTables = false;
    }

    /** How many beats a request takes: one for a read's address, the data's length for a write. */
    public int beats(int bytes, boolean write) {
        return write ? Math.max(1, (bytes + widthBytes - 1) / widthBytes) : 1;
    }

    /** Starts a read; {@code client} is told at the moment at which the memory is to be looked at. */
    public void read(Lane lane, long address, int bytes, EventHandler client, int op, long arg) {
        start(lane, 1, address, bytes, true, client, op, arg);
    }

    /** The same for an entry of a table. */
    public void readTable(Lane lane, long address, int bytes, EventHandler client, int op, long arg) {
        start(lane, 1, address, bytes, snoopsTables, client, op, arg);
    }

    /** Starts a write; {@code client} is told at the moment at which the memory is to be changed. */
    public void write(Lane lane, long address, int bytes, EventHandler client, int op, long arg) {
        start(lane, beats(bytes, true), address, bytes, true, client, op, arg);
    }

    /** Only passes the port, for a request whose access to memory is somebody else's business. */
    public void pass(Lane lane, int beats, EventHandler client, int op, long arg) {
        start(lane, beats, 0, 0, true, client, op, arg);
    }

    /** From now on these rules abort accesses; ports of one device share them. */
    public void faults(BusFaults rules) {
        faults = rules;
    }

    /**
     * True if the bus carries out an access: there is memory, and no rule aborts it. To be asked once for each access, at
     * the moment at which the port says that the memory is to be looked at or changed.
     */
    public boolean reaches(PhysicalMemory target, long address, boolean write) {
        return (faults == null || !faults.hits(address, write)) && target.present(address);
    }

    /** How often somebody had to wait for the port so far. */
    public long waits() {
        return beat.waits();
    }

    private void start(
            Lane lane, int beats, long address, int bytes, boolean snooped, EventHandler client, int op, long arg) {
        Pending p = take();
        p.lane = lane;
        p.beats = beats;
        p.address = address;
        p.bytes = bytes;
        p.snooped = snooped;
        p.client = client;
        p.op = op;
        p.arg = arg;
        if (beat.take(lane, this, OP_GRANTED, p.id)) {
            send(p);
        }
    }

    private void send(Pending p) {
        scheduler.at(p.lane, edges.after(scheduler.now(), p.beats), this, OP_SENT, p.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Pending p = pending[(int) arg];
        if (op == OP_GRANTED) {
            send(p);
            return;
        }
        p.inUse = false;
        free.release(p.id);
        beat.release();
        if (p.bytes == 0) {
            p.client.onEvent(p.op, p.arg);
        } else {
            access(p);
            sent.run();
        }
    }

    private void access(Pending p) {
        if (p.snooped) {
            memory.access(p.address, p.bytes, p.client, p.op, p.arg);
        } else {
            memory.accessPastCache(p.address, p.bytes, p.client, p.op, p.arg);
        }
    }

    private Pending take() {
        if (free.isEmpty()) {
            int old = pending.length;
            pending = Arrays.copyOf(pending, Math.max(16, 2 * old));
            for (int id = pending.length - 1; id >= old; id--) {
                pending[id] = new Pending(id, this);
            }
            free.grow(old, pending.length);
        }
        Pending p = pending[free.take()];
        p.inUse = true;
        return p;
    }

    /** One request at the port; reused. */
    private static final class Pending implements Pooled {
        final int id;
        Lane lane;
        EventHandler client;
        long address;
        int bytes;
        boolean snooped;
        int beats;
        int op;
        long arg;
        boolean inUse;

        @SuppressWarnings("NullAway") // the lane is set before use
        Pending(int id, EventHandler idle) {
            this.id = id;
            client = idle;
        }

        @Override
        public boolean inUse() {
            return inUse;
        }
    }
}

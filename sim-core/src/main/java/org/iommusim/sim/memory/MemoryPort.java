package org.iommusim.sim.memory;

import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.FreeNumbers;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.world.Pooled;
import org.iommusim.sim.world.Timing;

/**
 * The timed way to memory. An access waits for one of the outstanding slots, then for the channel, then takes the
 * latency of the last-level cache or of memory; then the client's event runs, and the client reads or writes {@link
 * PhysicalMemory} in that event: that is the point of time at which the access happens.
 *
 * <p>Replies may overtake each other (a hit behind a miss), so every outstanding access has a lane of its own; unless
 * the memory answers {@link MemoryTiming#inOrder}: then there is one queue of answers and one event, that of its head. In
 * steady state nothing is allocated.
 */
public final class MemoryPort implements EventHandler {
    private static final int OP_GRANTED = 0;
    private static final int OP_REPLY = 1;
    private static final int OP_NEXT_ANSWER = 2;
    private static final int NOBODY = -1;

    private final Scheduler scheduler;
    private final String name;
    private final MemoryTiming timing;
    private final Slots slots;
    private final Lane entry;
    private final LineCache cache;
    private final boolean cached;

    @Timing
    private long channelFreeAt;

    @Timing
    private long accesses;

    @Timing
    private long cacheHits;

    // In-flight accesses; index = id.
    private Access[] inFlight = new Access[0];
    private final FreeNumbers free = new FreeNumbers();

    // Answers in order: a queue of accesses, linked through next.
    private final Lane answers;
    private int firstAnswer = NOBODY;
    private int lastAnswer = NOBODY;

    /** Makes an idle port. */
    public MemoryPort(Scheduler scheduler, String name, MemoryTiming timing) {
        this.scheduler = scheduler;
        this.name = name;
        this.timing = timing;
        slots = new Slots(scheduler, name + " outstanding", timing.outstanding(), WakeRule.HAND_OVER);
        entry = scheduler.newLane(name, Phase.HARDWARE);
        answers = scheduler.newLane(name + " answers", Phase.HARDWARE);
        cached = timing.cacheBytes() != 0;
        cache = cached
                ? new LineCache(timing.cacheBytes(), timing.cacheWays(), MemoryTiming.LINE_BYTES)
                : new LineCache(MemoryTiming.LINE_BYTES, 1, MemoryTiming.LINE_BYTES);
    }

    /** How this port takes time. */
    public MemoryTiming timing() {
        return timing;
    }

    /** Accesses so far. */
    public long accesses() {
        return accesses;
    }

    /** Lines found in the last-level cache so far. */
    public long cacheHits() {
        return cacheHits;
    }

    /** How often an access waited for an outstanding slot. */
    public long waits() {
        return slots.waits();
    }

    /**
     * Starts an access.
     *
     * @param address first byte
     * @param bytes how many, at least 1
     * @param client told by {@code onEvent(op, arg)} when the access happens
     */
    public void access(long address, int bytes, EventHandler client, int op, long arg) {
        access(address, bytes, true, client, op, arg);
    }

    /**
     * Starts an access that does not look into the last-level cache: one that is not snooped. It takes the way and the time
     * of a miss, and brings nothing in.
     */
    public void accessPastCache(long address, int bytes, EventHandler client, int op, long arg) {
        access(address, bytes, false, client, op, arg);
    }

    private void access(long address, int bytes, boolean snooped, EventHandler client, int op, long arg) {
        Access access = takeAccess();
        access.snooped = snooped;
        access.address = address;
        access.bytes = bytes;
        access.client = client;
        access.op = op;
        access.arg = arg;
        if (slots.take(entry, this, OP_GRANTED, access.id)) {
            transfer(access);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        Access access = inFlight[(int) arg];
        switch (op) {
            case OP_GRANTED -> transfer(access);
            case OP_REPLY -> reply(access);
            case OP_NEXT_ANSWER -> answerFirst();
            default -> throw new IllegalArgumentException("memory port op " + op);
        }
    }

    /** The head stays in the queue until its client has gone on: what the client starts must not make the next event. */
    private void answerFirst() {
        Access access = inFlight[firstAnswer];
        int behind = access.next;
        deliver(access);
        // The client may have queued more behind it.
        firstAnswer = behind == NOBODY ? access.next : behind;
        release(access);
        if (firstAnswer == NOBODY) {
            lastAnswer = NOBODY;
        } else {
            long due = Math.max(scheduler.now(), inFlight[firstAnswer].due);
            scheduler.at(answers, due, this, OP_NEXT_ANSWER, firstAnswer);
        }
    }

    private void reply(Access access) {
        EventHandler client = access.client;
        int clientOp = access.op;
        long clientArg = access.arg;
        release(access);
        client.onEvent(clientOp, clientArg);
    }

    private static void deliver(Access access) {
        access.client.onEvent(access.op, access.arg);
    }

    private void release(Access access) {
        access.inUse = false;
        free.release(access.id);
        slots.release();
    }

    private void answerBehindTheOthers(Access access, long due) {
        access.due = due;
        access.next = NOBODY;
        if (lastAnswer == NOBODY) {
            firstAnswer = access.id;
            scheduler.at(answers, due, this, OP_NEXT_ANSWER, access.id);
        } else {
            inFlight[lastAnswer].next = access.id;
        }
        lastAnswer = access.id;
    }

    private void transfer(Access access) {
        accesses++;
        long first = access.address / MemoryTiming.LINE_BYTES;
        long last = (access.address + access.bytes - 1) / MemoryTiming.LINE_BYTES;
        long start = Math.max(scheduler.now(), channelFreeAt);
        channelFreeAt = start + (last - first + 1) * timing.psPerLine();
        boolean looks = cached && access.snooped;
        boolean hit = looks;
        for (long line = first; looks && line <= last; line++) {
            boolean here = cache.touch(line * MemoryTiming.LINE_BYTES);
            cacheHits += here ? 1 : 0;
            hit &= here;
        }
        long latency = hit ? timing.cacheHitPs() : timing.latencyPs();
        if (timing.inOrder()) {
            answerBehindTheOthers(access, start + latency);
        } else {
            scheduler.at(access.lane, start + latency, this, OP_REPLY, access.id);
        }
    }

    /** Makes room for so many accesses at a time: until there are more, no lane is made when it is needed. */
    public void prepare(int count) {
        while (inFlight.length < count) {
            grow();
        }
    }

    private void grow() {
        int old = inFlight.length;
        inFlight = java.util.Arrays.copyOf(inFlight, Math.max(8, 2 * old));
        for (int id = inFlight.length - 1; id >= old; id--) {
            inFlight[id] = new Access(id, scheduler.newLane(name + " reply " + id, Phase.HARDWARE), this);
        }
        free.grow(old, inFlight.length);
    }

    private Access takeAccess() {
        if (free.isEmpty()) {
            grow();
        }
        Access access = inFlight[free.take()];
        access.inUse = true;
        return access;
    }

    /** One access in flight; reused. */
    private static final class Access implements Pooled {
        final int id;
        final Lane lane;
        EventHandler client;
        long address;
        int bytes;
        boolean snooped;
        int op;
        long arg;

        @Timing
        long due;

        int next;
        boolean inUse;

        Access(int id, Lane lane, EventHandler idle) {
            this.id = id;
            this.lane = lane;
            this.client = idle;
        }

        @Override
        public boolean inUse() {
            return inUse;
        }
    }
}

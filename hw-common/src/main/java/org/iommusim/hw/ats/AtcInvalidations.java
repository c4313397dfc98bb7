package org.iommusim.hw.ats;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * Invalidation requests to functions' translation caches that are under way: each has a tag, and a timer of its own. A tag
 * is free again when as many completions have come as each of them says, or when time is up; a completion that comes after
 * that is unexpected, and one that comes in the same moment is in time.
 */
public final class AtcInvalidations implements EventHandler {
    /** In place of a timeout: a request that nobody answers stays under way for ever. */
    public static final long NEVER = 0;

    /** In place of a tag: nothing was sent. */
    public static final int NO_TAG = -1;

    /** Most requests that a function takes at a time. */
    public static final int MOST_REQUESTS = 32;

    /** Size of a request that means everything: 2^52 pages of 4 KiB. */
    private static final int ALL_SHIFT = 64;

    private static final int PAGE_SHIFT = 12;

    /** Who sends requests, and is told how they end. */
    public interface Client {
        /** A tag is free: its request is complete, or has timed out. */
        void tagFreed(int tag);

        /** A request's time is up; its tag is freed after this. */
        void timedOut(int tag, int requesterId);

        /** A completion came that nobody waited for. */
        default void unexpected(int requesterId) {}
    }

    private final Client client;
    private final Scheduler scheduler;
    private long timeoutPs;
    private final List<AtsEndpoint> endpoints = new ArrayList<>();
    private final boolean[] busy;
    private final boolean[] timed;
    private final int[] targets;
    private final int[] completions;
    private final Lane[] timers;
    private final Counter sent;
    private final Counter timeouts;
    private final Counter unexpected;
    private int outstanding;

    /**
     * Nothing is under way.
     *
     * @param name of the IOMMU
     * @param tags how many requests may be under way, 1 to 32
     * @param timeoutPs until a request has failed, or {@link #NEVER}
     */
    public AtcInvalidations(Client client, Simulation sim, String name, int tags, long timeoutPs) {
        this.client = client;
        this.timeoutPs = timeoutPs;
        scheduler = sim.scheduler();
        busy = new boolean[tags];
        timed = new boolean[tags];
        targets = new int[tags];
        completions = new int[tags];
        timers = new Lane[tags];
        for (int tag = 0; tag < tags; tag++) {
            timers[tag] = scheduler.newLane(name + " atc timer " + tag, Phase.TIMEOUT);
        }
        Statistics statistics = sim.statistics().under(name + ".atc");
        sent = statistics.counter("sent", "requests", "invalidation requests sent to functions");
        timeouts =
                statistics.counter("timeouts", "requests", "invalidation requests that no function answered in time");
        unexpected = statistics.counter("unexpected", "messages", "invalidate completions that nobody waited for");
    }

    /** Makes a function known; called while the machine is put together. */
    public void connect(AtsEndpoint endpoint) {
        endpoints.add(endpoint);
    }

    /** How long requests that are sent from now on may take until they have failed, ps, or {@link #NEVER}. */
    public void timeout(long newTimeoutPs) {
        timeoutPs = newTimeoutPs;
    }

    /** The function of a requester id, or {@code null} if there is none with a translation cache. */
    @Nullable
    public AtsEndpoint endpoint(int requesterId) {
        for (AtsEndpoint endpoint : endpoints) {
            if (endpoint.requesterId() == requesterId) {
                return endpoint;
            }
        }
        return null;
    }

    /**
     * Sends a request.
     *
     * @param limit how many requests of this function may be under way, this one included
     * @param pasid whose entries, or {@link org.iommusim.hw.dma.DmaRequest#NO_PASID}
     * @param log2Pages log2 of its size in 4 KiB pages; the address is aligned to it
     * @return its tag; {@link #NO_TAG} if there is none, or the function can take no more, for now
     */
    public int send(AtsEndpoint endpoint, int limit, int pasid, boolean global, long address, int log2Pages) {
        int tag = take(endpoint.requesterId(), limit);
        if (tag == NO_TAG) {
            return NO_TAG;
        }
        int shift = Math.min(log2Pages + PAGE_SHIFT, ALL_SHIFT);
        long aligned = shift == ALL_SHIFT ? 0 : address & -1L << shift;
        endpoint.invalidate(tag, pasid, global, aligned, shift);
        return tag;
    }

    /**
     * Sends a request to a requester id that no function has: nobody will answer it.
     *
     * @return its tag; {@link #NO_TAG} if there is none for now
     */
    public int sendToNobody(int requesterId, int limit) {
        return take(requesterId, limit);
    }

    private int take(int requesterId, int limit) {
        int tag = freeTag(requesterId, limit);
        if (tag == NO_TAG) {
            return NO_TAG;
        }
        busy[tag] = true;
        timed[tag] = timeoutPs != NEVER;
        targets[tag] = requesterId;
        outstanding++;
        sent.increment();
        if (timed[tag]) {
            scheduler.after(timers[tag], timeoutPs, this, 0, tag);
        }
        return tag;
    }

    private int freeTag(int requesterId, int limit) {
        int free = NO_TAG;
        int depth = 0;
        for (int tag = busy.length - 1; tag >= 0; tag--) {
            if (!busy[tag]) {
                free = tag;
            } else if (targets[tag] == requesterId) {
                depth++;
            }
        }
        return depth < limit ? free : NO_TAG;
    }

    /**
     * Completions of a function have arrived.
     *
     * @param tags a bit for each tag
     * @param count how many completions there are for each of these requests, 1 to 8 (0 stands for 8)
     */
    public void completed(int requesterId, int tags, int count) {
        for (int rest = tags; rest != 0; rest &= rest - 1) {
            int tag = Integer.numberOfTrailingZeros(rest);
            if (tag >= busy.length || !busy[tag] || targets[tag] != requesterId) {
                unexpected.increment();
                client.unexpected(requesterId);
            } else if (++completions[tag] == (count == 0 ? 8 : count)) {
                if (timed[tag]) {
                    scheduler.cancel(timers[tag]);
                }
                release(tag);
            }
        }
    }

    /** A request's time is up. */
    @Override
    public void onEvent(int op, long tag) {
        timeouts.increment();
        client.timedOut((int) tag, targets[(int) tag]);
        release((int) tag);
    }

    private void release(int tag) {
        busy[tag] = false;
        timed[tag] = false;
        targets[tag] = 0;
        completions[tag] = 0;
        outstanding--;
        client.tagFreed(tag);
    }

    /** True while a request is neither complete nor out of time. */
    public boolean underWay() {
        return outstanding > 0;
    }

    /** A bit for each tag whose request is neither complete nor out of time. */
    public int tagsUnderWay() {
        int tags = 0;
        for (int tag = 0; tag < busy.length; tag++) {
            tags |= busy[tag] ? 1 << tag : 0;
        }
        return tags;
    }
}

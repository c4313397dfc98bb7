package org.iommusim.smmuv3;

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
 * that is unexpected and ignored.
 */
final class AtcInvalidations implements EventHandler {
    /** Size of a request that means everything: 2^52 pages of 4 KiB. */
    private static final int ALL_SHIFT = 64;

    private static final int PAGE_SHIFT = 12;

    private final CommandQueue commands;
    private final Scheduler scheduler;
    private final long timeoutPs;
    private final List<AtsEndpoint> endpoints = new ArrayList<>();
    private final @Nullable AtsEndpoint[] targets;
    private final int[] completions;
    private final Lane[] timers;
    private final Counter sent;
    private final Counter timeouts;
    private final Counter unexpected;
    private int outstanding;
    private boolean failed;

    AtcInvalidations(CommandQueue commands, Simulation sim, String name, Smmuv3Parameters p) {
        this.commands = commands;
        scheduler = sim.scheduler();
        timeoutPs = p.value("atc_timeout_us") * 1_000_000L;
        int tags = p.value("atc_tags");
        targets = new AtsEndpoint[tags];
        completions = new int[tags];
        timers = new Lane[tags];
        for (int tag = 0; tag < tags; tag++) {
            timers[tag] = scheduler.newLane(name + " atc timer " + tag, Phase.HARDWARE);
        }
        Statistics statistics = sim.statistics().under(name + ".atc");
        sent = statistics.counter("sent", "requests", "invalidation requests sent to functions");
        timeouts =
                statistics.counter("timeouts", "requests", "invalidation requests that no function answered in time");
        unexpected = statistics.counter("unexpected", "messages", "invalidate completions that nobody waited for");
    }

    void connect(AtsEndpoint endpoint) {
        endpoints.add(endpoint);
    }

    @Nullable
    AtsEndpoint endpoint(int sid) {
        for (AtsEndpoint endpoint : endpoints) {
            if (endpoint.requesterId() == sid) {
                return endpoint;
            }
        }
        return null;
    }

    /**
     * Sends a request.
     *
     * @param log2Pages log2 of its size in 4 KiB pages; the address is aligned to it
     * @return false if there is no tag, or the function can take no more, for now
     */
    boolean send(AtsEndpoint endpoint, int ssid, boolean global, long address, int log2Pages) {
        int tag = freeTag(endpoint);
        if (tag < 0) {
            return false;
        }
        targets[tag] = endpoint;
        completions[tag] = 0;
        outstanding++;
        sent.increment();
        int shift = Math.min(log2Pages + PAGE_SHIFT, ALL_SHIFT);
        long aligned = shift == ALL_SHIFT ? 0 : address & -1L << shift;
        scheduler.after(timers[tag], timeoutPs, this, 0, tag);
        endpoint.invalidate(tag, ssid, global, aligned, shift);
        return true;
    }

    private int freeTag(AtsEndpoint endpoint) {
        int free = -1;
        int depth = 0;
        for (int tag = targets.length - 1; tag >= 0; tag--) {
            if (targets[tag] == null) {
                free = tag;
            } else if (targets[tag] == endpoint) {
                depth++;
            }
        }
        return depth < endpoint.invalidateQueueDepth() ? free : -1;
    }

    /** Completions of a function have arrived. */
    void completed(int requesterId, int tags, int count) {
        for (int rest = tags; rest != 0; rest &= rest - 1) {
            int tag = Integer.numberOfTrailingZeros(rest);
            AtsEndpoint target = tag < targets.length ? targets[tag] : null;
            if (target == null || target.requesterId() != requesterId) {
                unexpected.increment();
            } else if (++completions[tag] == (count == 0 ? 8 : count)) {
                scheduler.cancel(timers[tag]);
                release(tag);
            }
        }
    }

    /** A request's time is up. */
    @Override
    public void onEvent(int op, long tag) {
        timeouts.increment();
        failed = true;
        release((int) tag);
    }

    private void release(int tag) {
        targets[tag] = null;
        outstanding--;
        commands.atcTagFreed();
    }

    /** True while a request is neither complete nor out of time. */
    boolean underWay() {
        return outstanding > 0;
    }

    /** True if a request has timed out since this was asked last. */
    boolean takeFailure() {
        boolean was = failed;
        failed = false;
        return was;
    }
}

package org.iommusim.hw.control;

import java.util.ArrayDeque;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.stats.Counter;
import org.jspecify.annotations.Nullable;

/**
 * Commands to wait that have been fetched and are not complete.
 *
 * <p>Each waits for what was fetched before it and for nothing later: requests under way that an invalidation has to wait
 * for, requests to functions' translation caches, and if it says so page requests. So they complete in order. A wait is
 * complete when its word is stored and its interrupt is told, as far as it asks for them; in this order.
 *
 * <p>They can be aborted: their words are never stored. The one whose store is on its way is complete, it is too late for it.
 */
public final class PendingWaits implements EventHandler {
    /** What a vendor's commands to wait say, and who is told of their end. */
    public interface Client {
        /** True if completion is told by a store. */
        boolean stores(long w0);

        /** Where to store. */
        long storeAddress(long w0, long w1);

        /** What to store. */
        long storeData(long w0, long w1);

        /** True if completion is told by an interrupt. */
        boolean interrupts(long w0);

        /** True if nothing behind it is fetched until it is complete. */
        boolean fences(long w0);

        /** The command, for people. */
        String text(long w0, long w1);

        /** One with an interrupt is complete. */
        void interrupt();

        /** One that fences is complete, or aborted. */
        void fenceOver();

        /** A word has been stored, and its wait is complete. */
        default void stored() {}
    }

    /** A wait, and what it still waits for of what was there when it was fetched. */
    private static final class Wait {
        final long w0;
        final long w1;
        /** It waits for the first so many invalidations; 0 when they are through. */
        int invalidations;
        /** It waits for the requests with these tags. */
        int tags;
        /** It waits for the first so many page requests. */
        int pageRequests;
        /** The first so many promises are kept with it. */
        int promises;

        Wait(long w0, long w1) {
            this.w0 = w0;
            this.w1 = w1;
        }
    }

    private final Client client;
    private final InvalidationProgress progress;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final WaitQueue changed;
    private final Lane lane;
    private final int storeBytes;
    private final ArrayDeque<Wait> waits = new ArrayDeque<>();
    private final Counter completed;
    private final Counter aborted;
    /** The wait whose word is being stored. */
    private @Nullable Wait writing;

    /**
     * No wait is pending.
     *
     * @param lane where stores take their time
     * @param changed woken when a word has been stored
     * @param storeBytes size of the word, 4 or 8
     * @param completed counts waits that are complete; {@code aborted} those that never will be
     */
    public PendingWaits(
            Client client,
            InvalidationProgress progress,
            Lane lane,
            RequestPort port,
            PhysicalMemory memory,
            WaitQueue changed,
            int storeBytes,
            Counter completed,
            Counter aborted) {
        this.client = client;
        this.progress = progress;
        this.lane = lane;
        this.port = port;
        this.memory = memory;
        this.changed = changed;
        this.storeBytes = storeBytes;
        this.completed = completed;
        this.aborted = aborted;
    }

    /**
     * A wait has been fetched.
     *
     * @param tags requests to functions' translation caches that are under way, a bit for each
     * @param pageRequests how many of the page requests that have come it waits for
     */
    public void add(long w0, long w1, int tags, int pageRequests) {
        Wait wait = new Wait(w0, w1);
        wait.invalidations = progress.awaited(progress.invalidations()) ? progress.invalidations() : 0;
        wait.tags = tags;
        wait.pageRequests = pageRequests;
        wait.promises = progress.promises();
        waits.add(wait);
        proceed();
    }

    /** The request with this tag is complete, or has timed out. */
    public void tagFreed(int tag) {
        waits.forEach(wait -> wait.tags &= ~(1 << tag));
        proceed();
    }

    /** The first page request is written, or dropped. */
    public void pageRequestSettled() {
        waits.forEach(wait -> wait.pageRequests = Math.max(0, wait.pageRequests - 1));
        proceed();
    }

    /** A request for which an invalidation had to wait is carried out. */
    public void flightsDrained() {
        for (Wait wait : waits) {
            if (!progress.awaited(wait.invalidations)) {
                wait.invalidations = 0;
            }
        }
        proceed();
    }

    private void proceed() {
        Wait first = waits.peek();
        while (first != null && writing == null && over(first)) {
            waits.remove();
            if (client.stores(first.w0)) {
                writing = first;
                port.write(lane, client.storeAddress(first.w0, first.w1), storeBytes, this, 0, 0);
            } else {
                complete(first);
            }
            first = waits.peek();
        }
    }

    private static boolean over(Wait wait) {
        return wait.invalidations == 0 && wait.tags == 0 && wait.pageRequests == 0;
    }

    /** The word is stored; a store that the bus does not carry out is lost, as posted writes are. */
    @Override
    public void onEvent(int op, long arg) {
        Wait wait = writing;
        if (wait == null) {
            throw new IllegalStateException(lane + ": nothing was written");
        }
        writing = null;
        tell(wait);
        long address = client.storeAddress(wait.w0, wait.w1);
        if (port.reaches(memory, address, true)) {
            memory.write(address, storeBytes, client.storeData(wait.w0, wait.w1));
            changed.wakeAll();
        }
        complete(wait);
        client.stored();
        proceed();
    }

    /** True while a word is on its way to memory. */
    public boolean writing() {
        return writing != null;
    }

    /** What is told by this wait is not told again by those behind it. */
    private void tell(Wait told) {
        progress.completed(client.text(told.w0, told.w1), told.promises);
        waits.forEach(wait -> wait.promises -= told.promises);
        told.promises = 0;
    }

    private void complete(Wait wait) {
        completed.increment();
        if (client.interrupts(wait.w0)) {
            tell(wait);
            client.interrupt();
        }
        if (client.fences(wait.w0)) {
            client.fenceOver();
        }
    }

    /** Nobody will be told of the waits that are pending. */
    public void abort() {
        boolean fence = false;
        for (Wait wait : waits) {
            aborted.increment();
            fence |= client.fences(wait.w0);
        }
        waits.clear();
        if (fence) {
            client.fenceOver();
        }
    }
}

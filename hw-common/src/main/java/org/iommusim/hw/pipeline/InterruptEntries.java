package org.iommusim.hw.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockEdges;
import org.jspecify.annotations.Nullable;

/**
 * The way of interrupt messages to their remapping entries: through a cache of entries, or out of a table in memory. Which
 * entry a message needs, and what is made of it, is the vendor's business; an entry is known by a number.
 *
 * <p>An entry that is being read when it is invalidated is still used by that one message, but not kept, and the invalidation
 * is complete only when the message has left.
 */
public final class InterruptEntries implements EventHandler {
    /** Who sends messages here. */
    public interface Client {
        /** A transaction by its id. */
        Transaction transaction(int id);

        /** True if an entry that was read may be cached. */
        boolean keeps(long[] entry);

        /** A message has its entry; valid during the call. */
        void found(Transaction message, long[] entry);

        /** The bus does not let the unit read a message's entry. */
        void unreadable(Transaction message);
    }

    /**
     * How big and how fast.
     *
     * @param cached whether there is a cache
     * @param cache of entries, with as many values in each as an entry has words of 64 bits
     * @param ports lookups at a time; 0: any number
     * @param cycles of a lookup
     * @param fetches entries read at a time; 0: any number
     * @param rule by which those that wait are served
     */
    public record Shape(boolean cached, CacheShape cache, int ports, int cycles, int fetches, WakeRule rule) {}

    private static final int OP_PORT = 0;
    private static final int OP_LOOKED_UP = 1;
    private static final int OP_FETCH = 2;
    private static final int OP_ENTRY = 3;

    private final Client client;
    private final Scheduler scheduler;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final ClockEdges edges;
    private final CheckedUse checkedUse;
    private final Shape shape;
    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    private final Slots ports;
    private final Slots fetches;
    private final int words;
    private final List<Lookup> lookups = new ArrayList<>();

    /** What is known of a message on its way; one for each transaction. */
    private static final class Lookup {
        final long[] entry;
        int number;
        long address;
        int bytes;
        boolean cached;
        /** It uses, or is reading, the entry. */
        boolean uses;

        Lookup(int words) {
            entry = new long[words];
        }
    }

    /**
     * Nothing is cached.
     *
     * @param name of the cache
     * @param words 64-bit words of the largest entry
     */
    public InterruptEntries(
            Simulation sim,
            String name,
            Shape shape,
            int words,
            ClockEdges edges,
            Client client,
            RequestPort port,
            PhysicalMemory memory,
            CheckedUse checkedUse) {
        this.client = client;
        this.shape = shape;
        this.words = words;
        this.edges = edges;
        this.port = port;
        this.memory = memory;
        this.checkedUse = checkedUse;
        scheduler = sim.scheduler();
        cache = new TaggedCache(sim, name, shape.cache());
        sources = checkedUse.cache(cache);
        ports = new Slots(scheduler, name + " ports", shape.ports(), shape.rule());
        fetches = new Slots(scheduler, name + " fetches", shape.fetches(), shape.rule());
    }

    /**
     * Finds a message's entry; the client is told later.
     *
     * @param number by which it is cached
     * @param address where it stands in memory
     * @param bytes 4, or a multiple of 8
     * @param cacheable whether the cache may be used now
     */
    public void find(Transaction message, int number, long address, int bytes, boolean cacheable) {
        Lookup lookup = lookup(message);
        lookup.number = number;
        lookup.address = address;
        lookup.bytes = bytes;
        lookup.cached = cacheable && shape.cached();
        if (!lookup.cached) {
            miss(message);
            return;
        }
        message.request().enter(Station.CONFIG_CACHE, scheduler.now());
        if (ports.take(message.lane, this, OP_PORT, message.id)) {
            lookUp(message);
        }
    }

    private Lookup lookup(Transaction message) {
        while (lookups.size() <= message.id) {
            lookups.add(new Lookup(words));
        }
        return lookups.get(message.id);
    }

    private void lookUp(Transaction message) {
        scheduler.at(message.lane, edges.after(scheduler.now(), shape.cycles()), this, OP_LOOKED_UP, message.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Transaction message = client.transaction((int) arg);
        switch (op) {
            case OP_PORT -> lookUp(message);
            case OP_LOOKED_UP -> {
                ports.release();
                lookedUp(message);
            }
            case OP_FETCH -> fetch(message);
            case OP_ENTRY -> {
                fetches.release();
                arrived(message);
            }
            default -> throw new IllegalArgumentException("interrupt entries op " + op);
        }
    }

    private void lookedUp(Transaction message) {
        Lookup lookup = lookup(message);
        int found = cache.lookup(lookup.number, lookup.number, 0, 0);
        if (found == TaggedCache.NONE) {
            miss(message);
            return;
        }
        cache.values(found, 0, lookup.entry);
        lookup.uses = true;
        if (sources != null && message.trail != null) {
            sources.use(found, message.trail);
        }
        client.found(message, lookup.entry);
    }

    private void miss(Transaction message) {
        message.request().enter(Station.CONFIG_FETCH, scheduler.now());
        if (fetches.take(message.lane, this, OP_FETCH, message.id)) {
            fetch(message);
        }
    }

    private void fetch(Transaction message) {
        Lookup lookup = lookup(message);
        lookup.uses = true;
        port.readTable(message.lane, lookup.address, lookup.bytes, this, OP_ENTRY, message.id);
    }

    private void arrived(Transaction message) {
        Lookup lookup = lookup(message);
        if (!port.reaches(memory, lookup.address, false)) {
            client.unreadable(message);
            return;
        }
        read(message, lookup);
        if (lookup.cached && client.keeps(lookup.entry) && !message.stale) {
            fill(message, lookup);
        }
        client.found(message, lookup.entry);
    }

    private void read(Transaction message, Lookup lookup) {
        Arrays.fill(lookup.entry, 0);
        for (int at = 0; at < lookup.bytes; at += Long.BYTES) {
            long address = lookup.address + at;
            lookup.entry[at / Long.BYTES] = memory.read(address, Math.min(lookup.bytes, Long.BYTES));
            traced(message, address & -Long.BYTES, lookup.number);
        }
    }

    private void traced(Transaction message, long address, int number) {
        StaleUseChecker checker = checkedUse.checker();
        if (checker != null && message.trail != null) {
            long word = memory.peek64(address);
            message.trail.read(new Source(SourceKind.INTERRUPT, true, address, word, checker.now(), number, number));
        }
    }

    private void fill(Transaction message, Lookup lookup) {
        int entry = cache.insert(lookup.number, lookup.number, -1, 0, 0);
        for (int i = 0; i < words; i++) {
            cache.value(entry, i, lookup.entry[i]);
        }
        if (sources != null && message.trail != null) {
            sources.fill(entry, message.trail);
        }
    }

    /** Entries with these numbers go. */
    public void invalidate(IntPredicate numbers) {
        cache.invalidate((c, entry) -> numbers.test((int) c.address(entry)));
    }

    /** True if a transaction uses, or is reading, an entry with one of these numbers. */
    public boolean uses(Transaction transaction, IntPredicate numbers) {
        Lookup lookup = transaction.id < lookups.size() ? lookups.get(transaction.id) : null;
        return lookup != null && lookup.uses && numbers.test(lookup.number);
    }

    /** A message has left, or is over. */
    public void end(Transaction message) {
        lookup(message).uses = false;
    }
}

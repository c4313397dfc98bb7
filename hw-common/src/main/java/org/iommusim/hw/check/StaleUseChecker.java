package org.iommusim.hw.check;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.time.Picoseconds;
import org.jspecify.annotations.Nullable;

/**
 * Reports {@code stale-translation}: a translation is used although a word that it was made from had changed before an
 * invalidation that covered it was carried out, and that invalidation is complete. Uses before the completion are legal,
 * and so is whatever no invalidation covers.
 */
public final class StaleUseChecker {
    private static final String CHECKER = "stale-translation";

    private final String device;
    private final Simulation sim;
    private final PhysicalMemory memory;
    private final List<CachedSources> caches = new ArrayList<>();
    private final List<Trail> underWay = new ArrayList<>();
    private final List<Issued> incomplete = new ArrayList<>();
    private final Effects effects = new Effects();

    private StaleUseChecker(String device, Simulation sim, PhysicalMemory memory) {
        this.device = device;
        this.sim = sim;
        this.memory = memory;
    }

    /** The checker of a device, or {@code null} if the simulation runs without checks. */
    public static @Nullable StaleUseChecker of(String device, Simulation sim, PhysicalMemory memory) {
        return sim.checks() ? new StaleUseChecker(device, sim, memory) : null;
    }

    /** Keeps the sources of a cache's entries. */
    public CachedSources cache(TaggedCache cache) {
        CachedSources sources = new CachedSources(this, cache);
        caches.add(sources);
        return sources;
    }

    /** Makes a place for the sources of translations under way, one after the other. */
    public Trail newTrail() {
        Trail trail = new Trail();
        underWay.add(trail);
        return trail;
    }

    /** Current time, ps. */
    public long now() {
        return sim.now();
    }

    /** An invalidation is about to take effect. */
    public void issued(Promise promise) {
        effects.promise = promise;
        effects.issued = null;
        caches.forEach(cache -> cache.issued(effects));
        underWay.forEach(effects::on);
        if (effects.issued != null) {
            incomplete.add(effects.issued);
        }
    }

    /** How many invalidations have ended something and are not complete. */
    public int incomplete() {
        return incomplete.size();
    }

    /** Software is told that all invalidations so far are complete. */
    public void completed(String by) {
        completed(by, incomplete.size());
    }

    /** Software is told that the first so many of the {@link #incomplete} invalidations are complete. */
    public void completed(String by, int first) {
        for (int i = 0; i < first; i++) {
            incomplete.remove(0).complete(by, sim.now());
        }
    }

    /** A translation is used: something cached goes into it, or its result leaves, or its access is carried out. */
    public void used(Trail trail) {
        int dead = trail.dead();
        if (dead < 0) {
            return;
        }
        Issued by = trail.endedBy(dead);
        if (by != null && !by.reported) {
            by.reported = true; // one cause, one message
            sim.violations().report(CHECKER, message(trail, dead, by));
        }
    }

    private String message(Trail trail, int dead, Issued by) {
        Source source = trail.source(dead);
        String from = trail.from(dead);
        return device + ": " + requester(trail) + " uses "
                + (from.isEmpty() ? "what it read itself" : "an entry of " + from) + ", made from the " + source.kind()
                + (source.leaf() ? "" : " (pointer)") + " at " + hex(source.address()) + ", which was "
                + hex(source.value()) + " at " + Picoseconds.text(source.time()) + " and " + hex(trail.found(dead))
                + " when " + by.command + " was carried out at " + Picoseconds.text(by.time) + "; complete by "
                + by.completion();
    }

    private static String requester(Trail trail) {
        return "a request of stream " + hex(trail.stream())
                + (trail.substream() < 0 ? "" : " substream " + hex(trail.substream())) + " for " + hex(trail.first());
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** What one invalidation ends. */
    final class Effects {
        private @Nullable Promise promise;
        private @Nullable Issued issued;

        void on(Trail trail) {
            Promise said = promise;
            if (said == null) {
                return;
            }
            for (int i = 0; i < trail.size(); i++) {
                Promise.Effect effect = trail.ended(i) ? Promise.Effect.NONE : said.on(trail, i);
                if (effect == Promise.Effect.NONE) {
                    continue;
                }
                long now = memory.peek64(trail.source(i).address());
                if (now == trail.source(i).value()) {
                    continue;
                }
                if (effect == Promise.Effect.HALF) {
                    trail.halve(i);
                } else {
                    trail.end(i, invalidation(said), now);
                }
            }
        }

        private Issued invalidation(Promise said) {
            Issued now = issued;
            if (now == null) {
                now = new Issued(said.text(), sim.now());
                issued = now;
            }
            return now;
        }
    }
}

package org.iommusim.hw.walk;

import java.util.List;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.time.ClockDomain;

/** How the walk engine uses its {@link IpaCache}: a lookup before each stage-2 translation, a fill without time after it. */
final class IpaLookup implements EventHandler {
    private static final int OP_SEARCH = 0;
    private static final int OP_SEARCHED = 1;
    private static final int OP_FILL = 2;

    private final WalkEngine engine;
    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final IpaCache cache;
    private final WalkSources sources;
    private final List<Walk> walks;

    IpaLookup(
            WalkEngine engine,
            Scheduler scheduler,
            ClockDomain clock,
            IpaCache cache,
            WalkSources sources,
            List<Walk> walks) {
        this.engine = engine;
        this.scheduler = scheduler;
        this.clock = clock;
        this.cache = cache;
        this.sources = sources;
        this.walks = walks;
    }

    /** Looks for the result; goes on in {@link WalkEngine#stageDone} or {@link WalkEngine#startSecond}. */
    void search(Walk walk, long ipa, int access) {
        walk.second.state.begin(ipa, access);
        walk.enter(Station.WALK_CACHE, scheduler.now());
        if (cache.ports().take(walk.lane, this, OP_SEARCH, walk.id)) {
            after(walk);
        }
    }

    /** Keeps the result that a walk has read. */
    void keep(Walk walk) {
        if (cache.ports().take(walk.lane, this, OP_FILL, walk.id)) {
            fill(walk);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        Walk walk = walks.get((int) arg);
        switch (op) {
            case OP_SEARCH -> after(walk);
            case OP_SEARCHED -> searched(walk);
            case OP_FILL -> fill(walk);
            default -> throw new IllegalArgumentException("IPA cache op " + op);
        }
    }

    private void after(Walk walk) {
        long done = clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(cache.lookupCycles());
        scheduler.at(walk.lane, done, this, OP_SEARCHED, walk.id);
    }

    private void searched(Walk walk) {
        cache.ports().release();
        WalkState state = walk.second.state;
        int entry = cache.lookup(
                walk.activeTag(), state.input, state.access, engine.cache().gem5Quirks());
        if (entry < 0) {
            engine.startSecond(walk, state.input, state.access);
            return;
        }
        sources.stage(walk);
        sources.useIpa(walk, entry);
        cache.into(entry, state);
        engine.stageDone(walk);
    }

    private void fill(Walk walk) {
        cache.ports().release();
        // It may have become stale while it waited for a port.
        if (walk.refill) {
            sources.keptIpa(walk, cache.add(walk.activeTag(), walk.second.state));
        }
        engine.stageDone(walk);
    }
}

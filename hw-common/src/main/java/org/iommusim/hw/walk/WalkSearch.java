package org.iommusim.hw.walk;

import java.util.List;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.time.ClockEdges;

/** How a stage looks for cached entries that lead to its result: from the deepest level up, one lookup port each. */
final class WalkSearch implements EventHandler {
    private static final int OP_SEARCH = 0;
    private static final int OP_SEARCHED = 1;

    private final WalkEngine engine;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final WalkCache cache;
    private final List<Walk> walks;

    WalkSearch(WalkEngine engine, Scheduler scheduler, ClockEdges edges, WalkCache cache, List<Walk> walks) {
        this.engine = engine;
        this.scheduler = scheduler;
        this.edges = edges;
        this.cache = cache;
        this.walks = walks;
    }

    @Override
    public void onEvent(int op, long arg) {
        Walk walk = walks.get((int) arg);
        switch (op) {
            case OP_SEARCH -> lookUp(walk);
            case OP_SEARCHED -> searched(walk);
            default -> throw new IllegalArgumentException("walk search op " + op);
        }
    }

    /** Looks for the active stage's entries; goes on in {@link WalkEngine} at a leaf, behind a pointer or at the first entry. */
    void search(Walk walk) {
        StageWalk stage = walk.active;
        while (stage.search <= stage.top && !cache.keeps(stage.stage, stage.search)) {
            stage.search++;
        }
        if (stage.search > stage.top) {
            engine.firstEntry(walk);
            return;
        }
        walk.enter(Station.WALK_CACHE, scheduler.now());
        if (cache.ports().take(walk.lane, this, OP_SEARCH, walk.id)) {
            lookUp(walk);
        }
    }

    private void lookUp(Walk walk) {
        scheduler.at(walk.lane, edges.after(scheduler.now(), cache.lookupCycles()), this, OP_SEARCHED, walk.id);
    }

    private void searched(Walk walk) {
        cache.ports().release();
        StageWalk stage = walk.active;
        int entry = cache.lookup(
                stage.stage,
                walk.nested(),
                stage.search,
                stage.coverShift(stage.search),
                walk.activeTag(),
                stage.state.input);
        if (entry >= 0 && cache.isLeaf(entry)) {
            // A leaf that forbids the access is read again: the entry in memory may allow it by now, or else it says
            // what the fault is.
            if (cache.gem5Quirks() || allows(stage, entry)) {
                engine.cachedLeaf(walk, entry);
                return;
            }
        } else if (entry >= 0 && leadsOn(stage, entry)) {
            engine.resume(walk, entry);
            return;
        }
        stage.search++;
        search(walk);
    }

    /** Who checks each level faults where the access is refused, not further down: a pointer from there is of no use then. */
    private boolean leadsOn(StageWalk stage, int entry) {
        return !stage.format().checksEveryLevel() || allows(stage, entry);
    }

    private boolean allows(StageWalk stage, int entry) {
        return Access.allowed(cache.permissions(entry), stage.state.access);
    }
}

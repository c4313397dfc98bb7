package org.iommusim.hw.walk;

import java.util.List;
import org.iommusim.hw.walk.Walk.Purpose;
import org.iommusim.sim.event.EventHandler;

/**
 * What the walk engine keeps in its {@link WalkCache}: pointers to tables while it walks, leaves when a stage is through.
 * A fill takes a port of the cache and no time. Any of them may have become stale while it waited for its port, so each
 * asks again then.
 */
final class WalkFills implements EventHandler {
    private static final int OP_TABLE = 0;
    private static final int OP_LEAF = 1;
    private static final int OP_FIRST_LEAF = 2;

    private final WalkEngine engine;
    private final WalkCache cache;
    private final WalkSources sources;
    private final List<Walk> walks;

    WalkFills(WalkEngine engine, WalkCache cache, WalkSources sources, List<Walk> walks) {
        this.engine = engine;
        this.cache = cache;
        this.sources = sources;
        this.walks = walks;
    }

    @Override
    public void onEvent(int op, long arg) {
        Walk walk = walks.get((int) arg);
        switch (op) {
            case OP_TABLE -> fillTable(walk);
            case OP_LEAF -> fillLeaf(walk);
            case OP_FIRST_LEAF -> fillFirstLeaf(walk);
            default -> throw new IllegalArgumentException("walk fill op " + op);
        }
    }

    // ---- pointers

    /** Keeps the pointer that the active stage has just read; goes on in {@link WalkEngine#read}. */
    void table(Walk walk) {
        if (!keepsTable(walk, walk.active)) {
            engine.read(walk);
        } else if (cache.ports().take(walk.lane, this, OP_TABLE, walk.id)) {
            fillTable(walk);
        }
    }

    private boolean keepsTable(Walk walk, StageWalk stage) {
        if (!walk.refill || !cache.keeps(stage.stage, stage.reading + 1)) {
            return false;
        }
        return stage == walk.second
                ? secondKeeps(walk)
                : !walk.nested() || cache.gem5Quirks() || walk.tableIsInOnePage();
    }

    /** Stage 2's own entries are kept for what the walk is about, not for addresses of tables, unless the cache says so. */
    private boolean secondKeeps(Walk walk) {
        return walk.purpose == Purpose.FINAL || cache.tablePointers();
    }

    private void fillTable(Walk walk) {
        cache.ports().release();
        StageWalk stage = walk.active;
        if (walk.refill) {
            sources.kept(walk, stage, cache.addTable(walk, stage), true);
        }
        engine.read(walk);
    }

    // ---- leaves

    /** Keeps the active stage's leaf, if it was read; goes on in {@link WalkEngine#leafKept}. */
    void leaf(Walk walk) {
        StageWalk stage = walk.active;
        boolean keep = keepsLeaf(walk, stage) && (stage == walk.first || secondKeeps(walk));
        if (!keep) {
            engine.leafKept(walk);
        } else if (cache.ports().take(walk.lane, this, OP_LEAF, walk.id)) {
            fillLeaf(walk);
        }
    }

    /** Both stages are through: stage 1's own leaf is kept last. Goes on in {@link WalkEngine#done}. */
    void firstLeaf(Walk walk) {
        if (!keepsLeaf(walk, walk.first)) {
            engine.done(walk);
        } else if (cache.ports().take(walk.lane, this, OP_FIRST_LEAF, walk.id)) {
            fillFirstLeaf(walk);
        }
    }

    private boolean keepsLeaf(Walk walk, StageWalk stage) {
        return !stage.leafWasCached && walk.refill && cache.keepsLeaf(stage.stage, stage.reading);
    }

    private void fillLeaf(Walk walk) {
        cache.ports().release();
        addLeaf(walk, walk.active);
        engine.leafKept(walk);
    }

    private void fillFirstLeaf(Walk walk) {
        cache.ports().release();
        addLeaf(walk, walk.first);
        walk.active = walk.second;
        engine.done(walk);
    }

    private void addLeaf(Walk walk, StageWalk stage) {
        if (walk.refill) {
            walk.active = stage;
            sources.kept(walk, stage, cache.addLeaf(walk, stage), false);
        }
    }
}

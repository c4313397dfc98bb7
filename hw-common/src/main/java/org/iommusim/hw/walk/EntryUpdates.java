package org.iommusim.hw.walk;

import java.util.List;
import org.iommusim.hw.walk.Walk.Purpose;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;

/** How the walk engine writes accessed and dirty flags to table entries. */
final class EntryUpdates implements EventHandler {
    private static final int OP_UPDATE = 0;

    private final WalkEngine engine;
    private final Scheduler scheduler;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final WalkStatistics statistics;
    private final List<Walk> walks;

    EntryUpdates(
            WalkEngine engine,
            Scheduler scheduler,
            RequestPort port,
            PhysicalMemory memory,
            WalkStatistics statistics,
            List<Walk> walks) {
        this.engine = engine;
        this.scheduler = scheduler;
        this.port = port;
        this.memory = memory;
        this.statistics = statistics;
        this.walks = walks;
    }

    /**
     * Stage 2 was asked to read a table only. Writing it is another access: stage 2 may refuse it, or must first note that
     * the table becomes dirty. A cached pointer is physical, but stage 2 wants the table's own address: walk again without
     * the cache.
     */
    void update(Walk walk) {
        StageWalk stage = walk.active;
        if (stage.tableWritable) {
            write(walk);
        } else if (stage.resumed) {
            engine.startStage(walk, stage.state.input, walk.access, false);
        } else {
            engine.secondStage(walk, stage.state.updateAddress, Access.WRITE, Purpose.UPDATE);
        }
    }

    /** Stage 2 allows the update of stage 1's entry. */
    void allowed(Walk walk) {
        walk.active = walk.first;
        walk.first.mayUpdateAt(walk.second.state.output());
        write(walk);
    }

    private void write(Walk walk) {
        walk.enter(walk.active.readStation, scheduler.now());
        port.write(walk.lane, walk.active.updateTarget(), Long.BYTES, this, OP_UPDATE, walk.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Walk walk = walks.get((int) arg);
        StageWalk stage = walk.active;
        WalkState state = stage.state;
        long target = stage.updateTarget();
        walk.fetched(target);
        if (!port.reaches(memory, target, true)) {
            walk.failUpdate();
            engine.failed(walk, WalkFault.EXTERNAL_ABORT);
            return;
        }
        // Software, or another walk, may have changed the entry since it was read.
        long there = memory.read64(target);
        if (there == state.updateExpected) {
            there = state.updateValue;
            memory.write64(target, there);
            statistics.updates.increment();
        }
        stage.word = there;
        walk.descending = true;
        engine.think(walk);
    }
}

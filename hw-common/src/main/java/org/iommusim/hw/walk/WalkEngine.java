package org.iommusim.hw.walk;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.Walk.Purpose;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.time.ClockEdges;
import org.jspecify.annotations.Nullable;

/**
 * The table walker that all IOMMUs share: drives a stage-1 format, a stage-2 format, or the one over the other.
 *
 * <p>The way of one stage: the format checks the range; the walk cache is searched from the deepest level up, each level
 * taking a lookup port for the lookup's time; one cycle of walker logic; then per level one read through the {@link
 * RequestPort} and one cycle of logic (there is one logic: one step per cycle for all walks). Under a stage 2, the address
 * of the first stage-1 entry and of each next table is translated before it is read, and so is what stage 1 gives in the
 * end. Fills of the walk cache take a port but no time.
 *
 * <p>An update of a table entry goes to memory like a read, and the compare-and-swap happens at the moment of the access.
 *
 * <p>Every tick of a walk is booked to {@link Station#WALK_CACHE}, {@link Station#WALK_LOGIC}, {@link
 * Station#STAGE1_READ} or {@link Station#STAGE2_READ}. At the end the client is told in the same event; it enters the next
 * station.
 *
 * <p>Its owner's slots limit how many walks run. Every walk runs on its own lane.
 */
public final class WalkEngine implements EventHandler {
    private static final int OP_LOGIC = 0;
    private static final int OP_LOGIC_DONE = 1;
    private static final int OP_READ = 2;
    private static final int OP_MERGED = 3;

    private static final int IDENTITY_SHIFT = 12;

    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final WalkCache cache;
    private final @Nullable IpaLookup ipas;
    private final WalkSources sources;
    private final Slots logic;
    private final List<Walk> walks = new ArrayList<>();
    private final WalkStatistics statistics;
    private final WalkSearch searches;
    private final WalkFills fills;
    private final EntryUpdates entryUpdates;
    private final MergedReads merged;

    /**
     * Makes an idle engine.
     *
     * @param name path of its statistics, e.g. {@code smmu0.walker}
     * @param ipaCache results of stage 2, or {@code null} if they are not kept
     * @param rule how contenders for lookup ports and logic are woken
     * @param checker who is told of sources, if there is somebody
     */
    public WalkEngine(
            Simulation sim,
            String name,
            ClockDomain clock,
            RequestPort port,
            PhysicalMemory memory,
            WalkCacheShape shape,
            @Nullable IpaCache ipaCache,
            WakeRule rule,
            @Nullable StaleUseChecker checker) {
        scheduler = sim.scheduler();
        edges = new ClockEdges(clock);
        this.port = port;
        this.memory = memory;
        cache = new WalkCache(sim, name + ".cache", shape, rule);
        sources = new WalkSources(checker, cache, ipaCache);
        ipas = ipaCache == null ? null : new IpaLookup(this, scheduler, clock, ipaCache, sources, walks);
        searches = new WalkSearch(this, scheduler, edges, cache, walks);
        fills = new WalkFills(this, cache, sources, walks);
        logic = new Slots(scheduler, name + " logic", 1, rule);
        statistics = new WalkStatistics(sim, name);
        merged = new MergedReads(scheduler, this, OP_MERGED, statistics.merged);
        entryUpdates = new EntryUpdates(this, scheduler, port, memory, statistics, walks);
    }

    /** From now on walks that need the same table entry at the same time read it once. */
    public void mergeReads() {
        merged.enable();
    }

    /** For invalidation. */
    public WalkCache cache() {
        return cache;
    }

    /**
     * Makes a place for a walk; done once per translation slot.
     *
     * @param lane on which the walk runs; nothing else may be pending there meanwhile
     * @param client told by {@code onEvent(op, arg)} when a translation is done
     */
    public Walk newWalk(Lane lane, EventHandler client, int op, long arg) {
        Walk walk = new Walk(walks.size(), lane, client, op, arg);
        walks.add(walk);
        return walk;
    }

    /**
     * Starts a translation through the stages that the walk's parameters enable; without any the answer is the input.
     *
     * @param access bits of {@link Access} that are checked
     */
    public void translate(Walk walk, long input, int access) {
        statistics.started.increment();
        walk.begin(access);
        if (walk.stage1().enabled()) {
            walk.active = walk.first;
            startStage(walk, input, access, true);
        } else if (walk.stage2().enabled()) {
            secondStage(walk, input, access, Purpose.FINAL);
        } else {
            walk.answer(input, IDENTITY_SHIFT, Access.both(Access.READ | Access.WRITE | Access.EXECUTE), true);
            walk.client.onEvent(walk.op, walk.arg);
        }
    }

    /** Starts a translation of the address of a configuration structure through stage 2 alone, for reading. */
    public void translateStructure(Walk walk, long ipa) {
        statistics.started.increment();
        walk.begin(Access.READ);
        secondStage(walk, ipa, Access.READ, Purpose.STRUCTURE);
    }

    @Override
    public void onEvent(int op, long arg) {
        Walk walk = walks.get((int) arg);
        switch (op) {
            case OP_LOGIC -> oneCycle(walk);
            case OP_LOGIC_DONE -> logicDone(walk);
            case OP_READ -> entryRead(walk);
            case OP_MERGED -> entryThere(walk, walk.reached);
            default -> throw new IllegalArgumentException("walk engine op " + op);
        }
    }

    private void oneCycle(Walk walk) {
        scheduler.at(walk.lane, edges.after(scheduler.now(), 1), this, OP_LOGIC_DONE, walk.id);
    }

    // ---- start of a stage

    void secondStage(Walk walk, long ipa, int access, Purpose purpose) {
        walk.active = walk.second;
        walk.purpose = purpose;
        if (ipas == null) {
            startSecond(walk, ipa, access);
        } else {
            ipas.search(walk, ipa, access);
        }
    }

    /** The result of stage 2 is not cached: it looks for the entries that lead there. */
    void startSecond(Walk walk, long ipa, int access) {
        startStage(walk, ipa, access, walk.purpose == Purpose.FINAL || cache.tablePointers());
    }

    void startStage(Walk walk, long input, int access, boolean search) {
        StageWalk stage = walk.active;
        stage.state.begin(input, access);
        stage.tableWritable = true;
        stage.resumed = false;
        walk.descending = false;
        sources.stage(walk);
        if (stage.format().start(stage.state) == WalkAction.FAULT) {
            failed(walk, stage.state.fault);
            return;
        }
        stage.layLevels();
        if (search) {
            searches.search(walk);
        } else {
            firstEntry(walk);
        }
    }

    // ---- what the walk cache has

    /** The leaf is cached. */
    void cachedLeaf(Walk walk, int entry) {
        StageWalk stage = walk.active;
        sources.use(walk, entry);
        cache.leafInto(entry, stage);
        stage.leafWasCached = true;
        leaf(walk);
    }

    /** A pointer is cached: the walk begins behind it. */
    void resume(Walk walk, int entry) {
        StageWalk stage = walk.active;
        sources.use(walk, entry);
        stage.reading = stage.search - 1;
        stage.resumed = true;
        stage.tableWritable = cache.writable(entry);
        WalkAction action =
                stage.format().resume(stage.state, cache.level(entry), cache.output(entry), cache.permissions(entry));
        if (action == WalkAction.FAULT) {
            failed(walk, stage.state.fault);
            return;
        }
        // Cached pointers are physical: no stage 2 in between.
        stage.physical = stage.state.readAddress;
        think(walk);
    }

    // ---- reading entries

    /** Nothing cached: the first entry comes from the root table. */
    void firstEntry(Walk walk) {
        StageWalk stage = walk.active;
        if (stage == walk.first && walk.nested()) {
            secondStage(walk, stage.state.readAddress, Access.READ, Purpose.TABLE);
            return;
        }
        stage.physical = stage.state.readAddress;
        think(walk);
    }

    void think(Walk walk) {
        walk.enter(Station.WALK_LOGIC, scheduler.now());
        if (logic.take(walk.lane, this, OP_LOGIC, walk.id)) {
            oneCycle(walk);
        }
    }

    private void logicDone(Walk walk) {
        logic.release();
        if (walk.descending) {
            act(walk, walk.active.format().descriptor(walk.active.state, walk.active.word));
        } else {
            read(walk);
        }
    }

    /** Reads the entry that the active stage has reached, or waits for who reads it already. */
    void read(Walk walk) {
        StageWalk stage = walk.active;
        walk.enter(stage.readStation, scheduler.now());
        if (merged.joins(walk)) {
            return;
        }
        statistics.reads(stage.stage).increment();
        port.readTable(walk.lane, stage.physical, stage.state.readBytes, this, OP_READ, walk.id);
    }

    private void entryRead(Walk walk) {
        StageWalk stage = walk.active;
        boolean reached = port.reaches(memory, stage.physical, false);
        stage.word = reached ? memory.read(stage.physical, stage.state.readBytes) : 0;
        merged.arrived(walk, reached, stage.word);
        entryThere(walk, reached);
    }

    private void entryThere(Walk walk, boolean reached) {
        walk.fetched(walk.active.physical);
        if (!reached) {
            failed(walk, WalkFault.EXTERNAL_ABORT);
            return;
        }
        walk.descending = true;
        think(walk);
    }

    private void act(Walk walk, WalkAction action) {
        StageWalk stage = walk.active;
        switch (action) {
            case READ -> nextTable(walk);
            case UPDATE -> {
                if (walk.marksNothing()) {
                    failed(walk, WalkFault.PERMISSION);
                } else {
                    entryUpdates.update(walk);
                }
            }
            case LEAF -> {
                sources.taken(walk, true);
                leaf(walk);
            }
            case FAULT -> {
                sources.refused(walk);
                failed(walk, stage.state.fault);
            }
        }
    }

    private void nextTable(Walk walk) {
        sources.taken(walk, false);
        StageWalk stage = walk.active;
        stage.reachLevel();
        if (stage == walk.first && walk.nested()) {
            secondStage(walk, stage.state.readAddress, Access.READ, Purpose.TABLE);
            return;
        }
        stage.physical = stage.state.readAddress;
        fills.table(walk);
    }

    private void tableTranslated(Walk walk) {
        StageWalk stage = walk.first;
        boolean first = stage.reading == stage.top;
        walk.active = stage;
        WalkState second = walk.second.state;
        stage.physical = second.output();
        stage.tableWritable = Access.allowed(second.permissions, Access.WRITE);
        if (first) {
            walk.descending = false;
            think(walk);
        } else {
            fills.table(walk);
        }
    }

    // ---- leaves

    private void leaf(Walk walk) {
        StageWalk stage = walk.active;
        if (stage == walk.first) {
            walk.leafShift = stage.leafWasCached ? stage.ownShift : stage.state.pageShift;
            sources.firstLeaf(walk);
            if (walk.nested() && !(stage.leafWasCached && cache.gem5Quirks())) {
                if (walk.isOfNoUse()) {
                    failed(walk, WalkFault.PERMISSION);
                    return;
                }
                secondStage(walk, stage.state.output(), walk.access, Purpose.FINAL);
                return;
            }
        }
        fills.leaf(walk);
    }

    /** The active stage's leaf is kept, or is not to be. */
    void leafKept(Walk walk) {
        if (ipas == null || walk.active == walk.first || !walk.refill) {
            stageDone(walk);
        } else {
            ipas.keep(walk);
        }
    }

    /** The active stage has its result, and has kept what it keeps. */
    void stageDone(Walk walk) {
        if (walk.active == walk.first) {
            done(walk);
        } else if (!walk.holdsTables()) {
            failed(walk, WalkFault.PERMISSION);
        } else if (walk.purpose == Purpose.TABLE) {
            tableTranslated(walk);
        } else if (walk.purpose == Purpose.UPDATE) {
            entryUpdates.allowed(walk);
        } else if (walk.purpose == Purpose.FINAL && walk.nested()) {
            fills.firstLeaf(walk);
        } else {
            done(walk);
        }
    }

    // ---- end

    /** The translation is through. */
    void done(Walk walk) {
        walk.answer();
        walk.client.onEvent(walk.op, walk.arg);
    }

    void failed(Walk walk, WalkFault fault) {
        statistics.faults.increment();
        walk.fail(fault);
        walk.client.onEvent(walk.op, walk.arg);
    }
}

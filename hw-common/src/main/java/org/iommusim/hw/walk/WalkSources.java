package org.iommusim.hw.walk;

import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.check.Source;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.check.StaleUseChecker;
import org.iommusim.hw.check.Trail;
import org.iommusim.hw.walk.Walk.Purpose;
import org.jspecify.annotations.Nullable;

/** The walk engine's notes for the stale-use checker; without a checker all of it does nothing. */
final class WalkSources {
    private final @Nullable StaleUseChecker checker;
    private final @Nullable CachedSources cached;
    private final @Nullable CachedSources ipas;

    WalkSources(@Nullable StaleUseChecker checker, WalkCache cache, @Nullable IpaCache ipaCache) {
        this.checker = checker;
        cached = checker == null ? null : checker.cache(cache.entries());
        ipas = checker == null || ipaCache == null ? null : checker.cache(ipaCache.entries());
    }

    /** A stage begins. */
    void stage(Walk walk) {
        Trail trail = walk.trail;
        if (trail == null) {
            return;
        }
        if (walk.active == walk.first) {
            walk.firstFrom = trail.size();
        } else {
            walk.secondFrom = trail.size();
        }
    }

    /** An entry was read and taken; before the walk goes on from it. */
    void taken(Walk walk, boolean leaf) {
        Trail trail = walk.trail;
        if (trail == null || checker == null) {
            return;
        }
        StageWalk stage = walk.active;
        long cover = leaf ? (1L << stage.state.pageShift) - 1 : 0;
        long input = stage.state.input;
        trail.read(
                new Source(kind(walk), leaf, stage.physical, stage.word, checker.now(), input & ~cover, input | cover));
    }

    /** An entry was read and is why the walk fails: an owner that remembers failures remembers why. */
    void refused(Walk walk) {
        Trail trail = walk.trail;
        if (trail != null && checker != null) {
            StageWalk stage = walk.active;
            long page = stage.state.input & -1L << 12;
            trail.read(new Source(kind(walk), true, stage.physical, stage.word, checker.now(), page, page | 0xfff));
        }
    }

    private static SourceKind kind(Walk walk) {
        if (walk.active == walk.first) {
            return SourceKind.STAGE1;
        }
        return walk.purpose == Purpose.STRUCTURE ? SourceKind.CONTEXT_ADDRESS : SourceKind.STAGE2;
    }

    /** Stage 1 has its leaf; what follows is stage 2's. */
    void firstLeaf(Walk walk) {
        Trail trail = walk.trail;
        if (trail != null) {
            walk.firstEnd = trail.size();
        }
    }

    /** A cached entry is used. */
    void use(Walk walk, int entry) {
        Trail trail = walk.trail;
        if (trail != null && cached != null) {
            cached.useStage(entry, trail);
        }
    }

    /** A cached result of stage 2 is used. */
    void useIpa(Walk walk, int entry) {
        Trail trail = walk.trail;
        if (trail != null && ipas != null) {
            ipas.useStage(entry, trail);
        }
    }

    /** A result of stage 2 was kept. */
    void keptIpa(Walk walk, int entry) {
        Trail trail = walk.trail;
        if (trail != null && ipas != null) {
            ipas.fillStage(entry, trail, walk.secondFrom, trail.size(), false, false);
        }
    }

    /** An entry of the active stage was kept. */
    void kept(Walk walk, StageWalk stage, int entry, boolean pointer) {
        Trail trail = walk.trail;
        if (trail == null || cached == null) {
            return;
        }
        boolean first = stage == walk.first;
        int from = first ? walk.firstFrom : walk.secondFrom;
        int to = first && !pointer ? walk.firstEnd : trail.size();
        if (first && !pointer) {
            trail.everywhere(stage.state.global);
        }
        cached.fillStage(entry, trail, from, to, first, pointer);
    }
}

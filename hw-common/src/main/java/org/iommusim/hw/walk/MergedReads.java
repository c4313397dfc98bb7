package org.iommusim.hw.walk;

import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.stats.Counter;
import org.jspecify.annotations.Nullable;

/**
 * Walks that need the same table entry at the same time: the first one reads it, and the others get what it got, in the same
 * moment. Nobody gets a word that was looked at before it asked.
 */
final class MergedReads {
    private final Scheduler scheduler;
    private final EventHandler engine;
    private final int op;
    private final Counter merged;
    /** Walks whose read is under way; linked, because there are few. */
    private @Nullable Walk reading;

    private boolean on;

    /** The engine is told with {@code op} that a read in which a walk has joined is there. */
    MergedReads(Scheduler scheduler, EventHandler engine, int op, Counter merged) {
        this.scheduler = scheduler;
        this.engine = engine;
        this.op = op;
        this.merged = merged;
    }

    void enable() {
        on = true;
    }

    /** True if another walk is reading the entry that this one needs: it will be told. Otherwise it has to read. */
    boolean joins(Walk walk) {
        if (!on) {
            return false;
        }
        long address = walk.active.physical;
        for (Walk other = reading; other != null; other = other.readingNext) {
            if (other.active.physical == address) {
                walk.readNext = other.readNext;
                other.readNext = walk;
                merged.increment();
                return true;
            }
        }
        walk.readingNext = reading;
        reading = walk;
        return false;
    }

    /** A walk's own read is there; those who have joined get the same answer. */
    void arrived(Walk walk, boolean reached, long word) {
        if (!on) {
            return;
        }
        unlink(walk);
        Walk follower = inOrder(walk.readNext);
        walk.readNext = null;
        while (follower != null) {
            Walk next = follower.readNext;
            follower.readNext = null;
            follower.reached = reached;
            follower.active.word = word;
            scheduler.after(follower.lane, 0, engine, op, follower.id);
            follower = next;
        }
    }

    private void unlink(Walk walk) {
        Walk before = null;
        for (Walk other = reading; other != walk; other = other.readingNext) {
            if (other == null) {
                throw new IllegalStateException("walk " + walk.id + " was not reading");
            }
            before = other;
        }
        if (before == null) {
            reading = walk.readingNext;
        } else {
            before.readingNext = walk.readingNext;
        }
        walk.readingNext = null;
    }

    /** The last to join is the first in its list. */
    private static @Nullable Walk inOrder(@Nullable Walk last) {
        Walk done = null;
        Walk rest = last;
        while (rest != null) {
            Walk next = rest.readNext;
            rest.readNext = done;
            done = rest;
            rest = next;
        }
        return done;
    }
}

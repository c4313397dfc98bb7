package org.iommusim.hw.check;

import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.world.Timing;
import org.jspecify.annotations.Nullable;

/** An invalidation that ended something. */
final class Issued {
    final String command;

    @Timing
    final long time;

    /** What said that it is complete; {@code null} until then. */
    private @Nullable String completedBy;

    @Timing
    private long completedAt;

    boolean reported;

    Issued(String command, long time) {
        this.command = command;
        this.time = time;
    }

    void complete(String by, long at) {
        completedBy = by;
        completedAt = at;
    }

    boolean isComplete() {
        return completedBy != null;
    }

    /** What said that it is complete, and when. */
    String completion() {
        return completedBy + " at " + Picoseconds.text(completedAt);
    }
}

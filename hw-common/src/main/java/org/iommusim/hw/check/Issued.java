package org.iommusim.hw.check;

import org.jspecify.annotations.Nullable;

/** An invalidation that ended something. */
final class Issued {
    /** How many invalidations were issued before it. */
    final long number;

    final String command;
    final long time;
    /** What said that it is complete; {@code null} until then. */
    @Nullable
    String completion;

    boolean reported;

    Issued(long number, String command, long time) {
        this.number = number;
        this.command = command;
        this.time = time;
    }
}

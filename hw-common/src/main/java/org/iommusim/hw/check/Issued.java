package org.iommusim.hw.check;

import org.jspecify.annotations.Nullable;

/** An invalidation that ended something. */
final class Issued {
    final String command;
    final long time;
    /** What said that it is complete; {@code null} until then. */
    @Nullable
    String completion;

    boolean reported;

    Issued(String command, long time) {
        this.command = command;
        this.time = time;
    }
}

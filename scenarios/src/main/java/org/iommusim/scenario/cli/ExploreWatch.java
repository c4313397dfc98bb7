package org.iommusim.scenario.cli;

import java.util.Locale;
import org.iommusim.sim.explore.ExploreProgress;

/** Shows a person how an exploration goes, ends it at its time or when it is interrupted, and asks for checkpoints. */
final class ExploreWatch implements ExploreProgress {
    private static final long BETWEEN_NS = 500_000_000L;
    private static final long CHECKPOINT_NS = 60_000_000_000L;

    private final Console console;
    private final Interruption interruption;
    private final long start = System.nanoTime();
    private final long deadline;
    private volatile long nextCheckpoint = start + CHECKPOINT_NS;
    private long next = start + BETWEEN_NS;
    private boolean shown;
    private volatile boolean timeIsUp;

    /**
     * Starts to watch.
     *
     * @param nanoseconds how long the exploration may take; {@link Long#MAX_VALUE}: any time
     */
    ExploreWatch(Console console, Interruption interruption, long nanoseconds) {
        this.console = console;
        this.interruption = interruption;
        deadline = nanoseconds;
    }

    @Override
    public void update(String level, long schedules, long states, double fraction) {
        long now = System.nanoTime();
        if (!console.terminal() || now < next) {
            return;
        }
        next = now + BETWEEN_NS;
        shown = true;
        double seconds = Math.max(1, now - start) / 1e9;
        long counted = states == 0 ? schedules : states;
        String line = String.format(
                Locale.ROOT,
                "%s: %,d schedules%s, %,.0f %s/s%s ...",
                level,
                schedules,
                states == 0 ? "" : String.format(Locale.ROOT, ", %,d states", states),
                counted / seconds,
                states == 0 ? "schedules" : "states",
                Double.isNaN(fraction) ? "" : String.format(Locale.ROOT, ", %.0f %%", 100 * fraction));
        console.err().print("\r\u001b[K" + line);
        console.err().flush();
    }

    @Override
    public boolean cancelled() {
        if (System.nanoTime() - start > deadline) {
            timeIsUp = true;
        }
        return timeIsUp || interruption.asked();
    }

    @Override
    public boolean wantsCheckpoint() {
        return System.nanoTime() > nextCheckpoint;
    }

    @Override
    public void saved() {
        nextCheckpoint = System.nanoTime() + CHECKPOINT_NS;
    }

    /** True if it was ended at its time. */
    boolean timeIsUp() {
        return timeIsUp;
    }

    /** Removes what was shown. */
    void end() {
        if (shown) {
            console.err().print("\r\u001b[K");
            console.err().flush();
        }
    }

    /** How long it has taken, s. */
    double seconds() {
        return Math.max(1, System.nanoTime() - start) / 1e9;
    }
}

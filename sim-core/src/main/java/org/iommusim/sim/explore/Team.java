package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one search. The caller's thread is the first worker and calls the others; whatever one of them throws ends
 * the search and comes out of {@link #join}.
 */
final class Team {
    private final Runnable end;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** Makes a team without threads; {@code end} makes all workers come to an end, and may be called by any of them. */
    Team(Runnable end) {
        this.end = end;
    }

    /** Starts a worker on a thread of its own. */
    void call(Runnable work) {
        Thread thread = new Thread(() -> run(work), "explore-" + (threads.size() + 1));
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** True if others have been called. */
    boolean called() {
        return !threads.isEmpty();
    }

    /** Works on the caller's thread. */
    void run(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
            end.run();
        }
    }

    /** True if somebody has thrown something. */
    boolean failed() {
        return failure.get() != null;
    }

    /** Waits for all others, whatever happens, and throws what any of them has thrown. */
    void join() {
        threads.forEach(Team::join);
        Throwable thrown = failure.get();
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw (RuntimeException) thrown;
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

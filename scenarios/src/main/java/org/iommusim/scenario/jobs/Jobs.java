package org.iommusim.scenario.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;

/** Does independent pieces of work on several threads, each piece on one, and takes the results in order. */
public final class Jobs {
    private Jobs() {}

    /**
     * Does all of the work; an exception of the first piece in order that has one ends it and is thrown.
     *
     * @param threads how many; no result depends on it
     * @param work the pieces
     * @param each what is done with a piece, on any thread
     * @param results gets the results in the order of the work, each as soon as it and all before it are there, on the
     *     calling thread
     */
    public static <T, R> void inOrder(int threads, List<T> work, Function<T, R> each, Consumer<R> results) {
        ExecutorService workers = Executors.newFixedThreadPool(threads, Jobs::worker);
        try {
            List<Future<R>> running = new ArrayList<>();
            for (T piece : work) {
                running.add(workers.submit(() -> each.apply(piece)));
            }
            for (Future<R> one : running) {
                results.accept(await(one));
            }
        } finally {
            workers.shutdownNow();
        }
    }

    /** A daemon: it does not keep a command alive that has failed. */
    private static Thread worker(Runnable work) {
        Thread thread = new Thread(work, "job");
        thread.setDaemon(true);
        return thread;
    }

    private static <R> R await(Future<R> one) {
        try {
            return one.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException bad) {
                throw bad;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}

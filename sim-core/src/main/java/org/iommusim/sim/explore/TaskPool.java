package org.iommusim.sim.explore;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Work that workers hand to each other. A search is over when all of them wait and there is none. */
final class TaskPool {
    private final ArrayDeque<SearchTask> tasks;
    private int workers;
    private int waiting;
    private boolean closed;
    private volatile boolean hungry;

    TaskPool(Collection<SearchTask> tasks) {
        this.tasks = new ArrayDeque<>(tasks);
    }

    /** One more worker will take tasks. */
    synchronized void addWorker() {
        workers++;
    }

    /** True if somebody waits for work. */
    boolean hungry() {
        return hungry;
    }

    /** Hands over work. */
    synchronized void give(SearchTask task) {
        tasks.add(task);
        hungry = waiting > tasks.size();
        notifyAll();
    }

    /** Takes work, and waits for it; null once there is and will be none. An interrupt does not end the wait. */
    @Nullable
    SearchTask take() {
        boolean interrupted = false;
        synchronized (this) {
            waiting++;
            hungry = waiting > tasks.size();
            while (tasks.isEmpty() && waiting < workers && !closed) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return closed || tasks.isEmpty() ? leave() : next();
        }
    }

    private SearchTask next() {
        waiting--;
        SearchTask task = tasks.remove();
        hungry = waiting > tasks.size();
        return task;
    }

    private @Nullable SearchTask leave() {
        close();
        return null;
    }

    /** Lets everybody go who waits. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** What nobody took. */
    synchronized List<SearchTask> rest() {
        return List.copyOf(tasks);
    }
}

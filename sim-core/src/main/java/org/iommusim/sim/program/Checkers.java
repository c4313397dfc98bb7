package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.Position;
import org.jspecify.annotations.Nullable;

/**
 * Who watches the tasks of a simulation. Every kind of news goes only to those who want that kind, so that nobody pays for
 * what nobody hears. Also knows all tasks, which one is running, and so where everybody stands.
 */
public final class Checkers {
    private final List<Checker> attached = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<StepWatcher> steps = new ArrayList<>();
    private final List<LockWatcher> locks = new ArrayList<>();
    private final List<SleepWatcher> sleeps = new ArrayList<>();
    private final List<TaskWatcher> ends = new ArrayList<>();
    private final List<EndWatcher> finals = new ArrayList<>();
    private final TreeMap<String, List<?>> listening = new TreeMap<>();
    private @Nullable HeldLocks held;
    /** Whose event runs; means nothing between two events. */
    private @Nullable Task running;

    /** Attaches a checker: from now on it hears of whatever it has a watcher interface for. */
    public void attach(Checker checker) {
        attached.add(checker);
        listening.clear();
        watch(checker);
    }

    /** Attaches a watcher that is no checker. */
    public void watch(Object watcher) {
        if (watcher instanceof StepWatcher step && step != StepWatcher.NONE) {
            steps.add(step);
        }
        if (watcher instanceof LockWatcher lock) {
            locks.add(lock);
        }
        if (watcher instanceof SleepWatcher sleep) {
            sleeps.add(sleep);
        }
        if (watcher instanceof TaskWatcher task) {
            ends.add(task);
        }
        if (watcher instanceof EndWatcher end) {
            finals.add(end);
        }
    }

    /** The attached checkers in the order in which they came. */
    public List<Checker> attached() {
        return Collections.unmodifiableList(attached);
    }

    /**
     * Tells those attached checkers that have a watcher interface which only the caller knows; without such a checker
     * nothing happens. What they read is not the running step's.
     */
    public <W> void tell(Class<W> kind, Consumer<W> news) {
        List<W> told = attached.isEmpty() ? List.of() : listening(kind);
        if (told.isEmpty()) {
            return;
        }
        looking(true);
        for (int i = 0; i < told.size(); i++) {
            news.accept(told.get(i));
        }
        looking(false);
    }

    /** True if {@link #tell} would tell anybody: for those who must not make news that nobody wants. */
    public boolean anybodyHears(Class<?> kind) {
        return !attached.isEmpty() && !listening(kind).isEmpty();
    }

    @SuppressWarnings("unchecked") // each list holds what its key says
    private <W> List<W> listening(Class<W> kind) {
        return (List<W>) listening.computeIfAbsent(
                kind.getName(),
                name -> attached.stream()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .toList());
    }

    /** Which locks each task holds; who asks for it makes somebody keep count from now on. */
    public HeldLocks heldLocks() {
        HeldLocks present = held;
        if (present == null) {
            present = new HeldLocks();
            held = present;
            // Before whoever asks: they look at it when they are told.
            locks.add(0, present);
        }
        return present;
    }

    /** All tasks in the order in which they were made. */
    public List<Task> tasks() {
        return Collections.unmodifiableList(tasks);
    }

    /** The task whose event runs, or {@code null} if it is not a task's. */
    public @Nullable Task running() {
        return running;
    }

    /** The running task where it stands, as one who gives memory back. */
    public FreedBy freedBy() {
        Task task = running;
        return task == null ? new FreedBy("hardware", "", "") : new FreedBy(task.name(), task.program(), task.step());
    }

    /** Where the busy tasks stand, the running one first. */
    public List<Position> scene() {
        List<Position> scene = new ArrayList<>();
        Task first = running;
        if (first != null && !first.idle()) {
            scene.add(position(first));
        }
        for (Task task : tasks) {
            if (task != first && !task.idle()) {
                scene.add(position(task));
            }
        }
        return scene;
    }

    /** Where a busy task stands. */
    public Position position(Task task) {
        String waitsFor = task.waitingFor();
        List<String> holds = held == null ? List.of() : held.names(task);
        return new Position(task.name(), task.programs(), task.step(), holds, waitsFor == null ? "" : waitsFor);
    }

    /** Nothing can happen any more: checkers judge the end. */
    public void atEnd() {
        for (int i = 0; i < finals.size(); i++) {
            finals.get(i).atEnd();
        }
    }

    // ---- what tasks tell --------------------------------------------------------------------------------------------

    void made(Task task) {
        tasks.add(task);
    }

    void running(@Nullable Task task) {
        running = task;
    }

    void begin(Task task, Program<?> program, String step, Footprint declared) {
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).begin(task, program, step, declared);
        }
    }

    void end() {
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).end();
        }
    }

    private void looking(boolean now) {
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).looking(now);
        }
    }

    void wants(Task task, Lock lock, Lock.Mode mode, String step) {
        for (int i = 0; i < locks.size(); i++) {
            locks.get(i).wants(task, lock, mode, step);
        }
    }

    void blocked(Task task, Lock lock, Lock.Mode mode) {
        for (int i = 0; i < locks.size(); i++) {
            locks.get(i).blocked(task, lock, mode);
        }
    }

    void taken(Task task, Lock lock, Lock.Mode mode) {
        for (int i = 0; i < locks.size(); i++) {
            locks.get(i).taken(task, lock, mode);
        }
    }

    void released(Task task, Lock lock, Lock.Mode mode) {
        for (int i = 0; i < locks.size(); i++) {
            locks.get(i).released(task, lock, mode);
        }
    }

    void sleeps(Task task, WaitQueue queue, String step) {
        for (int i = 0; i < sleeps.size(); i++) {
            sleeps.get(i).sleeps(task, queue, step);
        }
    }

    void passedOver(Task sleeper, WaitQueue queue) {
        for (int i = 0; i < sleeps.size(); i++) {
            sleeps.get(i).passedOver(sleeper, queue);
        }
    }

    void wokeUp(Task task, WaitQueue queue) {
        for (int i = 0; i < sleeps.size(); i++) {
            sleeps.get(i).wokeUp(task, queue);
        }
    }

    void timedOut(Task task, WaitQueue queue, String step, boolean holds) {
        for (int i = 0; i < sleeps.size(); i++) {
            sleeps.get(i).timedOut(task, queue, step, holds);
        }
    }

    void ended(Task task, int answer) {
        for (int i = 0; i < ends.size(); i++) {
            ends.get(i).ended(task, answer);
        }
    }
}

package org.iommusim.sim.program;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * Which locks each task holds, readers included. A lock's own word knows its writer only, and a task's list of undos forgets
 * a lock that is kept beyond its program.
 */
public final class HeldLocks implements LockWatcher {
    /** The variable of what tasks hold. */
    public static final Variable HELD = Variable.named("check.held-locks");

    private final TreeMap<Long, RefCell<Held>> byTask = new TreeMap<>();

    HeldLocks() {}

    @Override
    public void taken(Task task, Lock lock, Lock.Mode mode) {
        RefCell<Held> cell = cell(task);
        cell.set(new Held(lock, mode, cell.get()));
    }

    @Override
    public void released(Task task, Lock lock, Lock.Mode mode) {
        RefCell<Held> cell = cell(task);
        cell.set(Held.without(cell.get(), lock));
    }

    /** True if a task holds this lock. */
    public boolean holds(Task task, Lock lock) {
        for (Held held = newest(task); held != null; held = held.next) {
            if (held.lock == lock) {
                return true;
            }
        }
        return false;
    }

    /** What a task holds, the newest first; {@code null}: nothing. */
    public @Nullable Held newest(Task task) {
        return cell(task).get();
    }

    /** Names of what a task holds, the oldest first. */
    List<String> names(Task task) {
        List<String> names = new ArrayList<>();
        for (Held held = newest(task); held != null; held = held.next) {
            names.add(0, held.lock.name());
        }
        return names;
    }

    private RefCell<Held> cell(Task task) {
        RefCell<Held> cell = byTask.get(task.stableId());
        if (cell == null) {
            cell = new RefCell<>(task.world(), HELD, task.stableId());
            byTask.put(task.stableId(), cell);
        }
        return cell;
    }

    /**
     * An immutable list of held locks, the newest first.
     *
     * @param lock a lock
     * @param mode how it is held
     * @param next the lock that was taken before it, or {@code null}
     */
    public record Held(Lock lock, Lock.Mode mode, @Nullable Held next) implements Identified {
        static @Nullable Held without(@Nullable Held list, Lock lock) {
            if (list == null) {
                return null;
            }
            return list.lock == lock ? list.next : new Held(list.lock, list.mode, without(list.next, lock));
        }

        @Override
        public long stableId() {
            return lock.stableId() * 31 + mode.ordinal() + (next == null ? 1 : next.stableId() * 131);
        }
    }
}

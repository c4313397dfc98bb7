package org.iommusim.sim.program;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A lock of the simulated kernel. One class serves three kinds, which differ in who may share it and who may sleep:
 *
 * <ul>
 *   <li>{@link Kind#MUTEX}: one owner, waiters sleep in FIFO order, the owner may sleep;
 *   <li>{@link Kind#SPIN}: one owner, which must not sleep (a step that waits while it holds one is an error);
 *   <li>{@link Kind#RW_SEMAPHORE}: many readers or one writer, FIFO between them, owners may sleep.
 * </ul>
 *
 * <p>Releasing a lock for which nobody waits is one step: one write of the lock's word. So is releasing a spinlock. If
 * somebody waits for a sleeping lock, it is two: the hand-over, and the releaser's last touch of the lock's memory to wake the
 * waiter, when the next owner may already run, and free it ({@code __mutex_unlock_slowpath} of kernel/locking/mutex.c).
 */
public final class Lock implements Identified {
    /** The variable under which all lock words are recorded. */
    public static final Variable LOCK_WORD = Variable.named("lock");

    /** Only for messages: tells no states apart. */
    private static final Variable FREED_BY = Variable.unhashed("check.freed-by");

    /** The kinds of locks. */
    public enum Kind {
        /** A sleeping mutex. */
        MUTEX,
        /** A spinlock section. */
        SPIN,
        /** A reader-writer semaphore. */
        RW_SEMAPHORE
    }

    /** How a task wants a lock. */
    public enum Mode {
        /** Shared with other readers; only for {@link Kind#RW_SEMAPHORE}. */
        READ,
        /** Alone. */
        WRITE
    }

    private final String name;
    private final String lockClass;
    private final Kind kind;
    private final long id;
    private final RefCell<Task> writer;
    private final IntCell readers;
    private final RefCell<Waiting> queue;
    private final IntCell freed;
    private final RefCell<FreedBy> freedBy;

    /** Makes a free lock, named as the kernel names it; the last word is its class, what is before says whose it is. */
    public Lock(World world, String name, Kind kind) {
        this.name = name;
        lockClass = name.substring(name.lastIndexOf(' ') + 1);
        this.kind = kind;
        id = world.nextInstance();
        writer = new RefCell<>(world, LOCK_WORD, id);
        readers = new IntCell(world, LOCK_WORD, id + (1L << 40), 0);
        queue = new RefCell<>(world, LOCK_WORD, id + (2L << 40));
        freed = new IntCell(world, LOCK_WORD, id + (3L << 40), 0);
        freedBy = new RefCell<>(world, FREED_BY, id);
    }

    /** The lock's name. */
    public String name() {
        return name;
    }

    /** What all locks of this use are called, e.g. {@code igroup->lock}: lock orders are between classes. */
    public String lockClass() {
        return lockClass;
    }

    /** The lock's kind. */
    public Kind kind() {
        return kind;
    }

    /** The memory that it is part of was given back: any later use is a use after free, and reported. */
    public void free(FreedBy by) {
        freed.set(1);
        freedBy.set(by);
    }

    /** Who gave its memory back, or {@code null}. */
    @Nullable
    FreedBy freedBy() {
        return freedBy.get();
    }

    /** True after {@link #free}. */
    boolean freed() {
        return freed.get() != 0;
    }

    /** True if somebody holds it. */
    public boolean held() {
        return writer.get() != null || readers.get() > 0;
    }

    /** Who holds it alone, or {@code null}. */
    public @Nullable Task owner() {
        return writer.get();
    }

    /** True if {@code task} holds it alone. */
    public boolean heldBy(Task task) {
        return writer.get() == task;
    }

    /**
     * Takes the lock if it is free for this mode and nobody waits; otherwise queues the task.
     *
     * @return true if taken now
     */
    boolean acquire(Task task, Mode mode) {
        if (mode == Mode.READ && kind != Kind.RW_SEMAPHORE) {
            throw new IllegalStateException(name + " cannot be shared");
        }
        if (writer.get() == task) {
            throw new IllegalStateException(task + " takes " + name + " again: it would wait for itself");
        }
        if (queue.get() == null && free(mode)) {
            grant(task, mode);
            return true;
        }
        queue.set(Waiting.append(queue.get(), task, mode));
        return false;
    }

    private boolean free(Mode mode) {
        return writer.get() == null && (mode == Mode.READ || readers.get() == 0);
    }

    private void grant(Task task, Mode mode) {
        if (mode == Mode.WRITE) {
            writer.set(task);
        } else {
            readers.add(1);
        }
    }

    /**
     * First half of the release: gives the lock up and hands it to whoever is next; each new owner is resumed.
     *
     * @return true if the releaser will touch the lock once more
     */
    boolean handOver(Task task, Mode mode) {
        if (mode == Mode.WRITE) {
            if (writer.get() != task) {
                throw new IllegalStateException(task + " releases " + name + " which it does not hold");
            }
            writer.set(null);
        } else {
            readers.add(-1);
        }
        Waiting first = queue.get();
        boolean touchedAgain = first != null && kind != Kind.SPIN;
        while (first != null && free(first.mode)) {
            grant(first.task, first.mode);
            queue.set(first.next);
            first.task.resume(kind == Kind.SPIN ? HostCost.ATOMIC : HostCost.LOCK_HANDOVER, this, first.mode);
            first = queue.get();
        }
        return touchedAgain;
    }

    /** Second half of the release, if somebody waited: the last touch of the lock's memory. */
    void lastTouch() {
        readers.get();
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return name;
    }

    /** An immutable FIFO of waiting tasks; short, so that appending may copy. */
    private record Waiting(Task task, Mode mode, @Nullable Waiting next) implements Identified {
        static Waiting append(@Nullable Waiting list, Task task, Mode mode) {
            return list == null
                    ? new Waiting(task, mode, null)
                    : new Waiting(list.task, list.mode, append(list.next, task, mode));
        }

        @Override
        public long stableId() {
            return task.stableId() * 31 + mode.ordinal() + (next == null ? 0 : next.stableId() * 131);
        }
    }
}

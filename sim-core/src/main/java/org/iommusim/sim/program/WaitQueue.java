package org.iommusim.sim.program;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A wait queue of the simulated kernel, or the place where a poll of a device register waits for a change. A woken task
 * tests its condition again and may go back to sleep.
 */
public final class WaitQueue {
    /** The variable under which the sleepers are recorded. */
    public static final Variable SLEEPERS = Variable.named("waitqueue");

    /** Whom a wake reaches; as the kernel's task states. */
    public enum Sleep {
        /** An interruptible sleeper: every wake reaches it. */
        INTERRUPTIBLE,
        /** An uninterruptible sleeper: only a wake of all modes reaches it. */
        UNINTERRUPTIBLE
    }

    private final String name;
    private final boolean outside;
    private final boolean polled;
    private final RefCell<Sleeper> sleepers;

    /** Makes a queue without sleepers. */
    public WaitQueue(World world, String name) {
        this(world, name, false, false);
    }

    private WaitQueue(World world, String name, boolean outside, boolean polled) {
        this.name = name;
        this.outside = outside;
        this.polled = polled;
        sleepers = new RefCell<>(world, SLEEPERS, world.nextInstance());
    }

    /** A queue whose sleepers wait for somebody who owes them nothing: a user's page, a user's next command. */
    public static WaitQueue outside(World world, String name) {
        return new WaitQueue(world, name, true, false);
    }

    /** A place where nobody sleeps: whoever waits here reads a register or a word over and over until it changes. */
    public static WaitQueue polled(World world, String name) {
        return new WaitQueue(world, name, false, true);
    }

    /** True if waiting here is no sleep, so that it may be done with a spinlock held; see {@link #polled(World, String)}. */
    public boolean polled() {
        return polled;
    }

    /** True if it is nobody's fault when a sleeper is never woken; see {@link #outside(World, String)}. */
    public boolean outside() {
        return outside;
    }

    /** The queue's name. */
    public String name() {
        return name;
    }

    /** Wakes every sleeper whatever its mode. */
    public void wakeAll() {
        wake(true);
    }

    /** Wakes the interruptible sleepers only (the kernel's {@code wake_up_interruptible_all}). */
    public void wakeInterruptible() {
        wake(false);
    }

    private void wake(boolean uninterruptibleToo) {
        for (Sleeper s = sleepers.get(); s != null; s = s.next) {
            if (uninterruptibleToo || s.mode == Sleep.INTERRUPTIBLE) {
                s.task.wake();
            } else {
                s.task.passedOver(this);
            }
        }
    }

    void add(Task task, Sleep mode) {
        sleepers.set(Sleeper.append(sleepers.get(), task, mode));
    }

    void remove(Task task) {
        sleepers.set(Sleeper.without(sleepers.get(), task));
    }

    @Override
    public String toString() {
        return name;
    }

    private record Sleeper(Task task, Sleep mode, @Nullable Sleeper next) implements Identified {
        static Sleeper append(@Nullable Sleeper list, Task task, Sleep mode) {
            return list == null
                    ? new Sleeper(task, mode, null)
                    : new Sleeper(list.task, list.mode, append(list.next, task, mode));
        }

        static @Nullable Sleeper without(@Nullable Sleeper list, Task task) {
            if (list == null) {
                return null;
            }
            return list.task == task ? list.next : new Sleeper(list.task, list.mode, without(list.next, task));
        }

        @Override
        public long stableId() {
            return task.stableId() * 31 + mode.ordinal() + 7 + (next == null ? 0 : next.stableId() * 131);
        }
    }
}

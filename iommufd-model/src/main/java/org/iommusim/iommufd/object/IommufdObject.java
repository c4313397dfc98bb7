package org.iommusim.iommufd.object;

import java.util.List;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.FreedBy;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * An object of an iommufd context ({@code struct iommufd_object}, iommufd_private.h). It has two counts:
 *
 * <ul>
 *   <li>{@code users}: who depends on it, 1 for the object array; only an object with exactly 1 can be destroyed;
 *   <li>{@code wait_cnt}: who uses it for the length of a call, 1 for the object itself; destroying waits for the others.
 * </ul>
 */
public abstract class IommufdObject implements Identified {
    /** The variable of all {@code users} counts. */
    public static final Variable USERS = Variable.named("iommufd.object.users");
    /** The variable of all {@code wait_cnt} counts. */
    public static final Variable WAIT_CNT = Variable.named("iommufd.object.wait_cnt");
    /** The variable of all ids, and of whether the memory was freed. */
    public static final Variable LIFE = Variable.named("iommufd.object.life");

    private final IommufdCtx ctx;
    private final ObjectType type;
    private final long instance;
    private final IntCell id;
    private final IntCell users;
    private final IntCell waitCnt;
    private final Freed freed;

    /** Zeroed memory for an object; it has no id yet. */
    protected IommufdObject(IommufdCtx ctx, ObjectType type) {
        this.ctx = ctx;
        this.type = type;
        World world = ctx.kernel().world();
        instance = world.nextInstance();
        id = new IntCell(world, LIFE, instance, 0);
        users = new IntCell(world, USERS, instance, 1);
        waitCnt = new IntCell(world, WAIT_CNT, instance, 1);
        freed = new Freed(ctx.kernel(), LIFE, instance + (1L << 40));
    }

    // ---- the operations of its type (iommufd_object_ops) ----------------------------------------------------------

    /** {@code destroy}: gives back what the object holds; nobody can find it any more. {@code null}: nothing to do. */
    public abstract @Nullable Call<?> destroy();

    /** {@code abort}: the same for an object that was never published, with the caller's locks held. */
    public @Nullable Call<?> abort() {
        return destroy();
    }

    /**
     * {@code __fput_sync} of the object's own file, if it has one: an object that is aborted was never reachable by it. At
     * once, because a deferred release would touch the object after it was freed. {@code null}: no file.
     */
    public @Nullable Call<?> abortFile() {
        return null;
    }

    /** {@code pre_destroy}: makes those let go who hold temporary references for long. {@code null}: there are none. */
    public @Nullable Call<?> preDestroy() {
        return null;
    }

    /** A removal by its driver failed: the driver's reference is gone, and nobody will ever try again. */
    protected void abandoned() {}

    /** What it contains that no other object tells, a line for each thing. */
    public List<String> contents() {
        return List.of();
    }

    /** What it hangs on, in words. */
    public abstract String detail();

    /** Tells which references this object holds on others, and which the kernel outside of iommufd holds on it. */
    public abstract void holds(ReferenceSink sink);

    // ---- state ------------------------------------------------------------------------------------------------------

    /** The context that it belongs to. */
    public final IommufdCtx ctx() {
        return ctx;
    }

    /** Its type. */
    public final ObjectType type() {
        return type;
    }

    /** Its id; kept when the object is gone. */
    public final int id() {
        return id.get();
    }

    final void id(int newId) {
        id.set(newId);
    }

    /** The present {@code users}. */
    public final int users() {
        return users.get();
    }

    /** The present {@code wait_cnt}. */
    public final int waitCnt() {
        return waitCnt.get();
    }

    /** True when its memory was given back. */
    public final boolean freed() {
        return freed.is();
    }

    /** {@code kfree}. */
    final void free() {
        touch("kfree");
        freed.set();
        users.set(0);
        waitCnt.set(0);
        FreedBy by = ctx.kernel().simulation().checkers().freedBy();
        locks().forEach(lock -> lock.free(by));
    }

    /** The locks that are part of its memory. */
    protected List<Lock> locks() {
        return List.of();
    }

    /** Reports a use of freed memory; called wherever the kernel would touch the object. */
    public final void touch(String how) {
        freed.touch(how, this);
    }

    // ---- users ------------------------------------------------------------------------------------------------------

    /** {@code refcount_inc(&users)}: somebody who holds a reference already takes another one. */
    public final void usersInc(String why) {
        increment(users, "users", why, 1);
    }

    /** {@code refcount_add(n, &users)}. */
    public final void usersAdd(int n, String why) {
        increment(users, "users", why, n);
    }

    /** {@code refcount_dec(&users)}: not the last one. */
    public final void usersDec(String why) {
        touch(why);
        if (users.add(-1) <= 0) {
            ctx.kernel().warn(why, "refcount_t: decrement of users of " + this + " hit 0");
        }
    }

    /** {@code refcount_inc_not_zero(&users)}. */
    public final boolean usersIncNotZero() {
        touch("get");
        if (users.get() == 0) {
            return false;
        }
        users.add(1);
        return true;
    }

    /** {@code refcount_dec_if_one(&users)}. */
    final boolean usersDecIfOne() {
        touch("remove");
        if (users.get() != 1) {
            return false;
        }
        users.set(0);
        return true;
    }

    // ---- wait_cnt ---------------------------------------------------------------------------------------------------

    /** {@code refcount_inc_not_zero(&wait_cnt)}. */
    final boolean waitIncNotZero() {
        if (waitCnt.get() == 0) {
            return false;
        }
        waitCnt.add(1);
        return true;
    }

    /** {@code refcount_dec_and_test(&wait_cnt)}. */
    final boolean waitDecAndTest(String why) {
        touch(why);
        return waitCnt.add(-1) == 0;
    }

    /** {@code refcount_inc(&wait_cnt)} after a timeout; from 0 it is a warning and the count sticks. */
    final void waitInc(String why) {
        increment(waitCnt, "wait_cnt", why, 1);
    }

    /** {@code refcount_set(&wait_cnt, 1)}: the reference of the object array comes back. */
    final void waitRestore() {
        waitCnt.set(1);
    }

    private void increment(IntCell count, String name, String why, int n) {
        touch(why);
        if (count.get() == 0) {
            ctx.kernel().warn(why, "refcount_t: addition on 0 to " + name + " of " + this);
        }
        count.add(n);
    }

    @Override
    public final long stableId() {
        return instance;
    }

    @Override
    public final String toString() {
        return ctx.name() + " " + type + " " + id.get();
    }
}

package org.iommusim.iommufd.object;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.policy.ObjectRules;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The object array of a context ({@code ictx->objects}) with its {@code xa_lock}. Every method is one section under that
 * spinlock, so call each inside of one step. An entry is free, reserved (the XArray's zero entry, which ordinary look-ups
 * do not see), or an object. A tombstone is a reserved entry that nobody will ever fill.
 */
public final class ObjectArray {
    /** The variable of all entries. */
    public static final Variable OBJECTS = Variable.named("iommufd.ctx.objects");

    private static final int FIRST_CAPACITY = 64;

    private final IommufdCtx ctx;
    private final RefArrayCell<Identified> entries;

    ObjectArray(IommufdCtx ctx) {
        this.ctx = ctx;
        entries = new RefArrayCell<>(ctx.kernel().world(), OBJECTS, ctx.stableId(), FIRST_CAPACITY);
    }

    /** The zero entry. */
    private enum Zero implements Identified {
        ENTRY;

        @Override
        public long stableId() {
            return -1;
        }
    }

    /** {@code xa_alloc}: reserves the lowest free id, from 1, for an object. */
    public void reserve(IommufdObject object) {
        int id = 1;
        while (id < entries.length() && entries.get(id) != null) {
            id++;
        }
        if (id == entries.length()) {
            entries.grow(2 * id);
        }
        entries.set(id, Zero.ENTRY);
        object.id(id);
        tell(object, "reserved");
    }

    /** {@code iommufd_object_finalize}: publishes an object at its reserved id; nothing may fail afterwards. */
    public void finalizeObject(IommufdObject object) {
        if (rules().finalizeRule().warns(reserved(object.id()), load(object.id()) != null)) {
            ctx.kernel().warn("iommufd_object_finalize", "the entry of " + object + " is not the reserved one");
        }
        entries.set(object.id(), object);
        ctx.kernel().tell(ObjectWatcher.class, watcher -> watcher.published(object));
        tell(object, "created");
    }

    /**
     * {@code iommufd_object_abort}: gives the reserved id back and frees the object. Only an object that nobody else
     * references is freed; otherwise that is a bug and the memory stays.
     */
    public void abort(IommufdObject object) {
        if (rules().abortRule().warns(reserved(object.id()), load(object.id()) != null)) {
            ctx.kernel().warn("iommufd_object_abort", "the entry of " + object + " is not the reserved one");
        }
        entries.set(object.id(), null);
        tell(object, "aborted");
        if (rules().abortRule().checksUsers() && object.users() != 1) {
            ctx.kernel().warn("iommufd_object_abort", object + " has " + object.users() + " users");
            return;
        }
        object.free();
    }

    /**
     * {@code iommufd_get_object}: the live object of this id and type with a reference on both counts, or {@code null}.
     */
    public @Nullable IommufdObject get(int id, ObjectType type) {
        IommufdObject object = load(id);
        if (object == null || type != ObjectType.ANY && object.type() != type || !lock(object)) {
            return null;
        }
        return object;
    }

    /** {@code iommufd_lock_obj} under the {@code xa_lock}: a reference on both counts; false if the object is on its way out. */
    public static boolean lock(IommufdObject object) {
        return lockUsers(object) && lockWait(object);
    }

    /** {@code xa_empty}: no object, no reserved id and no tombstone. */
    public boolean isEmpty() {
        for (int id = 1; id < entries.length(); id++) {
            if (entries.get(id) != null) {
                return false;
            }
        }
        return true;
    }

    /**
     * First half of {@code iommufd_lock_obj} on an object that the caller found in a list. Not under the {@code xa_lock}: the
     * object may be on its way out, and anything may happen before {@link #lockWait}.
     */
    public static boolean lockUsers(IommufdObject object) {
        return object.usersIncNotZero();
    }

    /** Second half of {@code iommufd_lock_obj}; if it fails the first half is taken back. */
    public static boolean lockWait(IommufdObject object) {
        if (object.waitIncNotZero()) {
            return true;
        }
        // A remover has taken wait_cnt to zero and will look at users next; it must not see ours.
        object.usersDec("iommufd_lock_obj");
        return false;
    }

    /** {@code iommufd_object_try_inc_users}: one more user if the entry still holds this very object. */
    public boolean tryIncUsers(IommufdObject object) {
        object.touch("iommufd_object_try_inc_users");
        return load(object.id()) == object && object.usersIncNotZero();
    }

    /**
     * The critical section of {@code iommufd_object_remove}: finds the entry, drops the caller's reference, takes the last
     * user, and unlinks.
     *
     * @return 0 and {@link Unlinked#object}, or ENOENT, EBUSY
     */
    int unlink(int id, @Nullable IommufdObject toDestroy, boolean tombstone, boolean zerodWaitCnt, Unlinked result) {
        Identified entry = id > 0 && id < entries.length() ? entries.get(id) : null;
        IommufdObject object = entry instanceof IommufdObject live ? live : null;
        int error = check(object, toDestroy);
        if (object == null) {
            return error;
        }
        if (error != 0) {
            if (zerodWaitCnt) {
                object.waitRestore();
            }
            if (toDestroy == null) {
                ctx.kernel().tell(ObjectWatcher.class, watcher -> watcher.busy(object));
            } else if (toDestroy == object) {
                object.abandoned();
            }
            return error;
        }
        result.object(object);
        Removal how = tombstone ? Removal.TOMBSTONE : toDestroy == null ? Removal.BY_ID : Removal.BY_KERNEL;
        ctx.kernel().tell(ObjectWatcher.class, watcher -> watcher.unlinked(object, how));
        entries.set(id, tombstone ? Zero.ENTRY : null);
        if (ctx.vfioIoas().get() == object) {
            ctx.vfioIoas().set(null);
        }
        return 0;
    }

    /** Where {@link #unlink} leaves what it took out. */
    interface Unlinked {
        void object(@Nullable IommufdObject object);
    }

    private int check(@Nullable IommufdObject object, @Nullable IommufdObject toDestroy) {
        if (toDestroy != null) {
            if (object == null) {
                ctx.kernel()
                        .warn(
                                "iommufd_object_remove",
                                "nothing at the id of " + toDestroy + ": a null pointer follows");
                return Errno.ENOENT;
            }
            object.usersDec("iommufd_object_remove");
            if (object != toDestroy) {
                ctx.kernel().warn("iommufd_object_remove", "found " + object + " instead of " + toDestroy);
                return Errno.ENOENT;
            }
        } else if (object == null) {
            return Errno.ENOENT;
        }
        return object.usersDecIfOne() ? 0 : Errno.EBUSY;
    }

    private ObjectRules rules() {
        return ctx.kernel().policy().objects();
    }

    /** {@code xa_erase} of an object that goes with its context. */
    void erase(int id, IommufdObject object) {
        ctx.kernel().tell(ObjectWatcher.class, watcher -> watcher.unlinked(object, Removal.RELEASE));
        entries.set(id, null);
    }

    /** {@code xa_load}: the live object, or {@code null}. */
    public @Nullable IommufdObject load(int id) {
        return id > 0 && id < entries.length() && entries.get(id) instanceof IommufdObject live ? live : null;
    }

    /** True if the id is reserved: an object in the making, or a tombstone. */
    public boolean reserved(int id) {
        return id > 0 && id < entries.length() && entries.get(id) == Zero.ENTRY;
    }

    /** Ids below this have been looked at. */
    int capacity() {
        return entries.length();
    }

    /** All live objects by rising id. */
    public List<IommufdObject> live() {
        List<IommufdObject> live = new ArrayList<>();
        for (int id = 1; id < entries.length(); id++) {
            IommufdObject object = load(id);
            if (object != null) {
                live.add(object);
            }
        }
        return live;
    }

    /** All reserved ids, rising. */
    public List<Integer> reservedIds() {
        List<Integer> ids = new ArrayList<>();
        for (int id = 1; id < entries.length(); id++) {
            if (reserved(id)) {
                ids.add(id);
            }
        }
        return ids;
    }

    void tell(IommufdObject object, String change) {
        KernelListener listener = ctx.kernel().listener();
        if (listener.listens()) {
            listener.objectChanged(ctx.name(), object.type(), object.id(), change, object.detail());
        }
    }
}

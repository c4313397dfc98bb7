package org.iommusim.iommufd.object;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * The primitives of main.c as programs. Taking a reference ({@link ObjectArray#get}) is one section under the {@code
 * xa_lock} and so a step of its caller; giving it back is {@link #put}.
 */
public final class ObjectPrograms {
    /** What a look-up touches. */
    public static final Footprint GET =
            Footprint.of(ObjectArray.OBJECTS, IommufdObject.USERS, IommufdObject.WAIT_CNT, IommufdObject.LIFE);
    /** What reserving, publishing or giving back an id touches. */
    public static final Footprint ENTRY =
            Footprint.of(ObjectArray.OBJECTS, IommufdObject.USERS, IommufdObject.WAIT_CNT, IommufdObject.LIFE);
    /** What a change of {@code users} touches. */
    public static final Footprint USERS = Footprint.of(IommufdObject.USERS, IommufdObject.LIFE);

    private static final Footprint WAIT = Footprint.of(IommufdObject.WAIT_CNT, IommufdObject.LIFE);

    static final Program<ObjectFrame> PUT = Program.<ObjectFrame>named("iommufd_put_object")
            // users first: whoever waits for wait_cnt must find users as this caller leaves it.
            .step("users--", USERS, f -> f.object().usersDec("iommufd_put_object"))
            .step("wait_cnt--", WAIT, f -> f.zero(f.object().waitDecAndTest("iommufd_put_object")))
            // A remover may see wait_cnt 0, go on and free the object before this wake-up: it touches the context only.
            .when(
                    "wait_cnt became 0",
                    ObjectFrame::isZero,
                    b -> b.step("wake destroy_wait", Footprint.LOCAL, f -> wake(f.ctx)))
            .build();

    static final Program<ObjectFrame> ABORT = Program.<ObjectFrame>named("iommufd_object_abort_and_destroy")
            .invoke("__fput_sync", f -> f.object().abortFile())
            .invoke("abort", f -> f.object().abort())
            .step("iommufd_object_abort", ENTRY, f -> f.ctx.objects().abort(f.object()))
            .build();

    private ObjectPrograms() {}

    /** {@code iommufd_put_object}: three steps, and anything may happen between them. */
    public static Call<?> put(IommufdObject object) {
        return new Call<>(PUT, new ObjectFrame(object));
    }

    /** Wakes whom this kernel's {@code wake_up_interruptible_all(&ictx->destroy_wait)} reaches. */
    public static void wake(IommufdCtx ctx) {
        if (ctx.kernel().policy().objects().wakeReachesWaiter()) {
            ctx.destroyWait().wakeAll();
        } else {
            ctx.destroyWait().wakeInterruptible();
        }
    }

    /** {@code iommufd_object_abort_and_destroy}: takes back an object that was never published. */
    public static Call<?> abortAndDestroy(IommufdObject object) {
        return new Call<>(ABORT, new ObjectFrame(object));
    }

    /** {@code IOMMU_DESTROY}: answers ENOENT, EBUSY. */
    public static Call<?> destroy(IommufdCtx ctx, int id) {
        return RemoveProgram.call(new RemoveProgram(ctx, null, id, false, false, false));
    }

    /**
     * {@code iommufd_object_destroy_user}: the kernel destroys an object on which it holds one users reference, and waits
     * for everybody else. Must not fail: a failure is a warning, and the object is left to the context's release.
     */
    public static Call<?> destroyUser(IommufdObject object) {
        return RemoveProgram.call(new RemoveProgram(object.ctx(), object, object.id(), true, false, true));
    }

    /** {@link #destroyUser} in two parts. */
    public static SplitRemoval removal(IommufdObject object) {
        return RemoveProgram.split(new RemoveProgram(object.ctx(), object, object.id(), true, false, true));
    }

    /** {@code iommufd_object_tombstone_user}: as {@link #destroyUser}, and the id is never given out again. */
    public static Call<?> tombstoneUser(IommufdObject object) {
        return RemoveProgram.call(new RemoveProgram(object.ctx(), object, object.id(), true, true, true));
    }

    /**
     * {@code iommufd_object_put_and_try_destroy}: drops a users reference and destroys the object if it was the last one.
     * The answer does not matter: EBUSY means that others still use it.
     */
    public static Call<?> putAndTryDestroy(IommufdObject object) {
        return RemoveProgram.call(new RemoveProgram(object.ctx(), object, object.id(), false, false, false));
    }

    /** {@code iommufd_fops_release}: frees everything that is left, leaves first. Nobody else can reach the context. */
    public static Call<?> release(IommufdCtx ctx) {
        return ReleaseProgram.call(ctx);
    }

    /** Charges {@code HostCost.ALLOCATE}; reserves the id: the memory of the object exists already. */
    public static final HostCost ALLOCATE = HostCost.ALLOCATE;

    /** As a step's body: looks up, answers {@code errno} if there is none, or if a test wants it, else hands the object to {@code found}. */
    public static <T extends IommufdObject> int getInto(
            IommufdCtx ctx, long id, ObjectType type, Class<T> as, org.iommusim.sim.world.RefCell<T> found, int errno) {
        int injected = ctx.kernel().faults().errno("iommufd_get_object", type.name(), errno);
        if (injected != 0) {
            return injected;
        }
        @Nullable
        IommufdObject object = id > 0 && id <= Integer.MAX_VALUE ? ctx.objects().get((int) id, type) : null;
        if (object == null) {
            return errno;
        }
        found.set(as.cast(object));
        return 0;
    }
}

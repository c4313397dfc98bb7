package org.iommusim.iommufd.object;

import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code iommufd_object_remove} and {@code iommufd_object_dec_wait} of main.c, with the frame that both share. */
final class RemoveProgram extends Frame {
    private static final Footprint WAIT = Footprint.of(IommufdObject.WAIT_CNT, IommufdObject.LIFE);

    /**
     * Drops the object's own temporary reference and waits until those of others are gone. EBUSY after 60 s (destroyWaitPs
     * of the policy).
     */
    static final Program<RemoveProgram> DEC_WAIT = Program.<RemoveProgram>named("iommufd_object_dec_wait")
            .step("wait_cnt--", WAIT, f -> f.zero.set(f.subject().waitDecAndTest("iommufd_object_dec_wait") ? 1 : 0))
            .when(
                    "others hold it",
                    f -> f.zero.get() == 0,
                    b -> b
                            // An ioctl may still be inside; those that stay longer than a call are made to let go.
                            .invoke("pre_destroy", f -> f.subject().preDestroy())
                            // Woken by the put that takes wait_cnt to 0, if the kernel's wake-up reaches this sleeper
                            // at all.
                            .await(
                                    "wait until wait_cnt is 0",
                                    WAIT,
                                    f -> f.ctx.destroyWait(),
                                    WaitQueue.Sleep.UNINTERRUPTIBLE,
                                    f -> f.subject().waitCnt() == 0,
                                    f -> f.ctx.kernel().policy().objects().destroyWaitPs(),
                                    f -> {
                                        f.timedOut.set(1);
                                        return 0;
                                    })
                            .when(
                                    "timed out",
                                    f -> f.timedOut.get() != 0,
                                    c -> c
                                            // A put may have come between the timeout and this: then the count grows
                                            // from 0.
                                            .step("wait_cnt++", WAIT, RemoveProgram::tooLong)
                                            .finish("gives up", f -> Errno.EBUSY)))
            .build();

    private static final String NAME = "iommufd_object_remove";
    static final Program<RemoveProgram> REMOVE = program(NAME, b -> {
        unlink(b);
        destroy(b);
    });
    private static final Program<RemoveProgram> UNTIL_UNLINKED = program(NAME, RemoveProgram::unlink);
    private static final Program<RemoveProgram> REST = program(NAME + " goes on", RemoveProgram::destroy);

    private static Program<RemoveProgram> program(String name, Consumer<Program.Builder<RemoveProgram>> steps) {
        Program.Builder<RemoveProgram> b = Program.named(name);
        steps.accept(b);
        return b.build();
    }

    private static void unlink(Program.Builder<RemoveProgram> program) {
        program.when(
                        "REMOVE_WAIT",
                        f -> f.wait,
                        b -> b.invokeForAnswer(
                                        "iommufd_object_dec_wait",
                                        f -> new Call<>(DEC_WAIT, f),
                                        (f, e) -> f.error.set(e))
                                .when("a bug: somebody never lets go", f -> f.error.get() != 0, RemoveProgram::giveUp))
                // Look-ups serialize with this by the xa_lock: afterwards nobody can find the object.
                .attempt(
                        "xa_lock: find, drop the caller's user, users 1 to 0, unlink",
                        HostCost.ATOMIC,
                        ObjectPrograms.GET.and(IommufdCtx.VFIO_IOAS),
                        f -> f.warned(f.ctx.objects().unlink(f.id, f.toDestroy, f.tombstone, f.wait, f.object::set)));
    }

    /** The caller's reference goes; the object stays until the context is released. */
    private static void giveUp(Program.Builder<RemoveProgram> program) {
        program.step("users--", ObjectPrograms.USERS, f -> {
                    f.subject().usersDec(NAME);
                    f.subject().abandoned();
                })
                .finish("fails", f -> f.warned(f.error.get()));
    }

    private static void destroy(Program.Builder<RemoveProgram> program) {
        program.when(
                        "not REMOVE_WAIT",
                        f -> !f.wait,
                        b -> b
                                // users is 0, so a positive wait_cnt is a put between its two decrements.
                                .invokeForAnswer(
                                        "iommufd_object_dec_wait again",
                                        f -> new Call<>(DEC_WAIT, f),
                                        (f, e) -> f.error.set(e))
                                .when("stuck", f -> f.error.get() != 0, c -> c.finish("leaks", RemoveProgram::leaked)))
                .invoke("destroy", f -> f.subject().destroy())
                .step("kfree", ObjectPrograms.GET, RemoveProgram::kfree);
    }

    private final IommufdCtx ctx;
    private final @Nullable IommufdObject toDestroy;
    private final int id;
    private final boolean wait;
    private final boolean tombstone;
    private final boolean warnOnError;
    private final RefCell<IommufdObject> object = ref();
    private final IntCell zero = count();
    private final IntCell timedOut = count();
    private final IntCell error = count();

    RemoveProgram(
            IommufdCtx ctx,
            @Nullable IommufdObject toDestroy,
            int id,
            boolean wait,
            boolean tombstone,
            boolean warnOnError) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        this.toDestroy = toDestroy;
        this.id = id;
        this.wait = wait;
        this.tombstone = tombstone;
        this.warnOnError = warnOnError;
        object.set(toDestroy);
    }

    static Call<?> call(RemoveProgram frame) {
        return new Call<>(REMOVE, frame);
    }

    static SplitRemoval split(RemoveProgram frame) {
        return new SplitRemoval(new Call<>(UNTIL_UNLINKED, frame), new Call<>(REST, frame));
    }

    private IommufdObject subject() {
        return object.require();
    }

    private void tooLong() {
        ctx.kernel().listener().objectChanged(ctx.name(), subject().type(), id, "timeout", "somebody uses it too long");
        subject().waitInc("iommufd_object_dec_wait");
    }

    /** True in an IOMMU_DESTROY: the caller has an id and no reference. */
    boolean byId() {
        return toDestroy == null;
    }

    /** Takes a reference for the time of the call, if the object is there. */
    void takeUser() {
        IommufdObject found = ctx.objects().load(id);
        if (found != null && found.usersIncNotZero()) {
            object.set(found);
        }
    }

    /** Puts the reference of {@link #takeUser}. */
    void putUser() {
        IommufdObject taken = object.get();
        if (taken != null) {
            object.set(null);
            taken.usersDec(NAME);
        }
    }

    /** {@code WARN_ON(ret)} of the callers that must not fail. */
    private int warned(int errno) {
        if (errno != 0 && warnOnError && toDestroy != null) {
            ctx.kernel().warn("iommufd_object_remove", toDestroy + " cannot be destroyed: " + Errno.name(errno));
            ctx.kernel().tell(ObjectWatcher.class, watcher -> watcher.failed(toDestroy, errno));
        }
        return errno;
    }

    private int leaked() {
        ctx.kernel().warn(NAME, subject() + " is unlinked and never freed");
        return error.get();
    }

    private void kfree() {
        IommufdObject gone = subject();
        gone.free();
        ctx.objects().tell(gone, tombstone ? "tombstone" : "destroyed");
    }
}

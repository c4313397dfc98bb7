package org.iommusim.iommufd.object;

import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.variant.Knob;

/** Pages of user memory that are not there when the kernel copies: user space may serve its page faults itself. */
public final class UserPages {
    /** A copy that meets a missing page never ends. */
    public static final Knob WITHHELD =
            Knob.flag("user-pages.withheld", "a copy to user memory that meets a missing page never ends");

    private UserPages() {}

    /**
     * Adds the place where a copy sleeps for a missing page.
     *
     * @param of makes the steps' names unique, e.g. {@code " of the data"}
     * @param ps how long; 0: the page is there
     * @param ctx whose caller it is
     */
    public static <F> Program.Builder<F> fault(
            Program.Builder<F> program, String of, ToLongFunction<F> ps, Function<F, IommufdCtx> ctx) {
        return program.spend("user page fault" + of, f -> sleep(ps.applyAsLong(f), ctx.apply(f)))
                .when(
                        "the page is withheld" + of,
                        f -> ps.applyAsLong(f) != 0 && withheld(ctx.apply(f)),
                        b -> b.await(
                                "wait for the page" + of,
                                Footprint.LOCAL,
                                f -> ctx.apply(f).userPages(),
                                WaitQueue.Sleep.UNINTERRUPTIBLE,
                                f -> false));
    }

    private static long sleep(long ps, IommufdCtx ctx) {
        if (ps != 0) {
            ctx.kernel().tell(ObjectWatcher.class, watcher -> watcher.sleepsForUserPage(ctx));
        }
        return ps;
    }

    private static boolean withheld(IommufdCtx ctx) {
        return ctx.kernel().simulation().knobs().on(WITHHELD);
    }
}

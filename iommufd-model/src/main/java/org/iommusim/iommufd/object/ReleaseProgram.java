package org.iommusim.iommufd.object;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_fops_release} of main.c: passes over the objects that destroy whatever nobody uses, until none is left. */
final class ReleaseProgram extends Frame {
    static final Program<ReleaseProgram> RELEASE = Program.<ReleaseProgram>named("iommufd_fops_release")
            .loop(
                    "until empty",
                    f -> f.goOn.get() != 0,
                    b -> b.step("begin a pass", Footprint.LOCAL, ReleaseProgram::begin)
                            .loop(
                                    "each object",
                                    f -> f.index.get() > 0,
                                    c -> c.step("next: users 1 to 0, erase", ObjectPrograms.GET, ReleaseProgram::next)
                                            .when(
                                                    "nobody uses it",
                                                    f -> f.object.get() != null,
                                                    d -> d.invoke(
                                                                    "destroy",
                                                                    f -> f.object
                                                                            .require()
                                                                            .destroy())
                                                            .step("kfree", ObjectPrograms.GET, ReleaseProgram::kfree)))
                            .step("end a pass", Footprint.LOCAL, ReleaseProgram::end))
            .step("free the context", Footprint.of(IommufdCtx.GROUPS, IommufdCtx.FILE), ReleaseProgram::finish)
            .build();

    private final IommufdCtx ctx;
    private final IntCell goOn = count();
    private final IntCell index = count();
    private final IntCell empty = count();
    private final IntCell destroyed = count();
    private final RefCell<IommufdObject> object = ref();

    private ReleaseProgram(IommufdCtx ctx) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        goOn.set(1);
    }

    static Call<?> call(IommufdCtx ctx) {
        return new Call<>(RELEASE, new ReleaseProgram(ctx));
    }

    private void begin() {
        index.set(1);
        empty.set(1);
        destroyed.set(0);
    }

    /** Skips reserved entries: they are tombstones here. */
    private void next() {
        object.set(null);
        for (int i = index.get(); i < ctx.objects().capacity(); i++) {
            IommufdObject candidate = ctx.objects().load(i);
            if (candidate != null) {
                index.set(i + 1);
                empty.set(0);
                if (candidate.usersDecIfOne()) {
                    destroyed.add(1);
                    ctx.objects().erase(i, candidate);
                    object.set(candidate);
                }
                return;
            }
        }
        index.set(0);
    }

    private void kfree() {
        IommufdObject gone = object.require();
        gone.free();
        ctx.objects().tell(gone, "destroyed");
    }

    private void end() {
        if (empty.get() != 0) {
            goOn.set(0);
        } else if (destroyed.get() == 0) {
            ctx.kernel()
                    .warn(
                            "iommufd_fops_release",
                            "objects are left that hold each other: "
                                    + ctx.objects().live());
            goOn.set(0);
        }
    }

    private void finish() {
        if (!ctx.groups().isEmpty()) {
            ctx.kernel().warn("iommufd_fops_release", "groups are left");
        }
        ctx.setReleased();
    }
}

package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectArray;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptSettings;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_OPTION (main.c, ioas.c). EOPNOTSUPP (reserved, unknown option), then
 *
 * <ul>
 *   <li>RLIMIT_MODE: EOPNOTSUPP (an object); to set it EPERM (no CAP_SYS_RESOURCE), EBUSY (an id is in use, or was a
 *       tombstone's), EINVAL (value); EOPNOTSUPP (operation);
 *   <li>HUGE_PAGES: ENOENT (IOAS); to set it EINVAL (value), those of {@link IoptSettings#largePages}; EOPNOTSUPP (operation).
 * </ul>
 *
 * Last EFAULT of the answer.
 */
public final class IommuOption extends IoctlFrame {
    private static final String NAME = "IOMMU_OPTION";
    private static final int RLIMIT_MODE = 0;
    private static final int HUGE_PAGES = 1;
    private static final int SET = 0;
    private static final int GET = 1;
    private static final Footprint MODE = Footprint.of(ObjectArray.OBJECTS, IommufdCtx.ACCOUNT_MODE);

    private static final Program<IommuOption> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();
    private final LongCell value = num();

    private IommuOption(Ucmd ucmd) {
        super(ucmd);
        value.set(ucmd.u64("val64"));
    }

    private static Program<IommuOption> program() {
        Program.Builder<IommuOption> b = Program.named(NAME);
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        b.check("option_id", f -> f.option() == RLIMIT_MODE || f.option() == HUGE_PAGES, Errno.EOPNOTSUPP);
        b.either("RLIMIT_MODE", f -> f.option() == RLIMIT_MODE, IommuOption::rlimitMode, IommuOption::hugePages);
        return respond(b, NAME).build();
    }

    private static void rlimitMode(Program.Builder<IommuOption> b) {
        b.check("no object", f -> f.ucmd.u32("object_id") == 0, Errno.EOPNOTSUPP);
        b.check("op of RLIMIT_MODE", f -> f.op() == SET || f.op() == GET, Errno.EOPNOTSUPP);
        b.either(
                "get RLIMIT_MODE",
                f -> f.op() == GET,
                c -> c.step("load account_mode", MODE, f -> f.value.set(f.ctx.accountByMm() ? 1 : 0)),
                c -> c.check(
                                "CAP_SYS_RESOURCE",
                                Footprint.of(Process.LOCKED_VM),
                                f -> f.ucmd.process().capable(),
                                Errno.EPERM)
                        .attempt("set account_mode", HostCost.ATOMIC, MODE, IommuOption::setMode));
    }

    private static void hugePages(Program.Builder<IommuOption> b) {
        get(b, "ioas", f -> f.ucmd.id("object_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.check("op of HUGE_PAGES", f -> f.op() == SET || f.op() == GET, Errno.EOPNOTSUPP);
        b.either(
                "get HUGE_PAGES",
                f -> f.op() == GET,
                c -> c.step(
                        "load disable_large_pages",
                        Footprint.of(IoPagetable.ALIGNMENT),
                        f -> f.value.set(f.ioas.require().iopt().largePagesDisabled() ? 0 : 1)),
                c -> c.check("value", f -> f.value.get() == 0 || f.value.get() == 1, Errno.EINVAL)
                        .invoke(
                                "iopt_large_pages",
                                f -> IoptSettings.largePages(f.ioas.require().iopt(), f.value.get() == 1)));
    }

    /** The ioctl's handler with its frame. */
    static Call<IommuOption> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IommuOption(ucmd));
    }

    private int option() {
        return ucmd.u32("option_id");
    }

    private int op() {
        return ucmd.u32("op");
    }

    /** One section under xa_lock: nobody may have mapped anything under the old mode. */
    private int setMode() {
        if (!ctx.objects().isEmpty()) {
            return Errno.EBUSY;
        }
        if (value.get() != 0 && value.get() != 1) {
            return Errno.EINVAL;
        }
        ctx.accountByMm(value.get() == 1);
        return 0;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("val64", value.get());
    }
}

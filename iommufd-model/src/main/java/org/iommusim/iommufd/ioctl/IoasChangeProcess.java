package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectArray;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptCharge;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_IOAS_CHANGE_PROCESS (ioas.c): the caller takes over what the maps of the context count for. Errors in this order:
 * EOPNOTSUPP (reserved), EINVAL (a map that is not of a file), ENOMEM (more than the caller may lock).
 */
public final class IoasChangeProcess extends IoctlFrame {
    private static final Program<IoasChangeProcess> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();
    private final CellList<Ioas> held;

    private IoasChangeProcess(Ucmd ucmd) {
        super(ucmd);
        held = new CellList<>(world(), FRAME);
    }

    private static Program<IoasChangeProcess> program() {
        Program.Builder<IoasChangeProcess> b = Program.named("IOMMU_IOAS_CHANGE_PROCESS");
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        b.lock("ioas_creation_lock", f -> f.ctx.ioasCreationLock());
        b.step("first ioas", ObjectPrograms.GET, IoasChangeProcess::next);
        b.loop(
                "each ioas",
                f -> f.ioas.get() != null,
                c -> c.take(
                                "xa_store ioas_list",
                                Footprint.LOCAL,
                                f -> {
                                    f.held.add(f.ioas.require());
                                    return 0;
                                },
                                Undo.always("users--", ObjectPrograms.USERS, IoasChangeProcess::letGo))
                        .lock("iova_rwsem", f -> f.ioas.require().iopt().iovaRwsem())
                        .step("next ioas", ObjectPrograms.GET, IoasChangeProcess::next));
        b.attempt("charge_current, change_mm", HostCost.ATOMIC, IoptCharge.CHANGE, IoasChangeProcess::charge);
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasChangeProcess> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasChangeProcess(ucmd));
    }

    /** The IOAS with the next id that is not on its way out, with one more user. */
    private void next() {
        int after =
                held.isEmpty() ? 0 : held.items().get(held.items().size() - 1).id();
        ioas.set(null);
        for (IommufdObject object : ctx.objects().live()) {
            if (object.id() > after && object instanceof Ioas found && ObjectArray.lockUsers(found)) {
                ioas.set(found);
                return;
            }
        }
    }

    private void letGo() {
        Ioas last = held.items().get(held.items().size() - 1);
        held.remove(last);
        last.usersDec("iommufd_release_all_iova_rwsem");
    }

    private int charge() {
        return IoptCharge.change(held.items().stream().map(Ioas::iopt).toList(), ucmd.process());
    }
}

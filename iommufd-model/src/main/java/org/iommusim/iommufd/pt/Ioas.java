package org.iommusim.iommufd.pt;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;

/** An I/O address space ({@code struct iommufd_ioas} with its {@code struct io_pagetable}). */
public final class Ioas extends IommufdObject {
    /** The variable of all {@code hwpt_list}s. */
    public static final Variable HWPT_LIST = Variable.named("iommufd.ioas.hwpt_list");

    private static final Program<Destroy> DESTROY = Program.<Destroy>named("iommufd_ioas_destroy")
            .invoke("iopt_unmap_all", f -> IoptUnmap.all(f.ioas.iopt, f.bytes))
            .invoke("iopt_destroy_table", f -> IoptReserve.remove(f.ioas.iopt, null))
            .build();

    private final Lock mutex;
    private final IoPagetable iopt;
    private final CellList<HwptPaging> hwptList;

    /** Memory for an empty address space. */
    public Ioas(IommufdCtx ctx) {
        super(ctx, ObjectType.IOAS);
        var world = ctx.kernel().world();
        mutex = new Lock(world, "ioas->mutex", Lock.Kind.MUTEX);
        iopt = new IoPagetable(ctx.kernel(), stableId());
        hwptList = new CellList<>(world, HWPT_LIST);
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Destroy(this));
    }

    @Override
    public String detail() {
        return "";
    }

    @Override
    public List<String> contents() {
        return iopt.contents();
    }

    /** Maps hold no object, but the pages that they share count them. */
    @Override
    public void holds(ReferenceSink sink) {
        IoptAudit.of(this, sink);
    }

    @Override
    protected List<Lock> locks() {
        List<Lock> locks = new ArrayList<>(iopt.locks());
        locks.add(mutex);
        return locks;
    }

    /** {@code ioas->mutex}. */
    public Lock mutex() {
        return mutex;
    }

    /** {@code ioas->iopt}: what it maps. */
    public IoPagetable iopt() {
        return iopt;
    }

    /** The paging HWPTs; under {@link #mutex}. */
    public CellList<HwptPaging> hwptList() {
        return hwptList;
    }

    private static final class Destroy extends Frame {
        private final Ioas ioas;
        private final LongCell bytes = num();

        Destroy(Ioas ioas) {
            super(ioas.ctx().kernel().world());
            this.ioas = ioas;
        }
    }
}

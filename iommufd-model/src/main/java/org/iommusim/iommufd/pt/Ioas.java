package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.hw.driver.PagingDomain;
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
    /** The variable of all areas of address spaces. */
    public static final Variable AREAS = Variable.named("iommufd.iopt.areas");
    /** The variable of all sets of domains of address spaces. */
    public static final Variable DOMAINS = Variable.named("iommufd.iopt.domains");
    /** The variable of all {@code hwpt_list}s. */
    public static final Variable HWPT_LIST = Variable.named("iommufd.ioas.hwpt_list");

    private static final Program<Destroy> DESTROY = Program.<Destroy>named("iommufd_ioas_destroy")
            .invoke("iopt_unmap_all", f -> IoptUnmap.all(f.ioas, f.bytes))
            .build();

    private final Lock mutex;
    private final Lock domainsRwsem;
    private final Lock iovaRwsem;
    private final CellList<IoptArea> areas;
    private final CellList<PagingDomain> domains;
    private final CellList<HwptPaging> hwptList;

    /** Memory for an empty address space. */
    public Ioas(IommufdCtx ctx) {
        super(ctx, ObjectType.IOAS);
        var world = ctx.kernel().world();
        mutex = new Lock(world, "ioas->mutex", Lock.Kind.MUTEX);
        domainsRwsem = new Lock(world, "domains_rwsem", Lock.Kind.RW_SEMAPHORE);
        iovaRwsem = new Lock(world, "iova_rwsem", Lock.Kind.RW_SEMAPHORE);
        areas = new CellList<>(world, AREAS);
        domains = new CellList<>(world, DOMAINS);
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

    /** Maps hold nothing in the graph. */
    @Override
    public void holds(ReferenceSink sink) {}

    @Override
    protected List<Lock> locks() {
        return List.of(mutex, domainsRwsem, iovaRwsem);
    }

    /** {@code ioas->mutex}. */
    public Lock mutex() {
        return mutex;
    }

    Lock domainsRwsem() {
        return domainsRwsem;
    }

    Lock iovaRwsem() {
        return iovaRwsem;
    }

    /** The maps by rising address. */
    public List<IoptArea> areas() {
        return areas.items();
    }

    /** The domains that hold the maps. */
    public List<PagingDomain> domains() {
        return domains.items();
    }

    /** The paging HWPTs; under {@link #mutex}. */
    public CellList<HwptPaging> hwptList() {
        return hwptList;
    }

    CellList<PagingDomain> domainSet() {
        return domains;
    }

    void insert(IoptArea area) {
        int index = 0;
        while (index < areas().size() && Long.compareUnsigned(areas().get(index).iova(), area.iova()) < 0) {
            index++;
        }
        areas.add(index, area);
    }

    void erase(IoptArea area) {
        areas.remove(area);
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

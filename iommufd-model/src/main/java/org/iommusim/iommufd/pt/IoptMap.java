package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iopt_map_pages} of io_pagetable.c: gives slices of pages consecutive addresses, and puts them into all domains. */
public final class IoptMap extends Frame {
    private static final Footprint PUT = IoptPages.PIN;
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    /** {@code iopt_abort_area} and {@code iopt_put_pages} for what no area has taken over. */
    private static final Program<IoptMap> FREE_LIST = Program.<IoptMap>named("iopt_free_pages_list")
            .loop(
                    "each slice",
                    f -> f.index.get() < f.slices().size(),
                    b -> b.when(
                                    "it has an area",
                                    f -> f.slice().area().get() != null,
                                    c -> c.lock("iova_rwsem", f -> f.iopt.iovaRwsem())
                                            .step(
                                                    "iopt_abort_area",
                                                    Footprint.of(IoPagetable.AREAS),
                                                    f -> f.iopt.areas()
                                                            .remove(f.slice()
                                                                    .area()
                                                                    .require()))
                                            .undoNow("iova_rwsem"))
                            .when(
                                    "it has its pages",
                                    f -> f.slice().held().get() != null,
                                    c -> c.step(
                                            "iopt_put_pages",
                                            PUT,
                                            f -> f.slice().pages().put()))
                            .step("next slice", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1)))
            .build();

    private static final Program<IoptMap> FILL = Program.<IoptMap>named("iopt_fill_domains_pages")
            .guarded(
                    "fill",
                    b -> b.loop(
                            "each slice",
                            f -> f.index.get() < f.slices().size(),
                            c -> c.invoke(
                                            "iopt_area_fill_domains",
                                            f -> AreaDomains.fill(
                                                    f.iopt, f.area(), f.slice().pages()))
                                    .step("filled", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1))),
                    b -> b.step("back to the first slice", HostCost.FREE, Footprint.LOCAL, IoptMap::turn)
                            .loop(
                                    "each filled slice",
                                    f -> f.index.get() < f.filled.get(),
                                    c -> c.invoke(
                                                    "iopt_area_unfill_domains",
                                                    f -> AreaDomains.unfill(
                                                            f.iopt,
                                                            f.area(),
                                                            f.slice().pages()))
                                            .step("emptied", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1))))
            .build();

    private static final Program<IoptMap> MAP = Program.<IoptMap>named("iopt_map_pages")
            .guarded(
                    "map",
                    b -> b.lock("iova_rwsem", f -> f.iopt.iovaRwsem())
                            // The areas have no pages yet: they keep their place, and an unmap that meets one answers
                            // EBUSY.
                            .attempt("iopt_alloc_area_pages", HostCost.ALLOCATE, IoPagetable.PLACE, IoptMap::place)
                            .undoNow("iova_rwsem")
                            .lockShared("domains_rwsem", f -> f.iopt.domainsRwsem())
                            .invoke("iopt_fill_domains_pages", f -> new Call<>(FILL, f))
                            // Inside domains_rwsem: a domain that comes next finds either no pages, or complete areas.
                            .lock("iova_rwsem again", f -> f.iopt.iovaRwsem())
                            .step("area->pages = pages", Footprint.of(IoptArea.AREA), IoptMap::publish),
                    b -> b.undoNow("iova_rwsem")
                            .undoNow("domains_rwsem")
                            .step("the first slice", HostCost.FREE, Footprint.LOCAL, f -> f.index.set(0))
                            .invoke("iopt_free_pages_list", f -> new Call<>(FREE_LIST, f)))
            .build();

    private final IoPagetable iopt;
    private final RefCell<PagesList> list;
    private final int protection;
    private final boolean fixed;
    private final LongCell iova;
    private final IntCell index = count();
    private final IntCell filled = count();

    private IoptMap(IoPagetable iopt, RefCell<PagesList> list, int protection, boolean fixed, LongCell iova) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.list = list;
        this.protection = protection;
        this.fixed = fixed;
        this.iova = iova;
    }

    /**
     * Maps slices of pages; the list's references are used up, whatever the answer. Errors in this order: EINVAL (length), those
     * of the place ({@link IovaPlan}), per slice EPERM (write of read-only pages) and EINVAL (where it begins in its page),
     * then of the domains: EFAULT, EINVAL, ENOMEM.
     *
     * @param fixed true: at the address in {@code iova}; false: the kernel chooses and leaves the address there
     */
    static Call<?> call(IoPagetable iopt, RefCell<PagesList> list, int protection, boolean fixed, LongCell iova) {
        return new Call<>(MAP, new IoptMap(iopt, list, protection, fixed, iova));
    }

    /** {@code iopt_free_pages_list}: gives up slices that will not be mapped. */
    static Call<?> free(IoPagetable iopt, RefCell<PagesList> list) {
        LongCell nowhere =
                new LongCell(iopt.kernel().world(), FRAME, iopt.kernel().world().nextInstance(), 0);
        return new Call<>(FREE_LIST, new IoptMap(iopt, list, 0, true, nowhere));
    }

    private List<PagesSlice> slices() {
        return list.require().slices();
    }

    private PagesSlice slice() {
        return slices().get(index.get());
    }

    private IoptArea area() {
        return slice().area().require();
    }

    private void turn() {
        filled.set(index.get());
        index.set(0);
    }

    private int place() {
        int injected = iopt.injected("iopt_map_pages", "iopt_alloc_area_pages");
        if (injected != 0) {
            return injected;
        }
        IovaPlan plan = new IovaPlan(iopt, list.require().length());
        if (!plan.lengthFits()) {
            return Errno.EINVAL;
        }
        PagesSlice first = slices().get(0);
        int error = fixed
                ? plan.fixed(iova.get())
                : plan.automatic(first.pages().source().start() + first.startByte());
        if (error != 0) {
            return error;
        }
        iova.set(plan.chosen());
        return insertAreas();
    }

    private int insertAreas() {
        long at = iova.get();
        for (PagesSlice slice : slices()) {
            int error = check(slice);
            if (error != 0) {
                return error;
            }
            IoptArea area = new IoptArea(iopt, at, slice.length(), slice.startByte(), protection);
            slice.area().set(area);
            iopt.areas().insert(area);
            at += slice.length();
        }
        return 0;
    }

    /** {@code iopt_insert_area}. */
    private int check(PagesSlice slice) {
        if ((protection & PagingDomain.PROT_WRITE) != 0 && !slice.pages().writable()) {
            return Errno.EPERM;
        }
        return (slice.startByte() & PAGE - 1 & iopt.iovaAlignment() - 1) != 0 ? Errno.EINVAL : 0;
    }

    /** The areas take the references over. */
    private void publish() {
        for (PagesSlice slice : slices()) {
            slice.area().require().pages(slice.pages());
            slice.held().set(null);
            slice.area().set(null);
        }
    }
}

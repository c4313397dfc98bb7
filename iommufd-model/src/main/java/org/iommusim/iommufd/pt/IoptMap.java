package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iopt_map_user_pages} of io_pagetable.c. */
public final class IoptMap extends Frame {
    private static final Footprint PLACE = Footprint.of(Ioas.AREAS, Ioas.DOMAINS);
    private static final long PAGE = 4096;

    private static final Program<IoptMap> ABORT_AREA = Program.<IoptMap>named("iopt_abort_area")
            .lock("iova_rwsem", f -> f.ioas.iovaRwsem())
            .step("erase area", Footprint.of(Ioas.AREAS), f -> f.ioas.erase(f.area.require()))
            .build();

    private static final Program<IoptMap> MAP = Program.<IoptMap>named("iopt_map_user_pages")
            .check("va + length does not wrap", f -> Long.compareUnsigned(f.va + f.length, f.va) >= 0, Errno.EOVERFLOW)
            .check("length", f -> f.length != 0 && Long.compareUnsigned(f.length, -1L - PAGE) <= 0, Errno.EINVAL)
            .lock("iova_rwsem", f -> f.ioas.iovaRwsem())
            // The area has no pages yet: it keeps its place, and an unmap that meets it answers EBUSY.
            .take(
                    "iopt_alloc_area_pages",
                    HostCost.ALLOCATE,
                    PLACE,
                    IoptMap::place,
                    Undo.onFailureCall("iopt_abort_area", f -> new Call<>(ABORT_AREA, f)))
            .undoNow("iova_rwsem")
            .lockShared("domains_rwsem", f -> f.ioas.domainsRwsem())
            .guarded(
                    "fill domains",
                    b -> b.step(
                                    "count domains",
                                    HostCost.LOCAL,
                                    PLACE,
                                    f -> f.left.set(f.ioas.domains().size()))
                            .loop(
                                    "each domain",
                                    f -> f.done.get() < f.left.get(),
                                    c -> c.invoke(
                                                    "iopt_area_fill_domain",
                                                    f -> AreaFill.fill(
                                                            f.ioas,
                                                            f.area.require(),
                                                            f.ioas.domains().get(f.done.get())))
                                            .step("domain filled", HostCost.FREE, Footprint.LOCAL, f -> f.done.add(1))),
                    b -> b.loop(
                                    "each filled domain",
                                    f -> f.done.get() > 0,
                                    c -> c.invoke(
                                            "iopt_area_unfill_domain",
                                            f -> AreaFill.unfill(
                                                    f.ioas,
                                                    f.area.require(),
                                                    f.ioas.domains().get(f.done.add(-1)))))
                            .invoke(
                                    "iopt_area_unpin",
                                    f -> AreaFill.unpin(
                                            f.ioas,
                                            f.area.require(),
                                            f.ioas.domains().get(0))))
            // Inside domains_rwsem: a domain that comes next finds either no pages, or an area that is complete.
            .lock("iova_rwsem again", f -> f.ioas.iovaRwsem())
            .step(
                    "area->pages = pages",
                    Footprint.of(IoptArea.PAGES),
                    f -> f.area.require().pagesSet(true))
            .build();

    private final Ioas ioas;
    private final Process process;
    private final long va;
    private final long length;
    private final int protection;
    private final boolean fixed;
    private final LongCell iova;
    private final RefCell<IoptArea> area = ref();
    private final IntCell left = count();
    private final IntCell done = count();

    private IoptMap(Ioas ioas, Process process, long va, long length, int protection, boolean fixed, LongCell iova) {
        super(ioas.ctx().kernel().world());
        this.ioas = ioas;
        this.process = process;
        this.va = va;
        this.length = length;
        this.protection = protection;
        this.fixed = fixed;
        this.iova = iova;
    }

    /**
     * Maps memory of a process. Errors in this order: EOVERFLOW, EINVAL (length), then of the place ({@link IovaPlan}),
     * EINVAL (alignment of the address in the process), then of pinning: EFAULT, ENOMEM.
     *
     * @param fixed true: at the address in {@code iova}; false: the kernel chooses and leaves the address there
     */
    public static Call<?> call(
            Ioas ioas, Process process, long va, long length, int protection, boolean fixed, LongCell iova) {
        return new Call<>(MAP, new IoptMap(ioas, process, va, length, protection, fixed, iova));
    }

    private int place() {
        int injected = ioas.ctx().kernel().faults().errno("iopt_map_user_pages", "iopt_alloc_area_pages");
        if (injected != 0) {
            return injected;
        }
        IovaPlan plan = new IovaPlan(ioas, length);
        if (!plan.lengthFits()) {
            return Errno.EINVAL;
        }
        int error = fixed ? plan.fixed(iova.get()) : plan.automatic(va);
        if (error != 0) {
            return error;
        }
        if ((va % PAGE & plan.alignment() - 1) != 0) {
            return Errno.EINVAL;
        }
        iova.set(plan.chosen());
        area.set(new IoptArea(ioas.ctx().kernel().world(), plan.chosen(), length, protection, process, va));
        ioas.insert(area.require());
        return 0;
    }
}

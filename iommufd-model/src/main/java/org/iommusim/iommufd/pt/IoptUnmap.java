package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/** {@code iopt_unmap_iova} and {@code iopt_unmap_all} of io_pagetable.c. */
public final class IoptUnmap extends Frame {
    private static final Footprint FIND = Footprint.of(Ioas.AREAS, IoptArea.PAGES);

    private static final Program<IoptUnmap> UNMAP = Program.<IoptUnmap>named("iopt_unmap_iova")
            // As a reader for as long as an area has no pages: no domain can come or go meanwhile.
            .lockShared("domains_rwsem", f -> f.ioas.domainsRwsem())
            .loop(
                    "each area",
                    f -> f.more.get() != 0,
                    b -> b.lock("iova_rwsem", f -> f.ioas.iovaRwsem())
                            .attempt("next area: area->pages = NULL", HostCost.ATOMIC, FIND, IoptUnmap::next)
                            .undoNow("iova_rwsem")
                            .when(
                                    "found",
                                    f -> f.area.get() != null,
                                    c -> c.step(
                                                    "count domains",
                                                    HostCost.LOCAL,
                                                    Footprint.of(Ioas.DOMAINS),
                                                    IoptUnmap::countDomains)
                                            .loop(
                                                    "each domain",
                                                    f -> f.domain.get() > 0,
                                                    d -> d.invoke(
                                                            "iopt_area_unfill_domain",
                                                            f -> AreaFill.unfill(
                                                                    f.ioas,
                                                                    f.area.require(),
                                                                    f.ioas.domains()
                                                                            .get(f.domain.add(-1)))))
                                            .when(
                                                    "was in domains",
                                                    f -> f.hadDomains.get() != 0,
                                                    d -> d.invoke(
                                                            "iopt_area_unpin",
                                                            f -> AreaFill.unpin(
                                                                    f.ioas,
                                                                    f.area.require(),
                                                                    f.ioas.domains()
                                                                            .get(0))))
                                            .lock("iova_rwsem again", f -> f.ioas.iovaRwsem())
                                            .step(
                                                    "iopt_abort_area: erase",
                                                    Footprint.of(Ioas.AREAS),
                                                    f -> f.ioas.erase(f.area.require()))
                                            .undoNow("iova_rwsem again")))
            .finish("answer", f -> f.all || f.unmapped.get() != 0 ? 0 : Errno.ENOENT)
            .build();

    private final Ioas ioas;
    private final boolean all;
    private final long first;
    private final long last;
    private final LongCell unmapped;
    private final RefCell<IoptArea> area = ref();
    private final IntCell more = count();
    private final IntCell domain = count();
    private final IntCell hadDomains = count();

    private IoptUnmap(Ioas ioas, boolean all, long first, long last, LongCell unmapped) {
        super(ioas.ctx().kernel().world());
        this.ioas = ioas;
        this.all = all;
        this.first = first;
        this.last = last;
        this.unmapped = unmapped;
        more.set(1);
    }

    /**
     * Unmaps everything; nothing to unmap is no error.
     *
     * @param unmapped gets the bytes unmapped
     */
    public static Call<?> all(Ioas ioas, LongCell unmapped) {
        return new Call<>(UNMAP, new IoptUnmap(ioas, true, 0, -1L, unmapped));
    }

    /**
     * Unmaps the areas inside a range by rising address; what came before an error stays unmapped. Errors: ENOENT (an area
     * is only partly covered, or nothing is there), EBUSY (a map or unmap of an area in it is in progress).
     *
     * @param unmapped gets the bytes unmapped
     */
    public static Call<?> range(Ioas ioas, long first, long last, LongCell unmapped) {
        return new Call<>(UNMAP, new IoptUnmap(ioas, false, first, last, unmapped));
    }

    private int next() {
        area.set(null);
        for (IoptArea candidate : ioas.areas()) {
            if (Long.compareUnsigned(candidate.iova(), last) > 0 || Long.compareUnsigned(candidate.last(), first) < 0) {
                continue;
            }
            if (!candidate.pagesSet()) {
                // Somebody else maps or unmaps this very area: user space races with itself.
                return Errno.EBUSY;
            }
            if (Long.compareUnsigned(candidate.iova(), first) < 0 || Long.compareUnsigned(candidate.last(), last) > 0) {
                return Errno.ENOENT;
            }
            candidate.pagesSet(false);
            area.set(candidate);
            unmapped.add(candidate.length());
            return 0;
        }
        more.set(0);
        return 0;
    }

    private void countDomains() {
        domain.set(ioas.domains().size());
        hadDomains.set(domain.get() > 0 ? 1 : 0);
    }
}

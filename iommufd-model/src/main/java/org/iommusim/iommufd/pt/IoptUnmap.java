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
    /** How often an access may fail to let go of an area before the unmap gives up. */
    private static final int TRIES = 100;

    static final Program<IoptUnmap> ERASE = Program.<IoptUnmap>named("unmap an area")
            .invoke("iopt_area_unfill_domains", f -> AreaDomains.unfill(f.iopt, f.area.require(), f.pages.require()))
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .step(
                    "iopt_abort_area",
                    Footprint.of(IoPagetable.AREAS),
                    f -> f.iopt.areas().remove(f.area.require()))
            .undoNow("iova_rwsem")
            .step("iopt_put_pages", IoptPages.PIN, f -> f.pages.require().put())
            .step("unmapped", HostCost.FREE, Footprint.LOCAL, f -> {
                f.countBytes();
                f.advance();
            })
            .build();

    private static final Program<IoptUnmap> UNMAP = Program.<IoptUnmap>named("iopt_unmap_iova_range")
            .loop(
                    "again",
                    f -> f.more.get() != 0,
                    a -> a
                            // As a reader for as long as an area has no pages: no domain can come or go meanwhile.
                            .lockShared("domains_rwsem", f -> f.iopt.domainsRwsem())
                            .loop(
                                    "each area",
                                    f -> f.more.get() != 0 && f.blocked.get() == 0,
                                    b -> b.lock("iova_rwsem", f -> f.iopt.iovaRwsem())
                                            .attempt("next area", HostCost.ATOMIC, IoPagetable.LOOK, IoptUnmap::next)
                                            .undoNow("iova_rwsem")
                                            .when(
                                                    "area->pages was taken",
                                                    f -> f.pages.get() != null,
                                                    c -> c.invoke("unmap an area", f -> new Call<>(ERASE, f))))
                            .undoNow("domains_rwsem")
                            .when(
                                    "somebody accesses the area",
                                    f -> f.blocked.get() != 0,
                                    b -> b.invoke(
                                                    "iommufd_access_notify_unmap",
                                                    f -> AccessNotify.call(
                                                            f.iopt,
                                                            f.area.require().first(),
                                                            f.area.require().length()))
                                            .attempt("tries", HostCost.LOCAL, Footprint.LOCAL, IoptUnmap::tryAgain)))
            .build();

    private final IoPagetable iopt;
    private final LongCell first = num();
    private final long last;
    private final LongCell unmapped;
    private final RefCell<IoptArea> area = ref();
    private final RefCell<IoptPages> pages = ref();
    private final IntCell more = count();
    private final IntCell blocked = count();
    private final IntCell tries = count();

    private IoptUnmap(IoPagetable iopt, long first, long last, LongCell unmapped) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.first.set(first);
        this.last = last;
        this.unmapped = unmapped;
        more.set(1);
    }

    /**
     * Unmaps everything; nothing to unmap is no error. Errors: EBUSY.
     *
     * @param unmapped gets the bytes unmapped
     */
    public static Call<?> all(IoPagetable iopt, LongCell unmapped) {
        return range(iopt, 0, -1L, unmapped);
    }

    /**
     * Unmaps the areas inside a range by rising address; what came before an error stays unmapped. Nothing to unmap is no error.
     * Errors: EBUSY (a map or unmap of an area in it is in progress, or a hardware queue lies in it), ENOENT (an area is only
     * partly covered), EDEADLK-like warnings if an access never lets go.
     *
     * @param unmapped gets the bytes unmapped
     */
    public static Call<?> range(IoPagetable iopt, long first, long last, LongCell unmapped) {
        return new Call<>(UNMAP, new IoptUnmap(iopt, first, last, unmapped));
    }

    private int next() {
        pages.set(null);
        IoptArea found = iopt.areas().first(first.get(), last);
        if (found == null) {
            more.set(0);
            return 0;
        }
        if (found.pages() == null || found.numLocks() != 0) {
            // Somebody else maps or unmaps this very area, or hardware reads it.
            return Errno.EBUSY;
        }
        if (Long.compareUnsigned(found.first(), first.get()) < 0 || Long.compareUnsigned(found.last(), last) > 0) {
            return Errno.ENOENT;
        }
        if (found.first() != first.get()) {
            tries.set(0);
        }
        area.set(found);
        if (found.numAccesses() != 0) {
            first.set(found.first());
            found.setPreventAccess();
            blocked.set(1);
            return 0;
        }
        pages.set(found.pages());
        found.pages(null);
        return 0;
    }

    /** Notes the bytes of the area. */
    void countBytes() {
        unmapped.add(area.require().length());
    }

    /** A map that came meanwhile may have got the addresses that are free again: the search goes on behind them. */
    private void advance() {
        long end = area.require().last();
        if (end == last) {
            more.set(0);
        } else {
            first.set(end + 1);
        }
    }

    private int tryAgain() {
        blocked.set(0);
        if (tries.add(1) <= TRIES) {
            return 0;
        }
        iopt.kernel().warn("iopt_unmap_iova_range", "an access does not let go of " + area.require());
        return Errno.EDEADLOCK;
    }
}

package org.iommusim.iommufd.pt;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** {@code iopt_cut_iova} of io_pagetable.c: splits areas so that an unmap can take a part of a map, as VFIO type 1 allows. */
public final class IoptCut extends Frame {
    private static final Footprint SPLIT = IoPagetable.LOOK.and(IoPagetable.ALIGNMENT);

    private static final Program<IoptCut> CUT = Program.<IoptCut>named("iopt_cut_iova")
            .lock("iova_rwsem", f -> f.iopt.iovaRwsem())
            .loop(
                    "each address",
                    f -> f.index.get() < f.lasts.size(),
                    b -> b.attempt("find the area", HostCost.LOCAL, SPLIT, IoptCut::find)
                            .when(
                                    "there is one to split",
                                    f -> f.area.get() != null,
                                    c -> c.lock("pages->mutex", f -> f.pagesMutex())
                                            .attempt("iopt_area_split", HostCost.ALLOCATE, SPLIT, IoptCut::split)
                                            .undoNow("pages->mutex"))
                            .step("next address", HostCost.FREE, Footprint.LOCAL, f -> f.index.add(1)))
            .build();

    private final IoPagetable iopt;
    private final List<Long> lasts;
    private final IntCell index = count();
    private final RefCell<IoptArea> area = ref();

    private IoptCut(IoPagetable iopt, List<Long> lasts) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.lasts = List.copyOf(lasts);
    }

    /**
     * Makes areas end at these addresses. Errors: EBUSY (a map or unmap of the area is in progress), EOPNOTSUPP (a dma-buf),
     * ENOMEM, EINVAL (the cut is not aligned, an in-kernel user holds pages, or a domain may have large leaves).
     */
    public static Call<?> call(IoPagetable iopt, List<Long> lasts) {
        return new Call<>(CUT, new IoptCut(iopt, lasts));
    }

    private long last() {
        return lasts.get(index.get());
    }

    private Lock pagesMutex() {
        return area.require().requirePages().mutex();
    }

    private int find() {
        IoptArea found = iopt.areas().first(last(), last());
        area.set(null);
        if (found == null || found.first() == last() || found.last() == last()) {
            return 0;
        }
        IoptPages pages = found.pages();
        if (pages == null || found.preventAccess()) {
            return Errno.EBUSY;
        }
        if (pages.source().kind() == PageSource.Kind.DMABUF) {
            return Errno.EOPNOTSUPP;
        }
        long start = last() + 1;
        if (((start | found.startByte(start)) & iopt.iovaAlignment() - 1) != 0) {
            return Errno.EINVAL;
        }
        area.set(found);
        return 0;
    }

    private int split() {
        IoptArea whole = area.require();
        boolean filled = whole.storageDomain() != null;
        int injected = iopt.injected("iopt_cut_iova", "iopt_area_split");
        if (injected != 0) {
            return injected;
        }
        if (whole.numAccesses() != 0 || filled && !iopt.largePagesDisabled()) {
            return Errno.EINVAL;
        }
        IoptPages pages = whole.requirePages();
        iopt.areas().remove(whole);
        if (filled) {
            pages.domains().remove(whole.node());
        }
        half(whole, whole.first(), last());
        half(whole, last() + 1, whole.last());
        pages.get();
        return 0;
    }

    private void half(IoptArea whole, long first, long last) {
        IoptArea half = new IoptArea(iopt, first, last - first + 1, whole.startByte(first), whole.protection());
        half.pages(whole.requirePages());
        half.storageDomain(whole.storageDomain());
        iopt.areas().insert(half);
        if (whole.storageDomain() != null) {
            whole.requirePages().domains().insert(half.node());
        }
    }
}

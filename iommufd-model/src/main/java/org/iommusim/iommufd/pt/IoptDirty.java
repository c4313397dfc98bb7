package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.DirtyBitmap;
import org.iommusim.hw.driver.DirtyOps;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** Dirty tracking of one domain of an address space: {@code iopt_set_dirty_tracking}, {@code iopt_read_and_clear_dirty_data}. */
public final class IoptDirty extends Frame {
    /** Clears what is set already, so that tracking starts clean; areas without pages are not in the domain. */
    private static final Program<IoptDirty> CLEAR = Program.<IoptDirty>named("iopt_clear_dirty_data")
            .step("first area", HostCost.LOCAL, IoPagetable.LOOK, IoptDirty::nextFilled)
            .guarded(
                    "clear",
                    b -> b.loop(
                            "each area",
                            f -> f.area.get() != null,
                            c -> c.invoke(
                                            "read_and_clear_dirty",
                                            f -> f.ops.readAndClearDirty(
                                                    f.area.require().first(),
                                                    f.area.require().length(),
                                                    true,
                                                    null))
                                    .step("next area", HostCost.LOCAL, IoPagetable.LOOK, IoptDirty::nextFilled)),
                    b -> b.invoke("iotlb_sync after an error", f -> f.domain.iotlbSync()))
            .invoke("iotlb_sync", f -> f.domain.iotlbSync())
            .build();

    private static final Program<IoptDirty> SET = Program.<IoptDirty>named("iopt_set_dirty_tracking")
            .lockShared("iova_rwsem", f -> f.iopt.iovaRwsem())
            .when("enable", f -> f.enable, b -> b.invoke("iopt_clear_dirty_data", f -> new Call<>(CLEAR, f)))
            .invoke("set_dirty_tracking", f -> f.ops.setDirtyTracking(f.enable))
            .build();

    private static final Program<IoptDirty> READ = Program.<IoptDirty>named("iopt_read_and_clear_dirty_data")
            .lockShared("iova_rwsem", f -> f.iopt.iovaRwsem())
            .step("first area", HostCost.LOCAL, IoPagetable.LOOK, IoptDirty::nextContiguous)
            .loop(
                    "each area",
                    f -> f.area.get() != null && f.error.get() == 0,
                    b -> b.invokeForAnswer(
                                    "read_and_clear_dirty",
                                    f -> f.ops.readAndClearDirty(f.cursor.get(), f.slice(), f.clear, f.bitmap),
                                    (f, e) -> f.error.set(e))
                            .step("next area", HostCost.LOCAL, IoPagetable.LOOK, IoptDirty::nextContiguous))
            .when("it cleared", f -> f.clear, b -> b.invoke("iotlb_sync", f -> f.domain.iotlbSync()))
            // As in 7.3, what the walk over the areas answers is lost: a hole, or an error of the driver, ends it
            // early.
            .build();

    private final IoPagetable iopt;
    private final PagingDomain domain;
    private final DirtyOps ops;
    private final boolean enable;
    private final boolean clear;
    private final long last;
    private final @Nullable DirtyBitmap bitmap;
    private final RefCell<IoptArea> area = ref();
    private final LongCell cursor = num();
    private final IntCell error = count();

    private IoptDirty(
            IoPagetable iopt,
            PagingDomain domain,
            DirtyOps ops,
            boolean enable,
            boolean clear,
            long first,
            long last,
            @Nullable DirtyBitmap bitmap) {
        super(iopt.kernel().world());
        this.iopt = iopt;
        this.domain = domain;
        this.ops = ops;
        this.enable = enable;
        this.clear = clear;
        this.last = last;
        this.bitmap = bitmap;
        cursor.set(first);
    }

    /** Starts or stops tracking. Errors: those of the driver. */
    public static Call<?> set(IoPagetable iopt, PagingDomain domain, DirtyOps ops, boolean enable) {
        return new Call<>(SET, new IoptDirty(iopt, domain, ops, enable, true, 0, -1L, null));
    }

    /**
     * Tells what devices have written in a range, up to its first hole.
     *
     * @param clear false: the state stays
     */
    public static Call<?> read(
            IoPagetable iopt,
            PagingDomain domain,
            DirtyOps ops,
            long first,
            long last,
            boolean clear,
            DirtyBitmap bitmap) {
        return new Call<>(READ, new IoptDirty(iopt, domain, ops, false, clear, first, last, bitmap));
    }

    /**
     * {@code iommufd_check_iova_range}: what a bitmap may describe. Errors in this order: EINVAL (no bytes), EOVERFLOW (wraps),
     * EINVAL (not a multiple of the address space's alignment; page size 0; not a multiple of the page size).
     */
    public static int checkRange(IoPagetable iopt, long iova, long length, long pageSize) {
        long last = iova + length - 1;
        if (length == 0) {
            return Errno.EINVAL;
        }
        if (Long.compareUnsigned(last, iova) < 0) {
            return Errno.EOVERFLOW;
        }
        long edges = iova | last + 1;
        if ((edges & iopt.iovaAlignment() - 1) != 0 || pageSize == 0) {
            return Errno.EINVAL;
        }
        return (edges & pageSize - 1) != 0 ? Errno.EINVAL : 0;
    }

    /** What {@link #checkRange} touches. */
    public static final Footprint CHECK = Footprint.of(IoPagetable.ALIGNMENT);

    private void nextFilled() {
        IoptArea before = area.get();
        IoptArea next =
                before == null ? iopt.areas().first(0, -1L) : iopt.areas().next(before, 0, -1L);
        while (next != null && next.pages() == null) {
            next = iopt.areas().next(next, 0, -1L);
        }
        area.set(next);
    }

    private void nextContiguous() {
        IoptArea before = area.get();
        if (before != null) {
            if (Long.compareUnsigned(before.last(), last) >= 0) {
                area.set(null);
                return;
            }
            cursor.set(before.last() + 1);
        }
        area.set(iopt.contiguousArea(cursor.get()));
    }

    private long slice() {
        long end = area.require().last();
        return (Long.compareUnsigned(end, last) < 0 ? end : last) - cursor.get() + 1;
    }
}

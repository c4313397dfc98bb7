package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * Pages of one area held by an in-kernel user ({@code iopt_area_add_access}, {@code iopt_area_remove_access} of pages.c).
 * The caller holds {@code iova_rwsem}.
 */
public final class AreaAccess extends Frame {
    private static final Program<AreaAccess> ADD = Program.<AreaAccess>named("iopt_area_add_access")
            .check("writable", f -> !f.write || f.pages.writable(), Errno.EPERM)
            .check("not a dma-buf", f -> f.pages.source().kind() != PageSource.Kind.DMABUF, Errno.EINVAL)
            .lock("pages->mutex", f -> f.pages.mutex())
            .attempt("iopt_pages_fill_xarray", HostCost.ATOMIC, IoptPages.PIN.and(IoptArea.AREA), AreaAccess::add)
            .build();

    private static final Program<AreaAccess> REMOVE = Program.<AreaAccess>named("iopt_area_remove_access")
            .lock("pages->mutex", f -> f.pages.mutex())
            .step("iopt_pages_unfill_xarray", IoptPages.PIN.and(IoptArea.AREA), AreaAccess::remove)
            .build();

    private final IoptArea area;
    private final IoptPages pages;
    private final long first;
    private final long last;
    private final boolean write;
    private final boolean lockArea;
    private final @Nullable FrameSink frames;

    private AreaAccess(
            IoptArea area, long first, long last, boolean write, boolean lockArea, @Nullable FrameSink frames) {
        super(area.iopt().kernel().world());
        this.area = area;
        pages = area.requirePages();
        this.first = area.index(first);
        this.last = area.index(last);
        this.write = write;
        this.lockArea = lockArea;
        this.frames = frames;
    }

    /** Takes the pages that were pinned. */
    public interface FrameSink {
        /** The physical addresses of the next pages. */
        void frames(long[] physicalAddresses);
    }

    /**
     * Pins the pages behind addresses of an area. Errors: EPERM (write of read-only pages), EINVAL (a dma-buf),
     * EFAULT, ENOMEM.
     *
     * @param lockArea true: user space cannot unmap the area meanwhile
     */
    public static Call<?> add(IoptArea area, long first, long last, boolean write, boolean lockArea, FrameSink frames) {
        return new Call<>(ADD, new AreaAccess(area, first, last, write, lockArea, frames));
    }

    /** Gives back what was pinned with the same addresses. */
    public static Call<?> remove(IoptArea area, long first, long last, boolean unlockArea) {
        return new Call<>(REMOVE, new AreaAccess(area, first, last, false, unlockArea, null));
    }

    private int add() {
        PagesAccess access = pages.exactAccess(first, last);
        if (access != null) {
            access.users(1);
        } else {
            int error = fill();
            if (error != 0) {
                return error;
            }
            pages.accesses().insert(new PagesAccess(world(), first, last));
        }
        area.addAccesses(1);
        area.addLocks(lockArea ? 1 : 0);
        if (frames != null) {
            frames.frames(pages.frames(first, last));
        }
        return 0;
    }

    private int fill() {
        int error = area.iopt().injected("iopt_area_add_access", "iopt_pages_fill_xarray");
        error = error != 0 ? error : pages.fill(first, last);
        if (error != 0) {
            return error;
        }
        error = pages.updatePinned();
        if (error != 0) {
            pages.unfill(first, last);
        }
        return error;
    }

    private void remove() {
        PagesAccess access = pages.exactAccess(first, last);
        if (access == null) {
            area.iopt().kernel().warn("iopt_area_remove_access", "nobody accesses these pages of " + area);
            return;
        }
        area.addAccesses(-1);
        area.addLocks(lockArea ? -1 : 0);
        if (access.users(-1) == 0) {
            pages.accesses().remove(access);
            pages.unfill(first, last);
        }
    }
}

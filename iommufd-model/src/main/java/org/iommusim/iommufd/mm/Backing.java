package org.iommusim.iommufd.mm;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.jspecify.annotations.Nullable;

/**
 * Pages that areas and files share: the anonymous memory of an area, or a file's page cache ({@code struct address_space}).
 * A page comes when it is touched first. Whoever maps or holds the backing counts; when the last one lets go every page is
 * given back, except those that are pinned, which follow with their last pin.
 */
public final class Backing implements Identified {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Kernel kernel;
    private final int unitPages;
    private final boolean owned;
    private final long instance;
    /** Physical address + 1 of each page, 0 where there is none yet. */
    private final LongArrayCell frames;

    private final IntCell users;

    /**
     * Makes a backing without pages that has one user.
     *
     * @param pages how many it can have
     * @param huge true: in runs of 2 MiB that are aligned in physical memory; {@code pages} is a multiple of 512
     */
    public Backing(Kernel kernel, int pages, boolean huge) {
        this(kernel, pages, huge ? (int) (Process.HUGE_BYTES / PAGE) : 1, true);
    }

    private Backing(Kernel kernel, int pages, int unitPages, boolean owned) {
        this.kernel = kernel;
        this.unitPages = unitPages;
        this.owned = owned;
        instance = kernel.world().nextInstance();
        frames = new LongArrayCell(kernel.world(), Process.VMA, instance, pages);
        users = new IntCell(kernel.world(), Process.VMA, instance + (1L << 40), 1);
    }

    /**
     * Pages that belong to somebody else and are only shown: a device's registers, a kernel page. They are never given back
     * from here.
     *
     * @param physical address of the first; the others follow
     */
    public static Backing of(Kernel kernel, long physical, int pages) {
        Backing shown = new Backing(kernel, pages, 1, false);
        for (int page = 0; page < pages; page++) {
            shown.frames.set(page, physical + page * PAGE + 1);
        }
        return shown;
    }

    /** How many pages it can have. */
    public int pages() {
        return frames.length();
    }

    /** Bytes of a unit of allocation: 4096, or 2 MiB. */
    public long unitBytes() {
        return unitPages * PAGE;
    }

    /** Physical address of a page, or -1 if it was never touched. */
    public long frame(int page) {
        return frames.get(page) - 1;
    }

    /**
     * Physical address of a page, which comes now if it was never touched.
     *
     * @return the address, or ENOMEM
     */
    public long touch(int page) {
        long frame = frame(page);
        return frame >= 0 ? frame : allocate(page - page % unitPages, page % unitPages);
    }

    private long allocate(int first, int wanted) {
        long run = kernel.pages().allocate(PageOwner.PROCESS, unitPages, unitPages);
        if (run == PageAllocator.NONE) {
            return Errno.ENOMEM;
        }
        for (int i = 0; i < unitPages; i++) {
            frames.set(first + i, run + i * PAGE + 1);
        }
        return run + wanted * PAGE;
    }

    /**
     * Touches all pages.
     *
     * @return 0; or ENOMEM, and then no page is there
     */
    int populate() {
        for (int page = 0; page < pages(); page += unitPages) {
            if (touch(page) < 0) {
                drop(0, page);
                return Errno.ENOMEM;
            }
        }
        return 0;
    }

    /** Gives pages back; those that are pinned follow with their last pin. */
    void drop(int first, int count) {
        for (int page = first; page < first + count; page++) {
            long frame = frame(page);
            if (frame < 0) {
                continue;
            }
            frames.set(page, 0);
            if (kernel.memory().pins(frame) == 0) {
                kernel.pages().free(frame, 1);
            } else {
                kernel.memory().setOwner(frame, PageOwner.UNMAPPED);
            }
        }
    }

    /** One more user. */
    public void get() {
        users.add(1);
    }

    /** One user fewer; the last one takes all pages with it. */
    public void put() {
        if (users.add(-1) == 0 && owned) {
            drop(0, pages());
        }
    }

    /** A backing of the same size; those of these pages that were touched hold the same bytes. ENOMEM: {@code null}. */
    @Nullable
    Backing copy(int first, int count) {
        Backing copy = new Backing(kernel, pages(), unitPages > 1);
        for (int page = first; page < first + count; page++) {
            long from = frame(page);
            if (from < 0) {
                continue;
            }
            long to = copy.touch(page);
            if (to < 0) {
                copy.put();
                return null;
            }
            for (int offset = 0; offset < PAGE; offset += 8) {
                kernel.memory().write64(to + offset, kernel.memory().read64(from + offset));
            }
        }
        return copy;
    }

    /**
     * {@code memfd_pin_folios}: pins pages of a file, wherever it is mapped.
     *
     * @return their physical addresses; {@code null} if there is no memory for them
     */
    public long @Nullable [] pin(int first, int count) {
        long[] pinned = new long[count];
        for (int i = 0; i < count; i++) {
            pinned[i] = touch(first + i);
            if (pinned[i] < 0) {
                return null;
            }
        }
        Pins.take(kernel, pinned);
        return pinned;
    }

    /** Gives pins back. */
    public void unpin(long[] pinned) {
        Pins.giveBack(kernel, pinned);
    }

    @Override
    public long stableId() {
        return instance;
    }
}

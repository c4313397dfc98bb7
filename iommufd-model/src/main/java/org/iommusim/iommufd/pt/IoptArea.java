package org.iommusim.iommufd.pt;

import org.iommusim.iommufd.mm.PinnedPages;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/** One map of an IOAS with its pages ({@code struct iopt_area} and {@code struct iopt_pages}). */
public final class IoptArea implements Identified {
    /** The variable of all pinned pages and {@code area->pages} pointers. */
    public static final Variable PAGES = Variable.named("iommufd.iopt.pages");

    private final long iova;
    private final long length;
    private final int protection;
    private final Process process;
    private final long va;
    private final long instance;
    private final Lock mutex;
    private final IntCell pagesSet;
    private final RefCell<PinnedPages> pinned;

    IoptArea(World world, long iova, long length, int protection, Process process, long va) {
        this.iova = iova;
        this.length = length;
        this.protection = protection;
        this.process = process;
        this.va = va;
        instance = world.nextInstance();
        mutex = new Lock(world, "pages->mutex", Lock.Kind.MUTEX);
        pagesSet = new IntCell(world, PAGES, instance, 0);
        pinned = new RefCell<>(world, PAGES, instance + (1L << 40));
    }

    /** First I/O virtual address. */
    public long iova() {
        return iova;
    }

    /** Bytes. */
    public long length() {
        return length;
    }

    /** Last I/O virtual address. */
    public long last() {
        return iova + length - 1;
    }

    /** Bits of {@link org.iommusim.hw.driver.PagingDomain}. */
    public int protection() {
        return protection;
    }

    /** True while its pages are pinned. */
    public boolean isPinned() {
        return pinned.get() != null;
    }

    long va() {
        return va;
    }

    Process process() {
        return process;
    }

    Lock mutex() {
        return mutex;
    }

    int pageCount() {
        long page = PhysicalMemory.PAGE_BYTES;
        return (int) ((va + length + page - 1) / page - va / page);
    }

    RefCell<PinnedPages> pinned() {
        return pinned;
    }

    /** {@code area->pages}: null while the area is being made or taken away. */
    boolean pagesSet() {
        return pagesSet.get() != 0;
    }

    void pagesSet(boolean set) {
        pagesSet.set(set ? 1 : 0);
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return "0x" + Long.toHexString(iova) + "-0x" + Long.toHexString(last());
    }
}

package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * {@code arm_lpae_unmap_pages}: clears the leaves of a range, table by table. A table whose whole range is unmapped is cut
 * off with one store and freed after the next invalidation, unless there is no gather to free it then (guests). What is
 * not mapped is skipped; a leaf that sticks out of the range is an error.
 */
final class UnmapPages extends Frame {
    static final Program<UnmapPages> PROGRAM = program();

    private final PageTable table;
    private final long iova;
    private final long bytes;
    private final long storePs;
    private final @Nullable Gather gather;
    private final LongCell done = num();
    /** Stores of the last run. */
    private final IntCell stores = count();

    private UnmapPages(World world, PageTable table, long iova, long bytes, long storePs, @Nullable Gather gather) {
        super(world);
        this.table = table;
        this.iova = iova;
        this.bytes = bytes;
        this.storePs = storePs;
        this.gather = gather;
    }

    /** A call of the program; {@code gather} collects what must be invalidated. */
    static Call<UnmapPages> call(
            World world, PageTable table, long iova, long bytes, long storePs, @Nullable Gather gather) {
        return new Call<>(PROGRAM, new UnmapPages(world, table, iova, bytes, storePs, gather));
    }

    private static Program<UnmapPages> program() {
        Footprint run = Touches.TABLE_WORDS.and(Touches.DOMAIN);
        return Program.<UnmapPages>named("arm_lpae_unmap_pages")
                .check("range", UnmapPages::rangeFits, Errno.EINVAL)
                .loop(
                        "runs left",
                        f -> f.done.get() < f.bytes,
                        p -> p.attempt("clear ptes", HostCost.TABLE_STORE, run, UnmapPages::clearRun)
                                .spend("ptes after the first", f -> Math.max(0, f.stores.get() - 1) * f.storePs))
                .build();
    }

    private boolean rangeFits() {
        long mask = (1L << PageTable.PAGE_SHIFT) - 1;
        return ((iova | bytes) & mask) == 0
                && bytes >= 0
                && iova >= 0
                && (bytes == 0 || iova + bytes - 1 >>> table.inputBits() == 0);
    }

    private int clearRun() {
        long input = iova + done.get();
        long left = bytes - done.get();
        stores.set(0);
        long here = table.root();
        for (int l = table.startLevel(); ; l++) {
            long entry = table.entry(here, l, input);
            long descriptor = table.memory().read(entry);
            long size = 1L << PageTable.shift(l);
            boolean whole = (input & size - 1) == 0 && left >= size;
            if (!PageTable.isValid(descriptor)) {
                done.add(Math.min(left, size - (input & size - 1)));
                return 0;
            }
            if (PageTable.isTable(descriptor, l)) {
                if (whole && gather != null) {
                    table.memory().write(entry, 0);
                    long below = PageTable.output(descriptor, l);
                    gather.addTables(input, size, table, below, l + 1);
                    stores.set(1);
                    done.add(size);
                    return 0;
                }
                here = PageTable.output(descriptor, l);
            } else if (whole) {
                clearLeaves(entry, l, input, left);
                return 0;
            } else {
                return Errno.EINVAL;
            }
        }
    }

    private void clearLeaves(long entry, int l, long input, long left) {
        int shift = PageTable.shift(l);
        int most = (int) Math.min(table.entriesLeft(l, input), left >>> shift);
        int n = 0;
        while (n < most && !PageTable.isTable(table.memory().read(entry + 8L * n), l)) {
            table.memory().write(entry + 8L * n, 0);
            n++;
        }
        if (gather != null) {
            gather.addLeaves(input, (long) n << shift, shift);
        }
        stores.set(n);
        done.add((long) n << shift);
    }
}

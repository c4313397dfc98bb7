package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Clears the leaves of a range, table by table. A table whose whole range is unmapped is cut off with one store and freed
 * after the next invalidation, unless there is no gather to free it then (guests). What is not mapped is skipped; a leaf
 * that sticks out of the range is an error.
 */
final class UnmapPages extends Frame {
    private final PageTable table;
    private final long iova;
    private final long bytes;
    private final long storePs;
    private final @Nullable Gather gather;
    private final LongCell done = num();
    /** Stores of the last run. */
    private final IntCell stores = count();

    /** A frame; see {@link Mapping#unmap}. */
    UnmapPages(World world, PageTable table, long iova, long bytes, long storePs, @Nullable Gather gather) {
        super(world);
        this.table = table;
        this.iova = iova;
        this.bytes = bytes;
        this.storePs = storePs;
        this.gather = gather;
    }

    static Program<UnmapPages> program(Mapping.Names names) {
        Footprint run = PageTable.WORDS.and(Gather.PENDING);
        return Program.<UnmapPages>named(names.unmap())
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
        for (int h = table.rootHeight(); ; h--) {
            long place = table.entry(here, h, input);
            long entry = table.memory().read(place);
            long size = 1L << PageTable.shift(h);
            boolean whole = (input & size - 1) == 0 && left >= size;
            if (!table.format().isPresent(entry)) {
                done.add(Math.min(left, size - (input & size - 1)));
                return 0;
            }
            if (table.format().isTable(entry, h)) {
                here = table.format().output(entry, h);
                if (whole && gather != null) {
                    table.memory().write(place, 0);
                    gather.addTables(input, size, table, here, h - 1);
                    stores.set(1);
                    done.add(size);
                    return 0;
                }
            } else if (whole) {
                clearLeaves(place, h, input, left);
                return 0;
            } else {
                return Errno.EINVAL;
            }
        }
    }

    private void clearLeaves(long place, int height, long input, long left) {
        int shift = PageTable.shift(height);
        int most = (int) Math.min(table.entriesLeft(height, input), left >>> shift);
        int n = 0;
        while (n < most && !isTable(table.memory().read(place + 8L * n), height)) {
            table.memory().write(place + 8L * n, 0);
            n++;
        }
        if (gather != null) {
            gather.addLeaves(input, (long) n << shift, shift);
        }
        stores.set(n);
        done.add((long) n << shift);
    }

    private boolean isTable(long entry, int height) {
        return table.format().isPresent(entry) && table.format().isTable(entry, height);
    }
}

package org.iommusim.smmuv3.driver;

import java.util.function.BiFunction;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;

/**
 * {@code arm_lpae_map_pages}: maps a range with the largest leaves that fit. A table is installed by a compare and swap,
 * because other tasks may be mapping neighbouring ranges; leaves of one table are written in one step, priced by their
 * number. On an error what was mapped is unmapped again.
 */
final class MapPages extends Frame {
    static final Program<MapPages> PROGRAM = program();

    private final PageTable table;
    private final long iova;
    private final long address;
    private final long bytes;
    private final int protection;
    private final long storePs;
    private final BiFunction<Long, Long, Call<?>> unmap;

    private final LongCell done = num();
    /** Table that the walk ended in. */
    private final LongCell at = num();
    /** Its level. */
    private final IntCell level = count();
    /** 1: an entry on the way is empty and needs a table; 0: leaves can be written. */
    private final IntCell missing = count();
    /** Number of leaves of the present run. */
    private final IntCell run = count();
    /** A new table that is not installed yet. */
    private final LongCell fresh = num();

    private MapPages(
            World world,
            PageTable table,
            long iova,
            long address,
            long bytes,
            int protection,
            long storePs,
            BiFunction<Long, Long, Call<?>> unmap) {
        super(world);
        this.table = table;
        this.iova = iova;
        this.address = address;
        this.bytes = bytes;
        this.protection = protection;
        this.storePs = storePs;
        this.unmap = unmap;
    }

    /**
     * A call of the program.
     *
     * @param storePs price of one store
     * @param unmap unmaps (iova, bytes) and invalidates, for the error path
     */
    static Call<MapPages> call(
            World world,
            PageTable table,
            long iova,
            long address,
            long bytes,
            int protection,
            long storePs,
            BiFunction<Long, Long, Call<?>> unmap) {
        return new Call<>(PROGRAM, new MapPages(world, table, iova, address, bytes, protection, storePs, unmap));
    }

    private static Program<MapPages> program() {
        return Program.<MapPages>named("arm_lpae_map_pages")
                .check("range", MapPages::rangeFits, Errno.ERANGE)
                .take(
                        "begin",
                        HostCost.FREE,
                        Footprint.LOCAL,
                        f -> 0,
                        Undo.onFailureCall("unmap what was mapped", f -> f.unmap.apply(f.iova, f.done.get())))
                .loop(
                        "runs left",
                        f -> f.done.get() < f.bytes,
                        p -> p.attempt("walk to the last table", HostCost.ATOMIC, Touches.TABLE_WORDS, MapPages::walk)
                                .loop(
                                        "table missing",
                                        f -> f.missing.get() != 0,
                                        q -> q.attempt(
                                                        "__arm_lpae_alloc_pages",
                                                        HostCost.ALLOCATE,
                                                        Touches.TABLE_PAGES,
                                                        MapPages::allocate)
                                                .step(
                                                        "arm_lpae_install_table (cmpxchg)",
                                                        HostCost.ATOMIC,
                                                        Touches.TABLE_PAGES,
                                                        MapPages::install)
                                                .attempt(
                                                        "walk on",
                                                        HostCost.ATOMIC,
                                                        Touches.TABLE_WORDS,
                                                        MapPages::walk))
                                .spend("leaves after the first", f -> (f.run.get() - 1) * f.storePs)
                                .attempt(
                                        "arm_lpae_init_pte",
                                        HostCost.TABLE_STORE,
                                        Touches.TABLE_WORDS,
                                        MapPages::leaves))
                .build();
    }

    private boolean rangeFits() {
        long mask = (1L << PageTable.PAGE_SHIFT) - 1;
        return ((iova | address | bytes) & mask) == 0
                && bytes > 0
                && iova >= 0
                && iova + bytes > 0
                && iova + bytes - 1 >>> table.inputBits() == 0
                && address + bytes - 1 >>> table.outputBits() == 0;
    }

    /** Finds the table that the next leaves go into, as deep as it exists. */
    private int walk() {
        long input = iova + done.get();
        long output = address + done.get();
        long left = bytes - done.get();
        missing.set(0);
        long here = table.root();
        for (int l = table.startLevel(); ; l++) {
            long descriptor = table.memory().read(table.entry(here, l, input));
            long size = 1L << PageTable.shift(l);
            boolean leafFits = l == 3 || l > 0 && ((input | output) & size - 1) == 0 && left >= size;
            at.set(here);
            level.set(l);
            if (PageTable.isTable(descriptor, l)) {
                here = PageTable.output(descriptor, l);
            } else if (PageTable.isValid(descriptor)) {
                return Errno.EEXIST;
            } else if (leafFits) {
                return countRun(here, l, input, left);
            } else {
                missing.set(1);
                return 0;
            }
        }
    }

    /** Counts the empty entries from here on that leaves of this level can fill. */
    private int countRun(long here, int l, long input, long left) {
        int shift = PageTable.shift(l);
        int most = (int) Math.min(table.entriesLeft(l, input), left >>> shift);
        int n = 1;
        while (n < most && table.memory().read(table.entry(here, l, input) + 8L * n) == 0) {
            n++;
        }
        run.set(n);
        return 0;
    }

    private int allocate() {
        long page = table.memory().allocate(1);
        if (page == TableMemory.NONE) {
            return Errno.ENOMEM;
        }
        fresh.set(page);
        return 0;
    }

    private void install() {
        long entry = table.entry(at.get(), level.get(), iova + done.get());
        if (table.memory().read(entry) == 0) {
            table.memory().write(entry, PageTable.tableDescriptor(fresh.get()));
        } else {
            table.memory().free(fresh.get(), 1); // another task was faster
        }
        fresh.set(0);
    }

    private int leaves() {
        int l = level.get();
        long step = 1L << PageTable.shift(l);
        long entry = table.entry(at.get(), l, iova + done.get());
        for (int i = 0; i < run.get(); i++) {
            if (table.memory().read(entry + 8L * i) != 0) {
                return Errno.EEXIST;
            }
        }
        for (int i = 0; i < run.get(); i++) {
            long output = address + done.get() + i * step;
            table.memory().write(entry + 8L * i, table.leafDescriptor(output, l, protection));
        }
        done.add(run.get() * step);
        return 0;
    }
}

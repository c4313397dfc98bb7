package org.iommusim.hw.pgtable;

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
 * Maps a range with the largest leaves that fit. A table is installed by a compare and swap, because other tasks may be
 * mapping neighbouring ranges; leaves of one table are written in one step, priced by their number. On an error what was
 * mapped is unmapped again.
 */
final class MapPages extends Frame {
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
    /** Its height. */
    private final IntCell height = count();
    /** 1: an entry on the way is empty and needs a table; 0: leaves can be written. */
    private final IntCell missing = count();
    /** Number of leaves of the present run. */
    private final IntCell run = count();
    /** A new table that is not installed yet. */
    private final LongCell fresh = num();

    /** A frame; see {@link Mapping#map}. */
    MapPages(
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

    static Program<MapPages> program(Mapping.Names names) {
        return Program.<MapPages>named(names.map())
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
                        p -> p.attempt("walk to the last table", HostCost.ATOMIC, PageTable.WORDS, MapPages::walk)
                                .loop(
                                        "table missing",
                                        f -> f.missing.get() != 0,
                                        q -> q.attempt(
                                                        names.allocate(),
                                                        HostCost.ALLOCATE,
                                                        PageTable.PAGES,
                                                        MapPages::allocate)
                                                .step(
                                                        names.install(),
                                                        HostCost.ATOMIC,
                                                        PageTable.PAGES,
                                                        MapPages::install)
                                                .attempt("walk on", HostCost.ATOMIC, PageTable.WORDS, MapPages::walk))
                                .spend("leaves after the first", f -> (f.run.get() - 1) * f.storePs)
                                .attempt(names.leaves(), HostCost.TABLE_STORE, PageTable.WORDS, MapPages::leaves))
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
        for (int h = table.rootHeight(); ; h--) {
            long entry = table.memory().read(table.entry(here, h, input));
            at.set(here);
            height.set(h);
            if (!table.format().isPresent(entry)) {
                return empty(here, input, output, left);
            }
            if (!table.format().isTable(entry, h)) {
                return Errno.EEXIST;
            }
            here = table.format().output(entry, h);
        }
    }

    /** The entry for the next leaf is empty: a leaf goes there, or a table. */
    private int empty(long here, long input, long output, long left) {
        if (table.leafFits(height.get(), input | output, left)) {
            run.set(countRun(here, input, left));
        } else {
            missing.set(1);
        }
        return 0;
    }

    /** Counts the empty entries from here on that leaves of this height can fill. */
    private int countRun(long here, long input, long left) {
        int h = height.get();
        int most = (int) Math.min(table.entriesLeft(h, input), left >>> PageTable.shift(h));
        int n = 1;
        while (n < most && table.memory().read(table.entry(here, h, input) + 8L * n) == 0) {
            n++;
        }
        return n;
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
        long entry = table.entry(at.get(), height.get(), iova + done.get());
        if (table.memory().read(entry) == 0) {
            table.memory().write(entry, table.format().tableEntry(fresh.get(), height.get()));
        } else {
            table.memory().free(fresh.get(), 1); // another task was faster
        }
        fresh.set(0);
    }

    private int leaves() {
        int h = height.get();
        long step = 1L << PageTable.shift(h);
        long entry = table.entry(at.get(), h, iova + done.get());
        for (int i = 0; i < run.get(); i++) {
            if (table.memory().read(entry + 8L * i) != 0) {
                return Errno.EEXIST;
            }
        }
        for (int i = 0; i < run.get(); i++) {
            long output = address + done.get() + i * step;
            table.memory().write(entry + 8L * i, table.format().leafEntry(output, h, protection));
        }
        done.add(run.get() * step);
        return 0;
    }
}

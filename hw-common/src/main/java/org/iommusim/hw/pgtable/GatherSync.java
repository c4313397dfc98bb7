package org.iommusim.hw.pgtable;

import java.util.function.Function;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * {@code iotlb_sync} of drivers that need one invalidation for it: invalidates what was unmapped, waits, and frees the tables
 * that were cut off. A sync that begins while another one is under way covers the whole domain, because the other may have
 * taken its ranges.
 */
public final class GatherSync extends Frame {
    private final Gather gather;
    private final TableMemory memory;
    private final Function<Gather.@Nullable Range, Call<?>> flush;
    private final RefCell<Gather.Range> ranges = ref();
    private final RefCell<PageTable.PageList> tables = ref();
    private final IntCell overlaps = count();

    private GatherSync(
            World world, Gather gather, TableMemory memory, Function<Gather.@Nullable Range, Call<?>> flush) {
        super(world);
        this.gather = gather;
        this.memory = memory;
        this.flush = flush;
    }

    /**
     * The call of a {@link #program}.
     *
     * @param memory where the tables lie
     * @param flush invalidates ranges and waits; everything if there is no range
     */
    public static Call<?> call(
            Program<GatherSync> program,
            World world,
            Gather gather,
            TableMemory memory,
            Function<Gather.@Nullable Range, Call<?>> flush) {
        return new Call<>(program, new GatherSync(world, gather, memory, flush));
    }

    /** The program, as a vendor's kernel code calls it and what invalidates. */
    public static Program<GatherSync> program(String name, String flush) {
        Footprint pending = Footprint.of(Gather.PENDING);
        return Program.<GatherSync>named(name)
                .take(
                        "take the gather",
                        pending,
                        GatherSync::begin,
                        Undo.always("sync done", pending, f -> f.gather.endSync()))
                .when(
                        "something to invalidate",
                        f -> f.ranges.get() != null || f.overlaps.get() != 0,
                        p -> p.invoke(flush, f -> f.flush.apply(f.overlaps.get() != 0 ? null : f.ranges.get()))
                                .loop(
                                        "tables cut off",
                                        f -> f.tables.get() != null,
                                        q -> q.step(
                                                "free table", HostCost.ATOMIC, PageTable.PAGES, GatherSync::freeOne)))
                .build();
    }

    private int begin() {
        overlaps.set(gather.beginSync() ? 1 : 0);
        ranges.set(gather.takeRanges());
        tables.set(gather.takeTables());
        return 0;
    }

    private void freeOne() {
        PageTable.PageList page = tables.require();
        memory.free(page.address(), 1);
        tables.set(page.next());
    }
}

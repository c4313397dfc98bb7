package org.iommusim.vtd.driver;

import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code intel_iommu_tlb_sync}: invalidates what was unmapped, waits, and frees the tables that were cut off. A sync that
 * begins while another one is under way covers the whole domain, because the other may have taken its ranges.
 */
final class TlbSync extends Frame {
    static final Program<TlbSync> PROGRAM = program();

    private final DmarPaging domain;
    private final RefCell<Gather.Range> ranges = ref();
    private final RefCell<PageTable.PageList> tables = ref();
    private final IntCell overlaps = count();

    private TlbSync(DmarPaging domain) {
        super(domain.iommu().world());
        this.domain = domain;
    }

    static Call<?> call(DmarPaging domain) {
        return new Call<>(PROGRAM, new TlbSync(domain));
    }

    private static Program<TlbSync> program() {
        Footprint gather = Footprint.of(Gather.PENDING);
        return Program.<TlbSync>named("intel_iommu_tlb_sync")
                .take(
                        "take the gather",
                        gather,
                        TlbSync::begin,
                        Undo.always("sync done", gather, f -> f.domain.gather().endSync()))
                .when(
                        "something to invalidate",
                        f -> f.ranges.get() != null || f.overlaps.get() != 0,
                        p -> p.invoke(
                                        "cache_tag_flush_range",
                                        f -> CacheFlush.ranges(f.domain, f.overlaps.get() != 0 ? null : f.ranges.get()))
                                .loop(
                                        "tables cut off",
                                        f -> f.tables.get() != null,
                                        q -> q.step("free table", HostCost.ATOMIC, Touches.PAGES, TlbSync::freeOne)))
                .build();
    }

    private int begin() {
        overlaps.set(domain.gather().beginSync() ? 1 : 0);
        ranges.set(domain.gather().takeRanges());
        tables.set(domain.gather().takeTables());
        return 0;
    }

    private void freeOne() {
        PageTable.PageList page = tables.require();
        domain.iommu().tables().free(page.address(), 1);
        tables.set(page.next());
    }
}

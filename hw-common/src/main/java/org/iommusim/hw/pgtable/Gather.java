package org.iommusim.hw.pgtable;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * What was unmapped in a domain and not invalidated yet: {@code struct iommu_iotlb_gather}. One per domain and not one per
 * caller, so a sync also covers what other tasks have unmapped; a task that finds nothing while another's sync is still
 * under way must not believe that its own pages are clean.
 */
public final class Gather {
    /** What the methods touch. */
    public static final Variable PENDING = Variable.named("iommu.gather");

    private final RefCell<Range> ranges;
    private final RefCell<PageTable.PageList> tables;
    /** Syncs under way. */
    private final IntCell syncing;

    /** A gather of nothing. */
    public Gather(World world) {
        long id = world.nextInstance();
        ranges = new RefCell<>(world, PENDING, id);
        tables = new RefCell<>(world, PENDING, id + (1L << 40));
        syncing = new IntCell(world, PENDING, id + (2L << 40), 0);
    }

    /** Leaves of one size went away. */
    void addLeaves(long start, long bytes, int leafShift) {
        add(start, bytes, leafShift, true);
    }

    /** A table and everything below it went away. */
    void addTables(long start, long bytes, PageTable table, long below, int height) {
        tables.set(table.tablesBelow(below, height, tables.get()));
        add(start, bytes, PageTable.PAGE_SHIFT, false);
    }

    private void add(long start, long bytes, int leafShift, boolean leafOnly) {
        Range head = ranges.get();
        if (head != null
                && head.start + head.bytes == start
                && head.leafShift == leafShift
                && head.leafOnly == leafOnly) {
            ranges.set(new Range(head.start, head.bytes + bytes, leafShift, leafOnly, head.next));
        } else {
            ranges.set(new Range(start, bytes, leafShift, leafOnly, head));
        }
    }

    /** Takes the ranges, newest first. */
    public @Nullable Range takeRanges() {
        Range taken = ranges.get();
        ranges.set(null);
        return taken;
    }

    /** Takes the tables that may be freed once the ranges are invalidated. */
    public PageTable.@Nullable PageList takeTables() {
        PageTable.PageList taken = tables.get();
        tables.set(null);
        return taken;
    }

    /** A sync begins; true if another one is under way. */
    public boolean beginSync() {
        return syncing.add(1) > 1;
    }

    /** A sync is complete. */
    public void endSync() {
        syncing.add(-1);
    }

    /**
     * One range; an immutable list.
     *
     * @param start first address
     * @param bytes how many were unmapped
     * @param leafShift log2 of the bytes of each leaf that was there
     * @param leafOnly no table went away
     * @param next the rest of the list
     */
    public record Range(
            long start,
            long bytes,
            int leafShift,
            boolean leafOnly,
            @Nullable Range next) implements Identified {
        @Override
        public long stableId() {
            return start * 31 + bytes + leafShift + (next == null ? 1 : next.stableId() * 131);
        }
    }
}

package org.iommusim.vtd.driver;

import java.util.function.LongBinaryOperator;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code cache_tag_flush_range} and {@code cache_tag_flush_all}: invalidates ranges in every cache that may hold a domain's
 * translations, the unit's before the devices', in batches that are each waited for. The list of caches is locked for so long.
 *
 * <p>A range is invalidated as the smallest aligned power of two of pages that holds it. What devices have kept of a nested
 * translation cannot be found by an address of the second stage: all of it goes.
 */
final class CacheFlush extends Frame {
    /** QI_MAX_BATCHED_DESC_COUNT: what the kernel submits at a time. */
    private static final int BATCH = 16;
    /** Above so many ranges everything goes. */
    private static final int MOST_RANGES = 8;

    private static final Footprint TAGS = Footprint.of(Touches.DOMAIN, Touches.DEVICE, Touches.UNIT);
    static final Program<CacheFlush> PROGRAM = Program.<CacheFlush>named("cache_tag_flush_range")
            .lock("cache_lock", f -> f.domain.cacheLock)
            .step("a descriptor for each tag", HostCost.ATOMIC, TAGS, f -> f.prepare(CacheFlush::order))
            .loop(
                    "batches left",
                    f -> f.sent.get() < f.list.require().count(),
                    p -> p.invokeIgnoringError("qi_batch_flush_descs", CacheFlush::submit)
                            .step("next batch", HostCost.FREE, Footprint.LOCAL, f -> f.sent.add(BATCH)))
            .build();

    private final DmarDomain domain;
    private final Gather.@Nullable Range ranges;
    private final RefCell<EntryList> list = ref();
    private final IntCell sent = count();

    private CacheFlush(DmarDomain domain, Gather.@Nullable Range ranges) {
        super(domain.iommu().world());
        this.domain = domain;
        this.ranges = ranges;
    }

    /** Invalidates ranges; {@code null}: everything. */
    static Call<?> ranges(DmarDomain domain, Gather.@Nullable Range ranges) {
        return new Call<>(PROGRAM, new CacheFlush(domain, count(ranges) > MOST_RANGES ? null : ranges));
    }

    /** Invalidates everything. */
    static Call<?> all(DmarDomain domain) {
        return ranges(domain, null);
    }

    private static int count(Gather.@Nullable Range ranges) {
        int count = 0;
        for (Gather.Range r = ranges; r != null; r = r.next()) {
            count++;
        }
        return count;
    }

    private Call<?> submit() {
        return domain.iommu().qi().submit(list.require().batch(sent.get(), BATCH));
    }

    /**
     * Makes the descriptors.
     *
     * @param size order of the invalidation of a range, given its start and its bytes
     */
    void prepare(LongBinaryOperator size) {
        EntryList made = new EntryList();
        addAll(made, false, size);
        addAll(made, true, size);
        list.set(made);
    }

    private void addAll(EntryList to, boolean devices, LongBinaryOperator size) {
        for (CacheTag tag = domain.cacheTags().get(); tag != null; tag = tag.next()) {
            if (tag.ofDevice() != devices) {
                continue;
            }
            if (ranges == null || tag.type() == CacheTag.Type.NESTING_DEVTLB) {
                add(to, tag, 0, Flushes.EVERYTHING, false);
            } else {
                addRanges(to, tag, size);
            }
        }
    }

    private void addRanges(EntryList to, CacheTag tag, LongBinaryOperator size) {
        for (Gather.Range r = ranges; r != null; r = r.next()) {
            int order = (int) size.applyAsLong(r.start(), r.bytes());
            add(to, tag, r.start() & -1L << order + PageTable.PAGE_SHIFT, order, r.leafOnly());
        }
    }

    private void add(EntryList to, CacheTag tag, long address, int order, boolean leafOnly) {
        if (tag.ofDevice()) {
            Flushes.addDeviceTlb(to, tag.info(), tag.pasid(), address, order);
        } else {
            domain.addIotlb(to, tag, address, order, leafOnly);
        }
    }

    /** log2 of the pages of the largest aligned power of two that a range begins with. */
    static int orderWithin(long start, long bytes) {
        int pages = Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes >>> PageTable.PAGE_SHIFT);
        return Math.min(pages, Long.numberOfTrailingZeros(start >>> PageTable.PAGE_SHIFT));
    }

    /** log2 of the pages of the smallest aligned power of two that holds a range ({@code calculate_psi_aligned_address}). */
    static int order(long start, long bytes) {
        long first = start >>> PageTable.PAGE_SHIFT;
        long last = start + bytes - 1 >>> PageTable.PAGE_SHIFT;
        return Long.SIZE - Long.numberOfLeadingZeros(first ^ last);
    }
}

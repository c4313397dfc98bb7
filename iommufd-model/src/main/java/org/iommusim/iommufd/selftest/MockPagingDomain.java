package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.DirtyBitmap;
import org.iommusim.hw.driver.DirtyOps;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A paging domain of the mock ({@code struct mock_iommu_domain}). */
public final class MockPagingDomain implements PagingDomain, DirtyOps {
    /** {@code MOCK_IOMMUPT_DEFAULT}: pages of 2048 bytes, and a small aperture. */
    static final int DEFAULT = 0;
    /** {@code MOCK_IOMMUPT_HUGE}: pages of 4096 bytes and 1 MiB, and all of the format's addresses. */
    static final int HUGE = 1;

    private static final long APERTURE_START = 0x1000000;
    private static final long APERTURE_LAST = 0x7fffffff;
    private static final long HUGE_SIZES = 4096 | 1 << 20;
    private static final Variable TRACKING = Variable.named("mock.domain.tracking");
    private static final Footprint ITEMS = Footprint.of(MockTable.ITEMS);

    private static final Program<Range> MAP = Program.<Range>named("amdv1_mock_map_range")
            .attempt(
                    "install leaves",
                    HostCost.TABLE_STORE,
                    ITEMS,
                    f -> f.domain.table.map(f.iova, f.physical, f.bytes, f.protection))
            .build();
    private static final Program<Range> UNMAP = Program.<Range>named("amdv1_mock_unmap_range")
            .step("clear leaves", HostCost.TABLE_STORE, ITEMS, f -> f.domain.table.unmap(f.iova, f.bytes))
            .build();
    private static final Program<Range> SYNC =
            Program.<Range>named("mock_iotlb_sync").build();
    private static final Program<Tracking> SET_TRACKING = Program.<Tracking>named("mock_domain_set_dirty_tracking")
            .step("MOCK_DIRTY_TRACK", Footprint.of(TRACKING), f -> f.domain.tracking.set(f.enable ? 1 : 0))
            .build();
    private static final Program<Dirty> READ_DIRTY = Program.<Dirty>named("amdv1_mock_read_and_clear_dirty")
            .check(
                    "inside of the table",
                    f -> f.iova >>> MockPageTable.ADDRESS_BITS == 0
                            && f.iova + f.bytes - 1 >>> MockPageTable.ADDRESS_BITS == 0,
                    Errno.ERANGE)
            .step(
                    "each dirty leaf",
                    HostCost.LOCAL,
                    ITEMS,
                    f -> f.domain.table.readAndClearDirty(f.iova, f.bytes, f.clear, f.bitmap))
            .build();

    private final World world;
    private final String name;
    private final int tableType;
    private final boolean nestParent;
    private final boolean dirtyTracking;
    private final MockPageTable table;
    private final long instance;
    private final IntCell tracking;

    MockPagingDomain(World world, int tableType, boolean nestParent, boolean dirtyTracking) {
        this.world = world;
        this.tableType = tableType;
        this.nestParent = nestParent;
        this.dirtyTracking = dirtyTracking;
        instance = world.nextInstance();
        name = "mock paging " + instance;
        table = new MockPageTable(world, pageSizes());
        tracking = new IntCell(world, TRACKING, instance, 0);
    }

    @Override
    public Type type() {
        return Type.PAGING;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long pageSizes() {
        return tableType == HUGE ? HUGE_SIZES : MockPageTable.POSSIBLE_SIZES;
    }

    @Override
    public long apertureStart() {
        return tableType == HUGE ? 0 : APERTURE_START;
    }

    @Override
    public long apertureEnd() {
        return tableType == HUGE ? (1L << MockPageTable.ADDRESS_BITS) - 1 : APERTURE_LAST;
    }

    @Override
    public boolean nestParent() {
        return nestParent;
    }

    @Override
    public Call<?> mapPages(long iova, long physicalAddress, long bytes, int protection) {
        return new Call<>(MAP, new Range(this, iova, physicalAddress, bytes, protection));
    }

    @Override
    public Call<?> unmapPages(long iova, long bytes) {
        return new Call<>(UNMAP, new Range(this, iova, 0, bytes, 0));
    }

    /** There is no IOTLB. */
    @Override
    public Call<?> iotlbSync() {
        return new Call<>(SYNC, new Range(this, 0, 0, 0, 0));
    }

    @Override
    public long iovaToPhys(long iova) {
        return table.physical(iova);
    }

    /** What a leaf allows; 0 where nothing is mapped. */
    int protection(long iova) {
        return table.protection(iova);
    }

    @Override
    public @Nullable DirtyOps dirtyOps() {
        return dirtyTracking ? this : null;
    }

    @Override
    public Call<?> setDirtyTracking(boolean enable) {
        return new Call<>(SET_TRACKING, new Tracking(this, enable));
    }

    @Override
    public Call<?> readAndClearDirty(long iova, long bytes, boolean clear, @Nullable DirtyBitmap bitmap) {
        return new Call<>(READ_DIRTY, new Dirty(this, iova, bytes, clear, bitmap));
    }

    /** {@code MOCK_DIRTY_TRACK}: tracking is on. */
    boolean tracking() {
        return tracking.get() != 0;
    }

    /** A device has written there: noted if tracking is on. */
    void written(long iova) {
        if (tracking()) {
            table.setDirty(iova);
        }
    }

    /** What {@link #written} and {@link #tracking} touch. */
    static Footprint dirtyState() {
        return ITEMS.and(TRACKING);
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return name;
    }

    private static final class Range extends Frame {
        final MockPagingDomain domain;
        final long iova;
        final long physical;
        final long bytes;
        final int protection;

        Range(MockPagingDomain domain, long iova, long physical, long bytes, int protection) {
            super(domain.world);
            this.domain = domain;
            this.iova = iova;
            this.physical = physical;
            this.bytes = bytes;
            this.protection = protection;
        }
    }

    private static final class Tracking extends Frame {
        final MockPagingDomain domain;
        final boolean enable;

        Tracking(MockPagingDomain domain, boolean enable) {
            super(domain.world);
            this.domain = domain;
            this.enable = enable;
        }
    }

    private static final class Dirty extends Frame {
        final MockPagingDomain domain;
        final long iova;
        final long bytes;
        final boolean clear;
        final @Nullable DirtyBitmap bitmap;

        Dirty(MockPagingDomain domain, long iova, long bytes, boolean clear, @Nullable DirtyBitmap bitmap) {
            super(domain.world);
            this.domain = domain;
            this.iova = iova;
            this.bytes = bytes;
            this.clear = clear;
            this.bitmap = bitmap;
        }
    }
}

package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.hw.pgtable.Gather;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code intel_nested_cache_invalidate_user}: an array of ranges of a guest's first stage. Each is invalidated in the IOTLB and
 * in the device TLB of everything that is attached, so that user space need not ask for the latter. The first error ends it.
 *
 * <p>On a vIOMMU, which the kernel does not have for this hardware, the same array is carried out for all of its nested domains.
 */
final class NestedInvalidate extends Frame {
    /** IOMMU_HWPT_INVALIDATE_DATA_VTD_S1. */
    static final int TYPE = 0;
    /** Bytes of {@code struct iommu_hwpt_vtd_s1_invalidate}. */
    static final int BYTES = 24;
    /** IOMMU_VTD_INV_FLAGS_LEAF: no table went away. */
    static final long LEAF = 1;
    /** Number of pages that stands for everything. */
    static final long ALL_PAGES = -1;

    static final Program<NestedInvalidate> PROGRAM = program();

    private final @Nullable DmarNested domain;
    private final @Nullable VtdViommu viommu;
    private final UserDataArray array;
    private final IntCell done;
    private final LongCell address = num();
    private final LongCell pages = num();
    private final LongCell flags = num();
    /** Nested domains that are still to do for this entry. */
    private final RefCell<VtdViommu.Nested> left = ref();

    private NestedInvalidate(
            IntelIommu iommu,
            @Nullable DmarNested domain,
            @Nullable VtdViommu viommu,
            UserDataArray array,
            IntCell done) {
        super(iommu.world());
        this.domain = domain;
        this.viommu = viommu;
        this.array = array;
        this.done = done;
    }

    /** Of one nested domain. */
    static Call<?> call(DmarNested domain, UserDataArray array, IntCell done) {
        return new Call<>(PROGRAM, new NestedInvalidate(domain.iommu(), domain, null, array, done));
    }

    /** Of all nested domains of a vIOMMU. */
    static Call<?> call(VtdViommu viommu, UserDataArray array, IntCell done) {
        return new Call<>(PROGRAM, new NestedInvalidate(viommu.iommu(), null, viommu, array, done));
    }

    private static Program<NestedInvalidate> program() {
        return Program.<NestedInvalidate>named("intel_nested_cache_invalidate_user")
                .step("nothing done", HostCost.FREE, Footprint.LOCAL, f -> f.done.set(0))
                .check("data type", f -> f.array.type() == TYPE, Errno.EINVAL)
                .loop(
                        "entries left",
                        f -> f.done.get() < f.array.entryNum(),
                        p -> p.attempt(
                                        "iommu_copy_struct_from_user_array",
                                        HostCost.USER_COPY,
                                        UserMemory.ACCESS,
                                        NestedInvalidate::copy)
                                .check("flags", f -> (f.flags.get() & ~LEAF) == 0, Errno.EOPNOTSUPP)
                                .check("address and pages", NestedInvalidate::rangeFits, Errno.EINVAL)
                                .step(
                                        "which domains",
                                        HostCost.LOCAL,
                                        Footprint.of(Touches.DOMAIN),
                                        NestedInvalidate::begin)
                                .loop(
                                        "domains left",
                                        f -> f.left.get() != null,
                                        q -> q.invoke("cache_tag_flush_range", NestedInvalidate::flush)
                                                .step(
                                                        "next domain",
                                                        HostCost.FREE,
                                                        Footprint.LOCAL,
                                                        f -> f.left.set(
                                                                f.left.require().next())))
                                .step(
                                        "entry done",
                                        HostCost.FREE,
                                        Touches.WORDS.and(Touches.IOMMUFD),
                                        NestedInvalidate::entryDone))
                .build();
    }

    private int copy() {
        byte[] entry = new byte[BYTES];
        int error = array.copyEntry(entry, TYPE, done.get(), BYTES);
        if (error == 0) {
            address.set(UserData.word(entry, 0));
            pages.set(UserData.word(entry, 8));
            flags.set(UserData.word(entry, 16));
        }
        return error;
    }

    private boolean rangeFits() {
        boolean aligned = (address.get() & (1L << PageTable.PAGE_SHIFT) - 1) == 0;
        return aligned && (pages.get() != ALL_PAGES || address.get() == 0);
    }

    private void begin() {
        left.set(viommu != null ? viommu.nested().get() : new VtdViommu.Nested(own(), null));
        if (viommu != null) {
            viommu.core().issuing();
        }
    }

    private DmarNested own() {
        if (domain == null) {
            throw new IllegalStateException("neither a domain nor a vIOMMU");
        }
        return domain;
    }

    private Call<?> flush() {
        DmarNested of = left.require().domain();
        return pages.get() == ALL_PAGES ? CacheFlush.all(of) : CacheFlush.ranges(of, range());
    }

    private Gather.Range range() {
        long bytes = pages.get() << PageTable.PAGE_SHIFT;
        boolean leafOnly = (flags.get() & LEAF) != 0;
        return new Gather.Range(address.get(), bytes, PageTable.PAGE_SHIFT, leafOnly, null);
    }

    private void entryDone() {
        done.add(1);
        if (viommu != null) {
            viommu.core().carriedOut(done.get());
        }
    }
}

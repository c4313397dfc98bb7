package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * {@code mock_viommu_init}: with data, two pages for user space to map, the first word of which is user space's own; the
 * data goes back with the place to map. Errors: EINVAL (length), EFAULT, ENOMEM, those of allocating the window.
 */
final class MockViommuInit extends Frame {
    /** What the pages' words and owners are recorded under. */
    static final Variable[] PAGE_WORDS = {PhysicalMemory.PAGE, PhysicalMemory.WORD};

    /** Bytes of {@code struct iommu_viommu_selftest}: in_data, out_data, out_mmap_offset, out_mmap_length. */
    private static final int DATA_BYTES = 24;

    private static final int DATA_MIN_BYTES = 8;
    private static final Footprint PAGES = Footprint.of(PageAllocator.ALLOCATOR).and(PAGE_WORDS);

    private static final Program<MockViommuInit> INIT = Program.<MockViommuInit>named("mock_viommu_init")
            .when(
                    "with data",
                    f -> f.data.length() != 0,
                    b -> b.attempt(
                                    "iommu_copy_struct_from_user",
                                    HostCost.USER_COPY,
                                    MockData.USER,
                                    MockViommuInit::copy)
                            .take(
                                    "__get_free_pages",
                                    HostCost.ALLOCATE,
                                    PAGES,
                                    MockViommuInit::allocate,
                                    Undo.onFailure("free_pages", PAGES, f -> f.driver.freePages(f.page.get())))
                            .take(
                                    "iommufd_viommu_alloc_mmap",
                                    HostCost.ALLOCATE,
                                    ViommuCore.MMAP,
                                    f -> f.core.allocMmap(f.page.get(), bytes(), f.mmapOffset),
                                    Undo.onFailure(
                                            "iommufd_viommu_destroy_mmap",
                                            ViommuCore.MMAP,
                                            f -> f.core.destroyMmap(f.mmapOffset.get())))
                            .step("*page = in_data", Footprint.of(PAGE_WORDS), MockViommuInit::fill)
                            .attempt(
                                    "iommu_copy_struct_to_user",
                                    HostCost.USER_COPY,
                                    MockData.USER,
                                    MockViommuInit::copyBack))
            .step("viommu->ops", HostCost.LOCAL, Footprint.LOCAL, f -> f.result.set(f.make()))
            .build();

    private final MockDriver driver;
    private final MockPagingDomain parent;
    private final ViommuCore core;
    private final UserData data;
    private final RefCell<VirtualIommu> result;
    private final RefCell<byte[]> config = ref();
    private final LongCell page = num();
    private final LongCell mmapOffset = num();

    private MockViommuInit(
            MockDriver driver, MockPagingDomain parent, ViommuCore core, UserData data, RefCell<VirtualIommu> result) {
        super(driver.world());
        this.driver = driver;
        this.parent = parent;
        this.core = core;
        this.data = data;
        this.result = result;
    }

    static Call<?> call(
            MockDriver driver, MockPagingDomain parent, ViommuCore core, UserData data, RefCell<VirtualIommu> result) {
        return new Call<>(INIT, new MockViommuInit(driver, parent, core, data, result));
    }

    private static long bytes() {
        return (long) MockViommu.PAGES * PhysicalMemory.PAGE_BYTES;
    }

    private int copy() {
        byte[] copied = new byte[DATA_BYTES];
        int error = data.copyStruct(copied, MockData.VIOMMU, DATA_MIN_BYTES);
        config.set(copied);
        return error;
    }

    private int allocate() {
        long at = driver.allocatePages();
        page.set(at);
        return at == PageAllocator.NONE ? Errno.ENOMEM : 0;
    }

    private void fill() {
        driver.memory().write(page.get(), 4, Integer.toUnsignedLong(MockData.u32(config.require(), 0)));
    }

    private int copyBack() {
        byte[] answer = config.require().clone();
        MockData.u32(answer, 4, MockData.u32(answer, 0));
        MockData.u64(answer, 8, mmapOffset.get());
        MockData.u64(answer, 16, bytes());
        return data.copyStructBack(answer, MockData.VIOMMU, DATA_MIN_BYTES);
    }

    private MockViommu make() {
        return new MockViommu(driver, parent, core, page.get(), mmapOffset.get());
    }
}

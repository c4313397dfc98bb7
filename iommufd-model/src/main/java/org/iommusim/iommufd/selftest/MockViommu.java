package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwQueue;
import org.iommusim.hw.driver.HwQueueCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;

/** A vIOMMU of the mock ({@code struct mock_viommu}): hardware queues, and two pages that user space may map. */
final class MockViommu implements VirtualIommu, Identified {
    /** Pages that user space may map. */
    static final int PAGES = 2;

    private static final Footprint MEMORY =
            Footprint.of(PageAllocator.ALLOCATOR).and(MockViommuInit.PAGE_WORDS);

    private static final Program<Nested> ALLOC_NESTED = Program.<Nested>named("mock_viommu_alloc_domain_nested")
            .check("flags", f -> (f.flags & ~IommuDriver.ALLOC_PASID) == 0, Errno.EOPNOTSUPP)
            .invoke(
                    "__mock_domain_alloc_nested",
                    f -> MockNestedAlloc.call(f.world(), f.viommu.parent, f.viommu, f.data, f.result))
            .build();

    private static final Program<Self> DESTROY = Program.<Self>named("mock_viommu_destroy")
            .when(
                    "has pages",
                    f -> f.viommu.mmapOffset != 0,
                    b -> b.step(
                                    "iommufd_viommu_destroy_mmap",
                                    ViommuCore.MMAP,
                                    f -> f.viommu.core.destroyMmap(f.viommu.mmapOffset))
                            .step("free_pages", MEMORY, f -> f.viommu.driver.freePages(f.viommu.page)))
            .build();

    private final MockDriver driver;
    private final MockPagingDomain parent;
    private final ViommuCore core;
    private final long page;
    private final long mmapOffset;
    private final long instance;
    private final Lock queueMutex;
    private final RefArrayCell<MockHwQueue> queues;

    /**
     * A vIOMMU without queues.
     *
     * @param page physical address of its pages; only with an {@code mmapOffset}
     * @param mmapOffset where user space maps them; 0 without pages
     */
    MockViommu(MockDriver driver, MockPagingDomain parent, ViommuCore core, long page, long mmapOffset) {
        this.driver = driver;
        this.parent = parent;
        this.core = core;
        this.page = page;
        this.mmapOffset = mmapOffset;
        World world = driver.world();
        instance = world.nextInstance();
        queueMutex = new Lock(world, "queue_mutex", Lock.Kind.MUTEX);
        queues = new RefArrayCell<>(world, MockHwQueue.QUEUES, instance, MockHwQueue.MAX);
    }

    World world() {
        return driver.world();
    }

    ViommuCore core() {
        return core;
    }

    /** The nesting parent ({@code s2_parent}). */
    MockPagingDomain parent() {
        return parent;
    }

    /** Protects {@link #queues}. */
    Lock queueMutex() {
        return queueMutex;
    }

    /** {@code hw_queue[]}. */
    RefArrayCell<MockHwQueue> queues() {
        return queues;
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public Call<?> allocDomainNested(int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(ALLOC_NESTED, new Nested(this, flags, data, result));
    }

    @Override
    public Call<?> vdeviceInit(IommuMaster master, long virtualId) {
        return MockVdevice.init(this, (MockMaster) master);
    }

    @Override
    public Call<?> vdeviceDestroy(IommuMaster master, long virtualId) {
        return MockVdevice.destroy(this, (MockMaster) master);
    }

    @Override
    public Call<?> cacheInvalidate(UserDataArray array, IntCell done) {
        return MockCacheInvalidate.call(this, array, done);
    }

    @Override
    public int getHwQueueSize(int type) {
        return type == MockData.HW_QUEUE ? ViommuCore.STRUCT_BYTES : 0;
    }

    @Override
    public Call<?> hwQueueInitPhys(HwQueueCore queue, int index, long physicalAddress, RefCell<HwQueue> result) {
        return MockHwQueue.init(this, queue, index, physicalAddress, result);
    }

    @Override
    public long stableId() {
        return instance;
    }

    private static final class Self extends Frame {
        final MockViommu viommu;

        Self(MockViommu viommu) {
            super(viommu.world());
            this.viommu = viommu;
        }
    }

    private static final class Nested extends Frame {
        final MockViommu viommu;
        final int flags;
        final UserData data;
        final RefCell<IommuDomain> result;

        Nested(MockViommu viommu, int flags, UserData data, RefCell<IommuDomain> result) {
            super(viommu.world());
            this.viommu = viommu;
            this.flags = flags;
            this.data = data;
            this.result = result;
        }
    }
}

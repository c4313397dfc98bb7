package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwQueue;
import org.iommusim.hw.driver.HwQueueCore;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A hardware queue of the mock ({@code struct mock_hw_queue}). Queue 1 needs queue 0. */
final class MockHwQueue implements HwQueue, Identified {
    /** The variable of all tables of queues. */
    static final Variable QUEUES = Variable.named("mock.viommu.hw_queue");
    /** {@code IOMMU_TEST_HW_QUEUE_MAX}. */
    static final int MAX = 2;

    private static final Footprint TABLE = Footprint.of(QUEUES);

    private static final Program<Init> INIT = Program.<Init>named("mock_hw_queue_init_phys")
            .check("index", f -> Integer.compareUnsigned(f.index, MAX) < 0, Errno.EINVAL)
            .lock("queue_mutex", f -> f.viommu.queueMutex())
            .check("index is free", TABLE, f -> f.viommu.queues().get(f.index) == null, Errno.EEXIST)
            .step(
                    "queue before it",
                    TABLE,
                    f -> f.prev.set(f.index == 0 ? null : f.viommu.queues().get(f.index - 1)))
            .check("has what it needs", f -> f.index == 0 || f.prev.get() != null, Errno.EIO)
            // The core has converted the address: the mock tries whether correctly.
            .check(
                    "physical address",
                    Footprint.of(MockTable.ITEMS),
                    f -> f.viommu.parent().iovaToPhys(f.queue.baseAddr()) == f.physical,
                    Errno.EFAULT)
            .when(
                    "depends",
                    f -> f.prev.get() != null,
                    b -> b.attempt(
                            "iommufd_hw_queue_depend",
                            HostCost.ATOMIC,
                            ObjectPrograms.USERS,
                            f -> f.queue.dependOn(f.prev.require().core)))
            .step("hw_queue[index]", TABLE, Init::store)
            .build();

    private static final Program<Destroy> DESTROY = Program.<Destroy>named("mock_hw_queue_destroy")
            .lock("queue_mutex", f -> f.queue.viommu.queueMutex())
            // The kernel's mock never stores a queue's index, so it is 0 here: destroying queue 1 frees place 0, and
            // place 1
            // stays taken as long as the vIOMMU lives.
            .step("hw_queue[0] = NULL", TABLE, f -> f.queue.viommu.queues().set(0, null))
            .when(
                    "depends",
                    f -> f.queue.prev != null,
                    b -> b.step("iommufd_hw_queue_undepend", ObjectPrograms.USERS, Destroy::undepend))
            .build();

    private final MockViommu viommu;
    private final HwQueueCore core;
    private final @Nullable MockHwQueue prev;
    private final long instance;

    private MockHwQueue(MockViommu viommu, HwQueueCore core, @Nullable MockHwQueue prev) {
        this.viommu = viommu;
        this.core = core;
        this.prev = prev;
        instance = viommu.world().nextInstance();
    }

    /** Makes a queue. Errors: EINVAL (index), EEXIST (index taken), EIO (queue 1 without queue 0), EFAULT (address). */
    static Call<?> init(
            MockViommu viommu, HwQueueCore queue, int index, long physicalAddress, RefCell<HwQueue> result) {
        return new Call<>(INIT, new Init(viommu, queue, index, physicalAddress, result));
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Destroy(this));
    }

    @Override
    public long stableId() {
        return instance;
    }

    private static final class Init extends Frame {
        final MockViommu viommu;
        final HwQueueCore queue;
        final int index;
        final long physical;
        final RefCell<HwQueue> result;
        final RefCell<MockHwQueue> prev = ref();

        Init(MockViommu viommu, HwQueueCore queue, int index, long physical, RefCell<HwQueue> result) {
            super(viommu.world());
            this.viommu = viommu;
            this.queue = queue;
            this.index = index;
            this.physical = physical;
            this.result = result;
        }

        void store() {
            MockHwQueue made = new MockHwQueue(viommu, queue, prev.get());
            viommu.queues().set(index, made);
            result.set(made);
        }
    }

    private static final class Destroy extends Frame {
        final MockHwQueue queue;

        Destroy(MockHwQueue queue) {
            super(queue.viommu.world());
            this.queue = queue;
        }

        void undepend() {
            if (queue.prev != null) {
                queue.core.undependOn(queue.prev.core);
            }
        }
    }
}

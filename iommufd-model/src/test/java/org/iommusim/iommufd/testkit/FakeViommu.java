package org.iommusim.iommufd.testkit;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwQueue;
import org.iommusim.hw.driver.HwQueueCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** A vIOMMU of the fake driver: an invalidation entry is one word, the virtual id that it is for. */
final class FakeViommu implements VirtualIommu {
    private static final Program<Invalidate> INVALIDATE = Program.<Invalidate>named("fake cache_invalidate")
            .loop(
                    "each entry",
                    f -> f.index.get() < f.array.entryNum(),
                    b -> b.lock("xa_lock(vdevs)", f -> f.viommu.core.vdevsLock())
                            .attempt(
                                    "translate",
                                    HostCost.ATOMIC,
                                    ViommuCore.LOOK_UP.and(UserMemory.ACCESS),
                                    Invalidate::translate)
                            .undoNow("xa_lock(vdevs)")
                            .step("issue", HostCost.MMIO_WRITE, Footprint.LOCAL, Invalidate::issue))
            .build();

    private final FakeDriver driver;
    private final PagingDomain parent;
    private final ViommuCore core;
    private final Map<Integer, HwQueueCore> queues = new TreeMap<>();

    FakeViommu(FakeDriver driver, PagingDomain parent, ViommuCore core) {
        this.driver = driver;
        this.parent = parent;
        this.core = core;
    }

    @Override
    public Call<?> destroy() {
        return driver.operation("viommu_destroy", () -> 0);
    }

    @Override
    public Call<?> allocDomainNested(int flags, UserData data, RefCell<IommuDomain> result) {
        return driver.operation("alloc_domain_nested", () -> {
            if (data.type() != FakeDriver.NESTED_DATA) {
                return Errno.EOPNOTSUPP;
            }
            result.set(new FakeNested(core, parent, driver.world().nextInstance()));
            return 0;
        });
    }

    @Override
    public Call<?> vdeviceInit(IommuMaster master, long virtualId) {
        return driver.operation("vdevice_init", () -> 0);
    }

    @Override
    public Call<?> vdeviceDestroy(IommuMaster master, long virtualId) {
        return driver.operation("vdevice_destroy", () -> 0);
    }

    @Override
    public Call<?> cacheInvalidate(UserDataArray array, IntCell done) {
        return new Call<>(INVALIDATE, new Invalidate(this, array, done));
    }

    @Override
    public int getHwQueueSize(int type) {
        return type == FakeDriver.HW_QUEUE_TYPE ? 64 : 0;
    }

    /** A queue with an index above 0 depends on the one before it. */
    @Override
    public Call<?> hwQueueInitPhys(HwQueueCore queue, int index, long physicalAddress, RefCell<HwQueue> result) {
        return driver.operation("hw_queue_init", () -> {
            HwQueueCore before = queues.get(index - 1);
            int error = before == null ? 0 : queue.dependOn(before);
            if (error == 0) {
                queues.put(index, queue);
                driver.hwQueueAddress(physicalAddress);
                result.set(() -> driver.operation("hw_queue_destroy", () -> {
                    queues.remove(index);
                    if (before != null) {
                        queue.undependOn(before);
                    }
                    return 0;
                }));
            }
            return error;
        });
    }

    private static final class Invalidate extends Frame {
        private final FakeViommu viommu;
        private final UserDataArray array;
        private final IntCell done;
        private final IntCell index = count();

        Invalidate(FakeViommu viommu, UserDataArray array, IntCell done) {
            super(viommu.driver.world());
            this.viommu = viommu;
            this.array = array;
            this.done = done;
        }

        private void issue() {
            viommu.core.issuing();
            done.set(index.add(1));
            viommu.core.carriedOut(index.get());
        }

        private int translate() {
            byte[] entry = new byte[8];
            int error = array.copyEntry(entry, 1, index.get(), 8);
            return error == 0 && viommu.core.findDevice(UserData.word(entry, 0)) == null ? Errno.EIO : error;
        }
    }
}

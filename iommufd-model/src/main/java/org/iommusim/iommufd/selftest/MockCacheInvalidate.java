package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code mock_viommu_cache_invalidate}: copies the whole array first, then carries it out entry by entry. Errors in this
 * order: EINVAL (type), EFAULT, E2BIG; then for each entry EOPNOTSUPP (flag), EINVAL (cache_id, unknown virtual id).
 */
final class MockCacheInvalidate extends Frame {
    /** Bytes of {@code struct iommu_viommu_invalidate_selftest}: flags, vdev_id, cache_id. */
    private static final int ENTRY_BYTES = 12;

    /** The operation. */
    static final Program<MockCacheInvalidate> INVALIDATE = Program.<MockCacheInvalidate>named(
                    "mock_viommu_cache_invalidate")
            .step("entry_num = 0", Footprint.LOCAL, f -> f.done.set(0))
            .when(
                    "asks only whether the type is known",
                    f -> f.array.entryNum() == 0 && f.array.type() == MockData.INVALIDATE,
                    b -> b.succeed("it is"))
            .attempt("copy the array", HostCost.USER_COPY, MockData.USER, MockCacheInvalidate::copy)
            .loop(
                    "each entry",
                    f -> f.done.get() < f.array.entryNum(),
                    b -> b.check("flags", f -> (f.word(0) & ~MockData.INVALIDATE_ALL) == 0, Errno.EOPNOTSUPP)
                            // Also with the flag for all of them.
                            .check(
                                    "cache_id",
                                    f -> Integer.compareUnsigned(f.word(2), MockMaster.CACHE_NUM) < 0,
                                    Errno.EINVAL)
                            .lock("xa_lock(vdevs)", f -> f.viommu.core().vdevsLock())
                            .attempt(
                                    "iommufd_viommu_find_dev",
                                    HostCost.ATOMIC,
                                    ViommuCore.LOOK_UP,
                                    MockCacheInvalidate::findDevice)
                            .step(
                                    "clear the cache",
                                    HostCost.LOCAL,
                                    Footprint.of(MockMaster.CACHE),
                                    MockCacheInvalidate::clear)
                            .undoNow("xa_lock(vdevs)")
                            .step("next entry", HostCost.FREE, Footprint.LOCAL, MockCacheInvalidate::entryDone))
            .build();

    private final MockViommu viommu;
    private final UserDataArray array;
    private final IntCell done;
    private final RefCell<byte[]> cmds = ref();
    private final RefCell<IommuMaster> device = ref();

    private MockCacheInvalidate(MockViommu viommu, UserDataArray array, IntCell done) {
        super(viommu.world());
        this.viommu = viommu;
        this.array = array;
        this.done = done;
    }

    /**
     * Carries out an array of invalidations of device caches.
     *
     * @param done gets the number of entries handled, also on an error
     */
    static Call<?> call(MockViommu viommu, UserDataArray array, IntCell done) {
        return new Call<>(INVALIDATE, new MockCacheInvalidate(viommu, array, done));
    }

    private int copy() {
        byte[] copied = new byte[ENTRY_BYTES * array.entryNum()];
        int error = array.copyAll(copied, MockData.INVALIDATE, ENTRY_BYTES);
        cmds.set(copied);
        return error;
    }

    /** A word of the present entry. */
    private int word(int index) {
        return MockData.u32(cmds.require(), ENTRY_BYTES * done.get() + 4 * index);
    }

    private int findDevice() {
        device.set(viommu.core().findDevice(Integer.toUnsignedLong(word(1))));
        return device.get() == null ? Errno.EINVAL : 0;
    }

    private void entryDone() {
        done.add(1);
        viommu.core().carriedOut(done.get());
    }

    private void clear() {
        viommu.core().issuing();
        MockMaster master = (MockMaster) device.require();
        boolean all = (word(0) & MockData.INVALIDATE_ALL) != 0;
        for (int i = 0; i < MockMaster.CACHE_NUM; i++) {
            if (all || i == word(2)) {
                master.cache().set(i, 0);
            }
        }
    }
}

package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.HwQueueAlloc;
import org.iommusim.iommufd.testkit.FakeDriver;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queues in guest memory that the hardware reads by itself. */
class HwQueueTest {
    private static final int TYPE = FakeDriver.HW_QUEUE_TYPE;
    private static final long IOVA = 0x10_0000;
    private static final long PAGE = 4096;

    private final Rig rig = new Rig();
    private final int dev = rig.bind(rig.open(rig.plug("net0", 0x100)));
    private final int ioas = rig.ioasAlloc();
    private final int viommu = rig.viommuAlloc(dev, rig.hwptAlloc(dev, ioas, true));
    private final long va = rig.process.mmap(2L << 20, true);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int alloc(int viommuId, int type, int index, long iova, long length) {
        var call = HwQueueAlloc.call(rig.ctx, viommuId, type, index, iova, length);
        int errno = rig.run(rig.ioctl(call));
        return errno != 0 ? errno : call.frame().outHwQueueId();
    }

    private void map(long bytes) {
        assertThat(rig.map(ioas, va, bytes, IOVA)).isZero();
    }

    @Test
    void shouldCheckArgumentsInOrder() {
        assertThat(alloc(99, 0, 0, IOVA, 0)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(alloc(99, TYPE, 0, IOVA, 0)).isEqualTo(Errno.EINVAL);
        assertThat(alloc(99, TYPE, 0, -PAGE, 2 * PAGE)).isEqualTo(Errno.EOVERFLOW);
        assertThat(alloc(99, TYPE, 0, IOVA, PAGE)).isEqualTo(Errno.ENOENT);
        assertThat(alloc(viommu, TYPE + 1, 0, IOVA, PAGE)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(alloc(viommu, TYPE, 0, 1, -2)).isEqualTo(Errno.ERANGE);
        assertThat(alloc(viommu, TYPE, 0, IOVA, PAGE)).isEqualTo(Errno.ENOENT);
        map(PAGE);
        assertThat(alloc(viommu, TYPE, 0, IOVA, 2 * PAGE)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldKeepItsPagesMapped() {
        map(2 * PAGE);
        int queue = alloc(viommu, TYPE, 0, IOVA + 16, 2 * PAGE - 32);
        assertThat(rig.driver.hwQueueAddress()).isEqualTo(rig.process.translate(va) + 16);
        assertThat(rig.unmap(ioas, IOVA, 2 * PAGE)).isEqualTo(Errno.EBUSY);
        assertThat(rig.audit()).isEmpty();
        // The queue took its id first, its access the next one; an access is its owner's.
        assertThat(rig.destroy(queue + 1)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(viommu)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(queue)).isZero();
        assertThat(rig.unmap(ioas, IOVA, 2 * PAGE)).isZero();
        assertThat(rig.destroy(viommu)).isZero();
    }

    @Test
    void shouldWantPagesThatFollowEachOther() {
        assertThat(rig.map(ioas, va, PAGE, IOVA)).isZero();
        assertThat(rig.map(ioas, va, PAGE, IOVA + PAGE)).isZero();
        assertThat(alloc(viommu, TYPE, 0, IOVA, 2 * PAGE)).isEqualTo(Errno.EFAULT);
        assertThat(alloc(viommu, TYPE, 0, IOVA + PAGE - 16, 32)).isEqualTo(Errno.EFAULT);
        assertThat(rig.unmap(ioas, IOVA, 2 * PAGE)).isZero();
    }

    @Test
    void shouldKeepAQueueOnWhichAnotherDepends() {
        map(PAGE);
        int first = alloc(viommu, TYPE, 0, IOVA, PAGE);
        int second = alloc(viommu, TYPE, 1, IOVA, PAGE);
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.destroy(first)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(second)).isZero();
        assertThat(rig.destroy(first)).isZero();
    }

    @Test
    void shouldUndoAQueueThatCannotBeMade() {
        map(PAGE);
        int live = rig.ctx.objects().live().size();
        for (String step : List.of(
                "IOMMU_HW_QUEUE_ALLOC: iommufd_object_alloc",
                "iommufd_hw_queue_alloc_phys: kvcalloc pages",
                "iommufd_access_create: iommufd_object_alloc",
                "IOMMU_HW_QUEUE_ALLOC: iommufd_ucmd_respond")) {
            String[] where = step.split(": ");
            rig.inject(where[0], where[1], Errno.ENOMEM);
            assertThat(alloc(viommu, TYPE, 0, IOVA, PAGE)).as(step).isEqualTo(Errno.ENOMEM);
            rig.inject(where[0], where[1], 0);
            assertThat(rig.audit()).as(step).isEmpty();
            assertThat(rig.ctx.objects().live()).as(step).hasSize(live);
        }
        rig.driver.fail("hw_queue_init", Errno.EIO);
        assertThat(alloc(viommu, TYPE, 0, IOVA, PAGE)).isEqualTo(Errno.EIO);
        assertThat(rig.unmap(ioas, IOVA, PAGE)).isZero();
    }
}

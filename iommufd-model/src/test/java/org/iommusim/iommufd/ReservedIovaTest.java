package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.ReservedRegion;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Addresses that a device keeps out of the address space that it is attached to. */
class ReservedIovaTest {
    private static final long RESERVED = 0x80_0000;
    private static final long PAGE = 4096;

    private final Rig rig = new Rig();
    private final VfioFile file = rig.open(rig.plug("net0", 0x100));
    private final int dev = rig.bind(file);
    private final int ioas = rig.ioasAlloc();
    private final int hwpt = rig.hwptAlloc(dev, ioas, false);
    private final long va = rig.process.mmap(PAGE, false);

    ReservedIovaTest() {
        rig.driver.reserve(RESERVED, 0x1000, ReservedRegion.Type.MSI);
        rig.driver.reserve(0x10_0000, 0x1000, ReservedRegion.Type.DIRECT_RELAXABLE);
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int map(int space, long iova) {
        return rig.map(space, va, PAGE, iova);
    }

    @Test
    void shouldReserveWhileTheDeviceIsAttached() {
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(map(ioas, RESERVED)).isEqualTo(Errno.EINVAL);
        assertThat(map(ioas, 0x10_0000)).isZero();
        assertThat(rig.run(Vfio.detach(file))).isZero();
        assertThat(map(ioas, RESERVED)).isZero();
        assertThat(rig.attach(file, hwpt)).isEqualTo(Errno.EADDRINUSE);
        assertThat(rig.unmap(ioas, RESERVED, PAGE)).isZero();
    }

    @Test
    void shouldMoveWithTheDeviceToAnotherAddressSpace() {
        int other = rig.ioasAlloc();
        int target = rig.hwptAlloc(dev, other, false);
        assertThat(rig.attach(file, hwpt)).isZero();
        assertThat(map(other, RESERVED)).isZero();
        assertThat(rig.attach(file, target)).isEqualTo(Errno.EADDRINUSE);
        assertThat(map(ioas, RESERVED)).isEqualTo(Errno.EINVAL);
        assertThat(rig.unmap(other, RESERVED, PAGE)).isZero();
        assertThat(rig.attach(file, target)).isZero();
        assertThat(map(ioas, RESERVED)).isZero();
        assertThat(map(other, RESERVED)).isEqualTo(Errno.EINVAL);
        assertThat(rig.run(Vfio.detach(file))).isZero();
    }

    @Test
    void shouldGiveBackWhatAFailedAttachHasReserved() {
        rig.driver.fail("attach_dev", Errno.ENOMEM);
        assertThat(rig.attach(file, hwpt)).isEqualTo(Errno.ENOMEM);
        assertThat(map(ioas, RESERVED)).isZero();
    }

    /** The ladder of 7.3 gives back in the address space that the device has not left. */
    @Test
    void shouldShowThatAFailedReplaceWithinAnAddressSpaceForgetsTheReservation() {
        int sibling = rig.hwptAlloc(dev, ioas, false);
        assertThat(rig.attach(file, hwpt)).isZero();
        rig.driver.fail("attach_dev", Errno.ENOMEM);
        assertThat(rig.attach(file, sibling)).isEqualTo(Errno.ENOMEM);
        assertThat(map(ioas, RESERVED)).isZero();
        rig.driver.fail("attach_dev", 0);
        assertThat(rig.run(Vfio.detach(file))).isZero();
    }
}

package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.iommufd.ioctl.HwptAlloc;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.ViommuAlloc;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.testkit.FakeDriver;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which error comes first, and which ids objects get. */
class ErrnoTest {
    private static final UserData DATA = UserData.ofWords(FakeDriver.NESTED_DATA, 1, 2);

    private final Rig rig = new Rig();
    private final VfioFile file = rig.open(rig.plug("net0", 0x100));
    private final int dev = rig.bind(file);
    private final int ioas = rig.ioasAlloc();
    private final int parent = rig.hwptAlloc(dev, ioas, true);
    private final int viommu = rig.viommuAlloc(dev, parent);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int hwptAlloc(int flags, int devId, int pt, UserData data) {
        return rig.run(rig.ioctl(HwptAlloc.call(rig.ctx, flags, devId, pt, data, 0)));
    }

    @Test
    void shouldGiveTheLowestFreeIdFromOne() {
        assertThat(new int[] {dev, ioas, parent, viommu}).containsExactly(1, 2, 3, 4);
        int fifth = rig.ioasAlloc();
        int sixth = rig.ioasAlloc();
        rig.destroy(fifth);
        assertThat(rig.hwptAlloc(dev, 99, false)).isEqualTo(Errno.EINVAL);
        assertThat(rig.ioasAlloc()).isEqualTo(fifth);
        assertThat(sixth).isEqualTo(6);
    }

    @Test
    void shouldCheckHwptAllocInOrder() {
        assertThat(hwptAlloc(0x100, 99, 99, UserData.ofWords(0, 1))).isEqualTo(Errno.EINVAL);
        assertThat(hwptAlloc(0x100, 99, 99, UserData.ofWords(1))).isEqualTo(Errno.EINVAL);
        assertThat(hwptAlloc(0x100, 99, 99, UserData.NONE)).isEqualTo(Errno.ENOENT);
        assertThat(hwptAlloc(0, dev, 99, UserData.NONE)).isEqualTo(Errno.EINVAL);
        assertThat(hwptAlloc(0, dev, dev, UserData.NONE)).isEqualTo(Errno.EINVAL);
        assertThat(hwptAlloc(0x100, dev, ioas, UserData.NONE)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwptAlloc(HwptPagingAlloc.DIRTY_TRACKING, dev, ioas, UserData.NONE))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwptAlloc(HwptPagingAlloc.FAULT_ID_VALID | HwptPagingAlloc.NEST_PARENT, dev, ioas, UserData.NONE))
                .isEqualTo(Errno.EOPNOTSUPP);
        // Last of all, when the HWPT exists: it is undone.
        assertThat(hwptAlloc(HwptPagingAlloc.FAULT_ID_VALID, dev, ioas, UserData.NONE))
                .isEqualTo(Errno.ENOENT);
        assertThat(hwptAlloc(0, dev, ioas, DATA)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwptAlloc(0, dev, parent, DATA)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwptAlloc(0, dev, viommu, UserData.NONE)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwptAlloc(1, dev, viommu, DATA)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwptAlloc(0, dev, viommu, UserData.ofWords(77, 1))).isEqualTo(Errno.EOPNOTSUPP);
        int foreign = rig.bind(rig.open(rig.plug("gpu0", 0x200, rig.otherDriver)));
        assertThat(hwptAlloc(0, foreign, viommu, DATA)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldCheckViommuAllocInOrder() {
        int plain = rig.hwptAlloc(dev, ioas, false);
        int nested = rig.nestedAlloc(dev, viommu);

        assertThat(viommuAlloc(0, 99, 99)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(viommuAlloc(1, 99, 99)).isEqualTo(Errno.ENOENT);
        assertThat(viommuAlloc(2, dev, 99)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(viommuAlloc(1, dev, 99)).isEqualTo(Errno.ENOENT);
        assertThat(viommuAlloc(1, dev, nested)).isEqualTo(Errno.ENOENT);
        assertThat(viommuAlloc(1, dev, plain)).isEqualTo(Errno.EINVAL);
    }

    private int viommuAlloc(int type, int devId, int hwpt) {
        return rig.run(rig.ioctl(ViommuAlloc.call(rig.ctx, type, devId, hwpt)));
    }

    @Test
    void shouldCheckInvalidateInOrderAndTellWhatItHandled() {
        UserData array = UserData.ofWords(1, 8, 9, 8);
        rig.vdeviceAlloc(viommu, dev, 8);
        int nested = rig.nestedAlloc(dev, viommu);

        assertThat(invalidate(99, array, 0)).isEqualTo(Errno.EINVAL);
        assertThat(invalidate(99, array, 8192)).isEqualTo(Errno.EINVAL);
        assertThat(invalidate(99, array, 8)).isEqualTo(Errno.ENOENT);
        assertThat(invalidate(dev, array, 8)).isEqualTo(Errno.EINVAL);
        assertThat(invalidate(nested, array, 8)).isEqualTo(Errno.EOPNOTSUPP);
        var call = HwptInvalidate.call(rig.ctx, viommu, array.array(8));
        assertThat(rig.run(rig.ioctl(call))).isEqualTo(Errno.EIO);
        assertThat(call.frame().entriesHandled()).isEqualTo(1);
        assertThat(invalidate(viommu, UserData.NONE, 8)).isZero();
    }

    private int invalidate(int object, UserData array, int entryLength) {
        int entries = array.length() / 8;
        var entriesOfUser = new UserDataArray(array.type(), array.memory(), array.address(), entryLength, entries);
        return rig.run(rig.ioctl(HwptInvalidate.call(rig.ctx, object, entriesOfUser)));
    }

    @Test
    void shouldAnswerEnoentBeforeEbusyToDestroy() {
        assertThat(rig.destroy(0)).isEqualTo(Errno.ENOENT);
        assertThat(rig.destroy(99)).isEqualTo(Errno.ENOENT);
        assertThat(rig.destroy(ioas)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(parent)).isEqualTo(Errno.EBUSY);
    }

    @Test
    void shouldCheckAttach() {
        assertThat(rig.attach(file, 99)).isEqualTo(Errno.ENOENT);
        assertThat(rig.attach(file, viommu)).isEqualTo(Errno.EINVAL);
        assertThat(rig.run(Vfio.detach(file))).isZero();
        assertThat(rig.attach(file, parent)).isZero();
        assertThat(rig.attach(file, parent)).isZero();
        assertThat(rig.attach(file, 99)).isEqualTo(Errno.ENOENT);
        assertThat(rig.attach(file, viommu)).isEqualTo(Errno.EINVAL);
        VfioFile unbound = rig.open(rig.plug("net1", 0x108));
        assertThat(rig.attach(unbound, parent)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldMakeTheNewAutomaticHwptBeforeTheOldOneGoes() {
        int other = rig.ioasAlloc();
        assertThat(rig.attach(file, ioas)).isZero();
        assertThat(rig.attach(file, other)).isZero();
        assertThat(rig.attach(file, ioas)).isZero();

        assertThat(rig.objectEvents)
                .containsSubsequence(
                        "HWPT_PAGING 6 created",
                        "HWPT_PAGING 7 created",
                        "HWPT_PAGING 6 destroyed",
                        "HWPT_PAGING 6 created",
                        "HWPT_PAGING 7 destroyed");
    }
}

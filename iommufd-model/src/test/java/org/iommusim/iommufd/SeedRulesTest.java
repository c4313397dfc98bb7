package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.VfioDevice;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was asked of vDEVICEs when they were proposed, as far as Linux 7.3 has kept it. */
class SeedRulesTest {
    private static final long VIRT_ID = 8;

    private final Rig rig = new Rig();
    private VfioDevice device;
    private VfioFile file;
    private int dev;
    private int ioas;
    private int parent;
    private int viommu;

    @BeforeEach
    void makeViommu() {
        device = rig.plug("net0", 0x100);
        file = rig.open(device);
        dev = rig.bind(file);
        ioas = rig.ioasAlloc();
        parent = rig.hwptAlloc(dev, ioas, true);
        viommu = rig.viommuAlloc(dev, parent);
        assertThat(viommu).isPositive();
        assertThat(rig.audit()).isEmpty();
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    @Test
    void shouldAllowOneVirtIdOnTwoViommusButNotTwiceOnOne() {
        int otherDev = rig.bind(rig.open(rig.plug("net1", 0x108)));
        int thirdDev = rig.bind(rig.open(rig.plug("net2", 0x110)));
        int otherViommu = rig.viommuAlloc(dev, parent);

        assertThat(rig.vdeviceAlloc(viommu, dev, VIRT_ID)).isPositive();
        assertThat(rig.vdeviceAlloc(otherViommu, otherDev, VIRT_ID)).isPositive();
        assertThat(rig.vdeviceAlloc(viommu, thirdDev, VIRT_ID)).isEqualTo(Errno.EEXIST);
    }

    @Test
    void shouldAllowOneVdevicePerDevice() {
        assertThat(rig.vdeviceAlloc(viommu, dev, VIRT_ID)).isPositive();
        assertThat(rig.vdeviceAlloc(viommu, dev, VIRT_ID + 1)).isEqualTo(Errno.EEXIST);
        assertThat(rig.vdeviceAlloc(rig.viommuAlloc(dev, parent), dev, VIRT_ID)).isEqualTo(Errno.EEXIST);
    }

    @Test
    void shouldReturnAnIdThatDestroyTakes() {
        int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);

        assertThat(rig.destroy(vdev)).isZero();
        assertThat(rig.destroy(vdev)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldAnswerEnoentForUnknownOrWrongTypes() {
        assertThat(rig.vdeviceAlloc(99, dev, VIRT_ID)).isEqualTo(Errno.ENOENT);
        assertThat(rig.vdeviceAlloc(dev, dev, VIRT_ID)).isEqualTo(Errno.ENOENT);
        assertThat(rig.vdeviceAlloc(viommu, 99, VIRT_ID)).isEqualTo(Errno.ENOENT);
        assertThat(rig.vdeviceAlloc(viommu, ioas, VIRT_ID)).isEqualTo(Errno.ENOENT);
        assertThat(rig.vdeviceAlloc(0, 0, VIRT_ID)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldRefuseADeviceOfAnotherPhysicalIommu() {
        int foreign = rig.bind(rig.open(rig.plug("gpu0", 0x200, rig.otherDriver)));

        assertThat(rig.vdeviceAlloc(viommu, foreign, VIRT_ID)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldLeaveTheWinnerInPlaceWhenADuplicateFails() {
        int otherDev = rig.bind(rig.open(rig.plug("net1", 0x108)));
        rig.vdeviceAlloc(viommu, dev, VIRT_ID);

        assertThat(rig.vdeviceAlloc(viommu, otherDev, VIRT_ID)).isEqualTo(Errno.EEXIST);
        assertThat(rig.invalidate(viommu, VIRT_ID)).isZero();
        assertThat(rig.vdeviceAlloc(viommu, otherDev, VIRT_ID + 1)).isPositive();
    }

    @Test
    void shouldKeepTheViommuBusyWhileItHasAVdevice() {
        int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);

        assertThat(rig.destroy(viommu)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(parent)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(ioas)).isEqualTo(Errno.EBUSY);
        assertThat(rig.destroy(vdev)).isZero();
        assertThat(rig.destroy(viommu)).isZero();
        assertThat(rig.destroy(parent)).isZero();
        assertThat(rig.destroy(ioas)).isZero();
    }

    @Test
    void shouldUnbindThoughUserSpaceForgotTheVdeviceAndLeaveATombstone() {
        int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);

        rig.close(file);

        assertThat(rig.destroy(vdev)).isEqualTo(Errno.ENOENT);
        assertThat(rig.invalidate(viommu, VIRT_ID)).isEqualTo(Errno.EIO);
        assertThat(rig.ioasAlloc()).isEqualTo(dev).isNotEqualTo(vdev);
        assertThat(rig.ioasAlloc()).isNotEqualTo(vdev);
        assertThat(rig.objectEvents).contains("VDEVICE " + vdev + " tombstone", "DEVICE " + dev + " destroyed");
        assertThat(rig.destroy(viommu)).isZero();
    }

    @Test
    void shouldGiveTheVirtIdToTheNextDeviceAfterAForgottenVdevice() {
        rig.vdeviceAlloc(viommu, dev, VIRT_ID);
        rig.close(file);

        int again = rig.bind(rig.open(device));

        assertThat(rig.vdeviceAlloc(viommu, again, VIRT_ID)).isPositive();
    }

    @Test
    void shouldLetTheWellBehavedGoInSilence() {
        int vdev = rig.vdeviceAlloc(viommu, dev, VIRT_ID);
        int nested = rig.nestedAlloc(dev, viommu);
        assertThat(rig.attach(file, nested)).isZero();
        assertThat(rig.destroy(nested)).isEqualTo(Errno.EBUSY);
        assertThat(rig.attach(file, parent)).isZero();
        assertThat(rig.destroy(nested)).isZero();
        assertThat(rig.destroy(vdev)).isZero();
        rig.close(file);
        assertThat(rig.destroy(viommu)).isZero();
        rig.closeContext();

        assertThat(rig.ctx.released()).isTrue();
        assertThat(rig.objectEvents).noneMatch(event -> event.endsWith("tombstone"));
        assertThat(rig.driver.count("vdevice_init")).isEqualTo(rig.driver.count("vdevice_destroy"));
    }

    @Test
    void shouldFreeEverythingWhenOnlyFilesAreClosedInAnyOrder() {
        rig.vdeviceAlloc(viommu, dev, VIRT_ID);
        rig.nestedAlloc(dev, viommu);

        rig.closeContext();
        assertThat(rig.ctx.released()).isFalse();
        rig.close(file);

        assertThat(rig.ctx.released()).isTrue();
        assertThat(rig.ctx.objects().live()).isEmpty();
    }

    @Test
    void shouldNotLetUserSpaceDestroyABoundDevice() {
        assertThat(rig.destroy(dev)).isEqualTo(Errno.EBUSY);
        assertThat(rig.getHwInfo(dev)).isZero();
    }

    @Test
    void shouldTakeAutomaticHwptsAwayWithTheirLastDeviceButNoExplicitOne() {
        assertThat(rig.attach(file, ioas)).isZero();
        assertThat(rig.driver.count("domain_alloc_paging")).isEqualTo(2);

        assertThat(rig.attach(file, parent)).isZero();

        assertThat(rig.driver.count("domain_free")).isEqualTo(1);
        rig.close(file);
        assertThat(rig.driver.count("domain_free")).isEqualTo(1);
    }

    @Test
    void shouldNeedAVdeviceToAttachANestedHwpt() {
        assertThat(rig.attach(file, parent)).isZero();
        int nested = rig.nestedAlloc(dev, viommu);

        assertThat(rig.attach(file, nested)).isEqualTo(Errno.ENOENT);
        assertThat(rig.destroy(parent)).isEqualTo(Errno.EBUSY);
        rig.vdeviceAlloc(viommu, dev, VIRT_ID);
        assertThat(rig.attach(file, nested)).isZero();
    }
}

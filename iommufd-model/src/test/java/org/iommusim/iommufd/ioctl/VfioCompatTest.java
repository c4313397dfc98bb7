package org.iommusim.iommufd.ioctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iommusim.iommufd.testkit.UserSpace.DATA;
import static org.iommusim.iommufd.testkit.UserSpace.STRUCT;

import java.util.Arrays;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.FieldType;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.VfioCompatIoctl;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.testkit.UserSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** /dev/iommu as a VFIO container. */
class VfioCompatTest {
    private final Rig rig = new Rig();
    private final UserSpace user = new UserSpace(rig);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int ioctl(VfioCompatIoctl command, long argument) {
        return user.ioctl(command.number(), argument);
    }

    private int ioctl(VfioCompatIoctl command, Map<String, Long> values) {
        user.put(command.layout().encode(values).bytes());
        return ioctl(command, STRUCT);
    }

    private int map(long iova, long size, long flags, long argsz) {
        return ioctl(
                VfioCompatIoctl.VFIO_IOMMU_MAP_DMA,
                Map.of("argsz", argsz, "flags", flags, "vaddr", DATA, "iova", iova, "size", size));
    }

    private long unmap(long iova, long size, long flags) {
        int errno = ioctl(
                VfioCompatIoctl.VFIO_IOMMU_UNMAP_DMA, Map.of("argsz", 24L, "flags", flags, "iova", iova, "size", size));
        return errno != 0
                ? errno
                : user.get(VfioCompatIoctl.VFIO_IOMMU_UNMAP_DMA.layout()).u64("size");
    }

    private int compat() {
        int ioas = rig.ioasAlloc();
        user.ioctl(IommufdIoctl.VFIO_IOAS, Map.of("op", 1L, "ioas_id", (long) ioas));
        return ioas;
    }

    private long extension(long extension) {
        return user.ok(
                SystemCall.ioctl(user.caller, user.fd, VfioCompatIoctl.VFIO_CHECK_EXTENSION.number(), extension));
    }

    @Test
    void shouldNeedACompatIoas() {
        assertThat(ioctl(VfioCompatIoctl.VFIO_GET_API_VERSION, 0)).isZero();
        assertThat(ioctl(VfioCompatIoctl.VFIO_SET_IOMMU, 3)).isEqualTo(Errno.ENODEV);
        assertThat(ioctl(VfioCompatIoctl.VFIO_SET_IOMMU, 77)).isEqualTo(Errno.EINVAL);
        assertThat(ioctl(VfioCompatIoctl.VFIO_CHECK_EXTENSION, 4)).isEqualTo(Errno.ENODEV);
        assertThat(map(0x10000, 0x1000, 4, 32)).isEqualTo(Errno.EINVAL);
        assertThat(map(0x10000, 0x1000, 3, 32)).isEqualTo(Errno.ENODEV);
        assertThat(unmap(0x10000, 0x1000, 0)).isEqualTo(Errno.ENODEV);
        assertThat(ioctl(VfioCompatIoctl.VFIO_IOMMU_GET_INFO, 0)).isEqualTo(Errno.EFAULT);
        assertThat(ioctl(VfioCompatIoctl.VFIO_IOMMU_DIRTY_PAGES, 0)).isEqualTo(Errno.ENOTTY);
    }

    @Test
    void shouldTellExtensions() {
        int ioas = compat();
        assertThat(extension(1)).isEqualTo(1);
        assertThat(extension(3)).isEqualTo(1);
        assertThat(extension(9)).isEqualTo(1);
        assertThat(extension(6)).isZero();
        assertThat(extension(8)).isZero();
        assertThat(extension(4)).isEqualTo(1);
        rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), ioas, false);
        assertThat(extension(4)).isZero();
    }

    @Test
    void shouldMapAndUnmapWholeMaps() {
        compat();
        assertThat(ioctl(VfioCompatIoctl.VFIO_SET_IOMMU, 3)).isZero();
        assertThat(map(0x10000, 0x2000, 3, 8)).isEqualTo(Errno.EINVAL);
        assertThat(map(0x10000, 0x2000, 3, 32)).isZero();
        assertThat(map(0x20000, 0x1000, 0, 32)).isZero();
        assertThat(map(0x10000, 0x2000, 3, 32)).isEqualTo(Errno.EEXIST);
        assertThat(unmap(0x10000, 0x1000, 0)).isEqualTo(Errno.ENOENT);
        assertThat(unmap(0x10000, 0x2000, 1)).isEqualTo(Errno.EINVAL);
        assertThat(unmap(0x10000, 0, 0)).isEqualTo(Errno.EINVAL);
        assertThat(unmap(-0x1000, 0x2000, 0)).isEqualTo(Errno.EOVERFLOW);
        assertThat(unmap(0x10000, 0x2000, 0)).isEqualTo(0x2000);
        assertThat(unmap(0x10000, 0x2000, 0)).isZero();
        assertThat(unmap(0, 1, 2)).isEqualTo(Errno.EINVAL);
        assertThat(unmap(0, 0, 2)).isEqualTo(0x1000);
    }

    @Test
    void shouldCutMapsOfAType1Container() {
        int ioas = compat();
        assertThat(ioctl(VfioCompatIoctl.VFIO_SET_IOMMU, 1)).isZero();
        rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), ioas, false);
        assertThat(map(0x10000, 0x4000, 3, 32)).isZero();
        assertThat(rig.process.pinnedPages()).isEqualTo(4);
        assertThat(unmap(0x10800, 0x1000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(unmap(0x11000, 0x1000, 0)).isEqualTo(0x1000);
        assertThat(rig.process.pinnedPages()).isEqualTo(3);
        assertThat(unmap(0x12000, 0x1000, 0)).isEqualTo(0x1000);
        assertThat(unmap(0x10000, 0x4000, 0)).isEqualTo(0x2000);
        assertThat(rig.process.pinnedPages()).isZero();
    }

    @Test
    void shouldChainCapabilitiesAsFarAsTheyFit() {
        compat();
        byte[] bytes = new byte[24 + 16 + 32 + 8];
        Arrays.fill(bytes, (byte) 0x55);
        FieldType.U32.write(bytes, 0, 72);
        user.put(bytes);
        assertThat(ioctl(VfioCompatIoctl.VFIO_IOMMU_GET_INFO, STRUCT)).isZero();
        var info = user.get(VfioCompatIoctl.VFIO_IOMMU_GET_INFO.layout());
        assertThat(info.u32("argsz")).isEqualTo(72);
        assertThat(info.u32("flags")).isEqualTo(3);
        assertThat(info.u64("iova_pgsizes")).isEqualTo(-4096);
        assertThat(info.u32("cap_offset")).isEqualTo(24);
        byte[] caps = user.bytes(STRUCT + 24, 56);
        assertThat(FieldType.U32.read(caps, 0)).isEqualTo(0x10003);
        assertThat(FieldType.U32.read(caps, 4)).isEqualTo(40);
        assertThat(FieldType.U32.read(caps, 8)).isEqualTo(0xffff_ffffL);
        assertThat(FieldType.U32.read(caps, 16)).isEqualTo(0x10001);
        assertThat(FieldType.U32.read(caps, 24)).isEqualTo(1);
        assertThat(FieldType.U64.read(caps, 32)).isZero();
        assertThat(FieldType.U64.read(caps, 40)).isEqualTo(-1);
        assertThat(caps[48]).isEqualTo((byte) 0x55);

        FieldType.U32.write(bytes, 0, 20);
        user.put(bytes);
        assertThat(ioctl(VfioCompatIoctl.VFIO_IOMMU_GET_INFO, STRUCT)).isZero();
        info = user.get(VfioCompatIoctl.VFIO_IOMMU_GET_INFO.layout());
        assertThat(info.u32("argsz")).isEqualTo(72);
        assertThat(info.u32("cap_offset")).isZero();
        assertThat(user.bytes(STRUCT + 20, 8)).containsOnly(0x55);
    }
}

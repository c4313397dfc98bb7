package org.iommusim.iommufd.ioctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iommusim.iommufd.testkit.UserSpace.DATA;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.DataLayouts;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructImage;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.MemFd;
import org.iommusim.iommufd.mm.User;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptReserve;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.testkit.UserSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ioctls on address spaces through user memory: order of checks, and what is written back. */
class IoasIoctlsTest {
    private static final long READ_WRITE = MapFlags.READABLE | MapFlags.WRITEABLE;
    private static final long FIXED = READ_WRITE | MapFlags.FIXED_IOVA;

    private final Rig rig = new Rig();
    private final UserSpace user = new UserSpace(rig);
    private final long ioas = rig.ioasAlloc();

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int ioctl(IommufdIoctl ioctl, Object... fields) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            values.put((String) fields[i], ((Number) fields[i + 1]).longValue());
        }
        return user.ioctl(ioctl, values);
    }

    private long out(IommufdIoctl ioctl, String field) {
        return user.get(ioctl.layout()).u64(field);
    }

    private void reserve(long first, long last) {
        if (rig.ctx.objects().load((int) ioas) instanceof Ioas object) {
            rig.run(IoptReserve.add(object.iopt(), List.of(new long[] {first, last}), null));
        }
    }

    private void range(int index, long first, long last) {
        user.put(
                DATA + index * 16L,
                DataLayouts.IOVA_RANGE
                        .encode(Map.of("start", first, "last", last))
                        .bytes());
    }

    private int ranges(long address, long room) {
        return ioctl(IommufdIoctl.IOAS_IOVA_RANGES, "ioas_id", ioas, "num_iovas", room, "allowed_iovas", address);
    }

    @Test
    void shouldTellTheRangesThatFitAndHowManyThereAre() {
        reserve(0x10000, 0x10fff);
        reserve(0x20000, 0x20fff);

        assertThat(ranges(DATA, 3)).isZero();
        StructImage third = DataLayouts.IOVA_RANGE.image(user.bytes(DATA + 32, 16));
        assertThat(third.u64("start")).isEqualTo(0x21000);
        assertThat(third.u64("last")).isEqualTo(-1);
        user.put(DATA, new byte[48]);
        assertThat(ranges(DATA, 2)).isEqualTo(Errno.EMSGSIZE);
        assertThat(user.get(IommufdIoctl.IOAS_IOVA_RANGES.layout()).u32("num_iovas"))
                .isEqualTo(3);
        assertThat(DataLayouts.IOVA_RANGE.image(user.bytes(DATA + 16, 16)).u64("start"))
                .isEqualTo(0x11000);
        assertThat(user.bytes(DATA + 32, 16)).containsOnly(0);
        assertThat(ranges(0, 1)).isEqualTo(Errno.EFAULT);
        assertThat(ranges(0, 0)).isEqualTo(Errno.EMSGSIZE);
        assertThat(ioctl(IommufdIoctl.IOAS_IOVA_RANGES, "ioas_id", 99, "__reserved", 1))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(ioctl(IommufdIoctl.IOAS_IOVA_RANGES, "ioas_id", 99)).isEqualTo(Errno.ENOENT);
    }

    private int allow(long id, long count) {
        return ioctl(IommufdIoctl.IOAS_ALLOW_IOVAS, "ioas_id", id, "num_iovas", count, "allowed_iovas", DATA);
    }

    @Test
    void shouldCheckAllowedRangesOneByOneAndKeepTheOldOnes() {
        range(0, 0x10000, 0x1ffff);
        assertThat(allow(ioas, 1)).isZero();
        range(0, 0x30000, 0x30000);
        assertThat(allow(ioas, 1)).isEqualTo(Errno.EINVAL);
        range(0, 0x30000, 0x31000);
        range(1, 0x31000, 0x32000);
        assertThat(allow(ioas, 2)).isEqualTo(Errno.EINVAL);
        assertThat(allow(ioas, 0x2000)).isEqualTo(Errno.EINVAL);
        assertThat(allow(99, 2)).isEqualTo(Errno.ENOENT);
        reserve(0x40000, 0x40fff);
        range(0, 0x3f000, 0x41000);
        assertThat(allow(ioas, 1)).isEqualTo(Errno.EADDRINUSE);
        assertThat(rig.mapAnywhere((int) ioas, DATA, 0x1000)).isEqualTo(0x10000);
        assertThat(allow(ioas, 0)).isZero();
        assertThat(rig.mapAnywhere((int) ioas, DATA, 0x1000)).isEqualTo(0x1000);
    }

    private int copy(long target, long source, long length, long flags, long from, long to) {
        return ioctl(
                IommufdIoctl.IOAS_COPY,
                "dst_ioas_id",
                target,
                "src_ioas_id",
                source,
                "length",
                length,
                "flags",
                flags,
                "src_iova",
                from,
                "dst_iova",
                to);
    }

    @Test
    void shouldCheckCopiesInOrder() {
        rig.map((int) ioas, DATA, 0x2000, 0x10000);
        assertThat(copy(ioas, ioas, -1, 8, 0x10000, 0)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(copy(ioas, ioas, 0, 0, -1, 0)).isEqualTo(Errno.EOVERFLOW);
        assertThat(copy(ioas, 99, 0, 0, 0x10000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(copy(99, 98, 0, READ_WRITE, 0x10000, 0)).isEqualTo(Errno.ENOENT);
        assertThat(copy(99, ioas, 0, READ_WRITE, 0x10000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(copy(99, ioas, 0x2000, READ_WRITE, -0x1000, 0)).isEqualTo(Errno.EOVERFLOW);
        assertThat(copy(99, ioas, 0x3000, READ_WRITE, 0x10000, 0)).isEqualTo(Errno.ENOENT);
        assertThat(copy(99, ioas, 0x2000, READ_WRITE, 0x10000, 0)).isEqualTo(Errno.ENOENT);
        assertThat(copy(ioas, ioas, 0x1000, FIXED, 0x10000, 0x11000)).isEqualTo(Errno.EEXIST);
        assertThat(copy(ioas, ioas, 0x1000, READ_WRITE, 0x11000, 0)).isZero();
        assertThat(out(IommufdIoctl.IOAS_COPY, "dst_iova")).isEqualTo(0x1000);
    }

    @Test
    void shouldNotMakeACopyWritableThatItsSourceIsNot() {
        long readable = MapFlags.READABLE | MapFlags.FIXED_IOVA;
        assertThat(ioctl(
                        IommufdIoctl.IOAS_MAP,
                        "ioas_id",
                        ioas,
                        "flags",
                        readable,
                        "user_va",
                        DATA,
                        "length",
                        0x1000,
                        "iova",
                        0x10000))
                .isZero();
        assertThat(copy(ioas, ioas, 0x1000, FIXED, 0x10000, 0x20000)).isEqualTo(Errno.EPERM);
        assertThat(copy(ioas, ioas, 0x1000, readable, 0x10000, 0x20000)).isZero();
    }

    private int option(long option, long op, long object, long value) {
        return ioctl(IommufdIoctl.OPTION, "option_id", option, "op", op, "object_id", object, "val64", value);
    }

    @Test
    void shouldSetAndGetOptions() {
        assertThat(option(1, 1, ioas, 7)).isZero();
        assertThat(out(IommufdIoctl.OPTION, "val64")).isEqualTo(1);
        assertThat(option(1, 0, ioas, 2)).isEqualTo(Errno.EINVAL);
        assertThat(option(1, 2, ioas, 0)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(option(1, 2, 99, 0)).isEqualTo(Errno.ENOENT);
        assertThat(option(2, 1, ioas, 0)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(option(1, 0, ioas, 0)).isZero();
        assertThat(ranges(DATA, 1)).isZero();
        assertThat(out(IommufdIoctl.IOAS_IOVA_RANGES, "out_iova_alignment")).isEqualTo(4096);
        assertThat(option(0, 0, ioas, 1)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(option(0, 0, 0, 7)).isEqualTo(Errno.EBUSY);
        rig.destroy((int) ioas);
        assertThat(option(0, 0, 0, 7)).isEqualTo(Errno.EINVAL);
        assertThat(option(0, 0, 0, 1)).isZero();
        assertThat(option(0, 1, 0, 0)).isZero();
        assertThat(out(IommufdIoctl.OPTION, "val64")).isEqualTo(1);
        rig.process.user(new User(rig.kernel, 1000));
        assertThat(option(0, 0, 0, 0)).isEqualTo(Errno.EPERM);
        assertThat(option(0, 3, 0, 0)).isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void shouldAccountByProcessInMmMode() {
        rig.destroy((int) ioas);
        assertThat(option(0, 0, 0, 1)).isZero();
        rig.process.user(new User(rig.kernel, 1000));
        rig.process.memlockLimit(0x1000);
        int made = rig.ioasAlloc();
        rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), made, false);

        assertThat(rig.map(made, DATA, 0x2000, 0x10000)).isEqualTo(Errno.ENOMEM);
        assertThat(rig.map(made, DATA, 0x1000, 0x10000)).isZero();
        assertThat(rig.process.lockedPages()).isEqualTo(1);
        assertThat(rig.process.user().lockedPages()).isZero();
        rig.unmap(made, 0, -1);
        assertThat(rig.process.lockedPages()).isZero();
    }

    private int mapFile(long id, long fd, long start, long length, long flags, long iova) {
        return ioctl(
                IommufdIoctl.IOAS_MAP_FILE,
                "ioas_id",
                id,
                "fd",
                fd,
                "start",
                start,
                "length",
                length,
                "flags",
                flags,
                "iova",
                iova);
    }

    @Test
    void shouldMapPagesOfAMemoryFile() {
        MemFd file = new MemFd(rig.kernel, 0x10000);
        FileTable files = user.caller.files();
        int fd = files.open(file);
        assertThat(mapFile(99, -1, 0, 0x1000, READ_WRITE, 0)).isEqualTo(Errno.ENOENT);
        assertThat(mapFile(ioas, -1, 0, 0, READ_WRITE, 0)).isEqualTo(Errno.EINVAL);
        assertThat(mapFile(ioas, -1, -0x1000, 0x2000, READ_WRITE, 0)).isEqualTo(Errno.EOVERFLOW);
        assertThat(mapFile(ioas, -1, 0, 0x1000, READ_WRITE, 0)).isEqualTo(Errno.EBADF);
        assertThat(mapFile(ioas, user.fd, 0, 0x1000, FIXED, 0x8000)).isZero();
        rig.unmap((int) ioas, 0, -1);

        int hwpt = rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), (int) ioas, false);
        assertThat(mapFile(ioas, user.fd, 0, 0x1000, READ_WRITE, 0)).isEqualTo(Errno.EINVAL);
        assertThat(mapFile(ioas, fd, 0xf000, 0x2000, READ_WRITE, 0)).isEqualTo(Errno.EINVAL);
        assertThat(mapFile(ioas, fd, 0x3000, 0x2000, READ_WRITE, 0)).isZero();
        assertThat(out(IommufdIoctl.IOAS_MAP_FILE, "iova")).isEqualTo(0x1000);
        assertThat(rig.memory.pins(file.backing().frame(4))).isEqualTo(1);
        assertThat(rig.process.pinnedPages()).isEqualTo(2);
        assertThat(rig.unmap((int) ioas, 0x1000, 0x2000)).isZero();
        assertThat(rig.memory.pins(file.backing().frame(4))).isZero();
        rig.destroy(hwpt);
    }

    @Test
    void shouldHandPinnedPagesOfFilesToAnotherProcess() {
        rig.process.user(new User(rig.kernel, 1000));
        int fd = user.caller.files().open(new MemFd(rig.kernel, 0x10000));
        rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), (int) ioas, false);
        assertThat(mapFile(ioas, fd, 0, 0x3000, FIXED, 0x10000)).isZero();
        assertThat(copy(ioas, ioas, 0x3000, FIXED, 0x10000, 0x20000)).isZero();
        User before = rig.process.user();
        User after = new User(rig.kernel, 1001);
        rig.process.user(after);
        rig.process.memlockLimit(0x2000);
        assertThat(ioctl(IommufdIoctl.IOAS_CHANGE_PROCESS, "__reserved", 1)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(ioctl(IommufdIoctl.IOAS_CHANGE_PROCESS)).isEqualTo(Errno.ENOMEM);
        assertThat(before.lockedPages()).isEqualTo(3);
        rig.process.memlockLimit(0x3000);
        assertThat(ioctl(IommufdIoctl.IOAS_CHANGE_PROCESS)).isZero();
        assertThat(before.lockedPages()).isZero();
        assertThat(after.lockedPages()).isEqualTo(3);
        assertThat(rig.process.pinnedPages()).isEqualTo(3);
        rig.unmap((int) ioas, 0, -1);
        assertThat(after.lockedPages()).isZero();
        rig.map((int) ioas, DATA, 0x1000, 0x10000);
        assertThat(ioctl(IommufdIoctl.IOAS_CHANGE_PROCESS)).isEqualTo(Errno.EINVAL);
        rig.unmap((int) ioas, 0, -1);
    }

    @Test
    void shouldForgetTheCompatIoasWhenItGoes() {
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 0)).isEqualTo(Errno.ENODEV);
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 1, "ioas_id", 99)).isEqualTo(Errno.ENOENT);
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 1, "ioas_id", ioas)).isZero();
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 0)).isZero();
        assertThat(user.get(IommufdIoctl.VFIO_IOAS.layout()).u32("ioas_id")).isEqualTo((int) ioas);
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 3)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rig.destroy((int) ioas)).isZero();
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 0)).isEqualTo(Errno.ENODEV);
        assertThat(ioctl(IommufdIoctl.VFIO_IOAS, "op", 2)).isZero();
    }

    @Test
    void shouldRefuseDirtyTrackingWithoutTheDriversHelp() {
        long hwpt = rig.hwptAlloc(rig.bind(rig.open(rig.plug("net0", 0x100))), (int) ioas, false);
        assertThat(ioctl(IommufdIoctl.HWPT_SET_DIRTY_TRACKING, "hwpt_id", 99, "flags", 2))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(ioctl(IommufdIoctl.HWPT_SET_DIRTY_TRACKING, "hwpt_id", 99)).isEqualTo(Errno.ENOENT);
        assertThat(ioctl(IommufdIoctl.HWPT_SET_DIRTY_TRACKING, "hwpt_id", hwpt, "__reserved", 1))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(dirty(hwpt, 0x1000, 0, 4096)).isEqualTo(Errno.EINVAL);
        assertThat(dirty(hwpt, -0x1000, 0x2000, 4096)).isEqualTo(Errno.EOVERFLOW);
        assertThat(dirty(hwpt, 0x800, 0x1000, 4096)).isEqualTo(Errno.EINVAL);
        assertThat(dirty(hwpt, 0x1000, 0x1000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(dirty(hwpt, 0x1000, 0x1000, 0x2000)).isEqualTo(Errno.EINVAL);
        assertThat(dirty(hwpt, 0x1000, 0x1000, 4096)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(ioctl(IommufdIoctl.IOAS_NOIOMMU_GET_PA, "ioas_id", 99)).isEqualTo(Errno.EOPNOTSUPP);
    }

    private int dirty(long hwpt, long iova, long length, long pageSize) {
        return ioctl(
                IommufdIoctl.HWPT_GET_DIRTY_BITMAP,
                "hwpt_id",
                hwpt,
                "iova",
                iova,
                "length",
                length,
                "page_size",
                pageSize,
                "data",
                DATA);
    }
}

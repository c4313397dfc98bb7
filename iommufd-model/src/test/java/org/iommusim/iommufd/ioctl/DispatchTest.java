package org.iommusim.iommufd.ioctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iommusim.iommufd.testkit.UserSpace.DATA;
import static org.iommusim.iommufd.testkit.UserSpace.STRUCT;

import java.util.Arrays;
import java.util.Map;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.testkit.UserSpace;
import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ioctls through bytes in user memory: what the dispatch checks before a handler runs, and what comes back. */
class DispatchTest {
    private static final int ALLOC_NUMBER = IommufdIoctl.IOAS_ALLOC.number();
    private static final StructLayout ALLOC = IommufdIoctl.IOAS_ALLOC.layout();

    private final Rig rig = new Rig();
    private final UserSpace user = new UserSpace(rig);

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    @Test
    void shouldReadTheCommandAndWriteTheAnswer() {
        assertThat(user.ioctl(IommufdIoctl.IOAS_ALLOC, Map.of())).isZero();
        assertThat(user.get(ALLOC).u32("out_ioas_id")).isEqualTo(1);

        assertThat(user.ioctl(IommufdIoctl.DESTROY, Map.of("id", 1L))).isZero();
        assertThat(user.ioctl(IommufdIoctl.DESTROY, Map.of("id", 1L))).isEqualTo(Errno.ENOENT);
        assertThat(user.ioctl(IommufdIoctl.DESTROY, Map.of("id", 0xffff_ffffL))).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldCheckTheNumberOnlyAfterTheSizeCouldBeRead() {
        // Numbers outside of the table go to the VFIO handler, which looks at no memory.
        assertThat(user.ioctl(0x3b00, 0)).isEqualTo(Errno.ENOTTY);
        assertThat(user.ioctl(0x3bff, 0)).isEqualTo(Errno.ENOTTY);
        assertThat(user.ioctl(0x4181, 0)).isEqualTo(Errno.EFAULT);
        assertThat(user.ioctl(0x4181, STRUCT)).isEqualTo(Errno.ENOTTY);
        assertThat(user.ioctl(0xc004_3b81, STRUCT)).isEqualTo(Errno.ENOTTY);
        assertThat(user.ioctl(IommufdIoctl.IOAS_ALLOC.number(), 0)).isEqualTo(Errno.EFAULT);
    }

    @Test
    void shouldGiveTheDocumentedErrnoForAnySizeAndTail() {
        var random = new RandomStreams(7).split("sizes");
        for (IoctlHandler handler : IoctlTable.LINUX.handlers()) {
            StructLayout layout = handler.layout();
            for (int round = 0; round < 60; round++) {
                int size = random.nextInt(layout.size() + 24);
                int dirty = random.nextInt(layout.size() + 24);
                // Every handler answers something else than these to a structure of ones.
                byte[] bytes = new byte[layout.size() + 24];
                Arrays.fill(bytes, 0, layout.size(), (byte) 0xff);
                if (dirty >= layout.size()) {
                    bytes[dirty] = 1;
                }
                bytes[0] = (byte) size;
                Arrays.fill(bytes, 1, 4, (byte) 0);
                user.put(bytes);

                int errno = user.ioctl(handler.number(), STRUCT);

                String what = Integer.toHexString(handler.number()) + " size " + size + " dirty " + dirty;
                if (size < layout.minSize()) {
                    assertThat(errno).as(what).isEqualTo(Errno.EINVAL);
                } else if (dirty >= layout.size() && dirty < size) {
                    assertThat(errno).as(what).isEqualTo(Errno.E2BIG);
                } else {
                    assertThat(errno).as(what).isIn(Errno.EOPNOTSUPP, Errno.ENOENT);
                }
            }
        }
    }

    @Test
    void shouldFindAFaultBehindTheStructureBeforeTheRestOfIt() {
        long edge = STRUCT + 0x2000;
        byte[] size = {64, 0, 0, 0};
        user.put(edge - 12, new byte[12]);
        user.put(edge - 12, size);
        assertThat(user.ioctl(ALLOC_NUMBER, edge - 12)).isEqualTo(Errno.EFAULT);
        user.put(edge - 8, new byte[8]);
        user.put(edge - 8, new byte[] {12, 0, 0, 0});
        assertThat(user.ioctl(ALLOC_NUMBER, edge - 8)).isEqualTo(Errno.EFAULT);
        assertThat(user.ioctl(ALLOC_NUMBER, edge - 2)).isEqualTo(Errno.EFAULT);
        user.put(edge - 16, new byte[] {64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
        assertThat(user.ioctl(ALLOC_NUMBER, edge - 16)).isEqualTo(Errno.E2BIG);
        assertThat(rig.ctx.objects().live()).isEmpty();
    }

    @Test
    void shouldTakeAnAllocationBackWhenTheAnswerCannotBeWritten() {
        user.put(ALLOC.encode(Map.of("size", 12L)).bytes());
        rig.process.protectReadOnly(STRUCT);

        assertThat(user.ioctl(ALLOC_NUMBER, STRUCT)).isEqualTo(Errno.EFAULT);

        assertThat(rig.ctx.objects().live()).isEmpty();
        assertThat(rig.objectEvents).contains("IOAS 1 aborted");
    }

    @Test
    void shouldWriteBackNoMoreThanUserSpaceHas() {
        StructLayout layout = IommufdIoctl.GET_HW_INFO.layout();
        int dev = rig.bind(rig.open(rig.plug("net0", 0x100)));
        byte[] bytes = layout.encode(Map.of("size", 32L, "dev_id", (long) dev)).bytes();
        Arrays.fill(bytes, 32, 40, (byte) 0x5a);
        user.put(bytes);

        assertThat(user.ioctl(IommufdIoctl.GET_HW_INFO.number(), STRUCT)).isZero();

        assertThat(user.get(layout).u64("out_capabilities")).isEqualTo(0x5a5a5a5a5a5a5a5aL);
        assertThat(user.get(layout).u32("data_len")).isEqualTo(8);
    }

    @Test
    void shouldClearWhatIsBehindTheDataOfTheHardware() {
        int dev = rig.bind(rig.open(rig.plug("net0", 0x100)));
        byte[] dirty = new byte[32];
        Arrays.fill(dirty, (byte) 0x77);
        user.put(DATA, dirty);
        Map<String, Long> values = Map.of("dev_id", (long) dev, "data_len", 24L, "data_uptr", DATA);

        assertThat(user.ioctl(IommufdIoctl.GET_HW_INFO, values)).isZero();

        byte[] expected = Arrays.copyOf(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 24);
        assertThat(user.bytes(DATA, 24)).isEqualTo(expected);
        assertThat(user.bytes(DATA + 24, 8)).containsOnly(0x77);
        assertThat(user.ioctl(IommufdIoctl.GET_HW_INFO, Map.of("dev_id", (long) dev, "data_len", 24L)))
                .isEqualTo(Errno.EFAULT);
    }

    @Test
    void shouldCheckGetHwInfoInOrder() {
        long dev = rig.bind(rig.open(rig.plug("net0", 0x100)));
        assertThat(hwInfo(Map.of("flags", 2L, "__reserved[1]", 1L))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwInfo(Map.of("dev_id", 99L, "__reserved[2]", 1L))).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwInfo(Map.of("dev_id", 99L, "flags", 1L, "in_data_type", 77L)))
                .isEqualTo(Errno.ENOENT);
        assertThat(hwInfo(Map.of("dev_id", dev, "flags", 1L, "in_data_type", 77L)))
                .isEqualTo(Errno.EOPNOTSUPP);
        assertThat(hwInfo(Map.of("dev_id", dev, "flags", 1L, "in_data_type", 2L)))
                .isZero();
        assertThat(hwInfo(Map.of("dev_id", dev, "in_data_type", 77L))).isZero();
        assertThat(user.get(IommufdIoctl.GET_HW_INFO.layout()).u32("out_data_type"))
                .isEqualTo(2);
    }

    private int hwInfo(Map<String, Long> values) {
        return user.ioctl(IommufdIoctl.GET_HW_INFO, values);
    }

    @Test
    void shouldMapAtTheAddressThatItTells() {
        user.ioctl(IommufdIoctl.IOAS_ALLOC, Map.of());
        long readWrite = MapFlags.READABLE | MapFlags.WRITEABLE;
        Map<String, Long> map = Map.of("ioas_id", 1L, "flags", readWrite, "user_va", DATA, "length", 0x1000L);

        assertThat(user.ioctl(IommufdIoctl.IOAS_MAP, map)).isZero();
        long iova = user.get(IommufdIoctl.IOAS_MAP.layout()).u64("iova");
        assertThat(user.ioctl(IommufdIoctl.IOAS_UNMAP, Map.of("ioas_id", 1L, "iova", iova, "length", 0x1000L)))
                .isZero();
        assertThat(user.get(IommufdIoctl.IOAS_UNMAP.layout()).u64("length")).isEqualTo(0x1000);
    }

    @Test
    void shouldKeepTheContextUntilTheLastDescriptorGoes() {
        user.ioctl(IommufdIoctl.IOAS_ALLOC, Map.of());
        int copy = user.caller.files().dup(user.fd);
        assertThat(rig.run(SystemCall.close(user.caller, user.fd))).isZero();
        assertThat(rig.run(SystemCall.ioctl(user.caller, user.fd, ALLOC_NUMBER, STRUCT)))
                .isEqualTo(Errno.EBADF);
        assertThat(rig.ctx.released()).isFalse();

        rig.closed();
        assertThat(rig.run(SystemCall.close(user.caller, copy))).isZero();

        assertThat(rig.ctx.released()).isTrue();
        assertThat(rig.run(SystemCall.close(user.caller, copy))).isEqualTo(Errno.EBADF);
    }
}

package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.TestOp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The dma-bufs of the selftest, and maps of them. */
class SelftestDmabufTest {
    private static final int FIXED_READ_WRITE = 7;

    private final MockSpace space = new MockSpace();

    /** The descriptor of the next dma-buf: the ioctl does not tell it. */
    private int next() {
        int fd = space.user.caller.files().reserve();
        space.user.caller.files().unreserve(fd);
        return fd;
    }

    private int get(long length) {
        int fd = next();
        assertThat(space.test(TestOp.DMABUF_GET, "length", length, "open_flags", 2))
                .isZero();
        return fd;
    }

    private int map(int ioas, int fd, long start, long length, long iova) {
        return space.ioctl(
                IommufdIoctl.IOAS_MAP_FILE,
                "ioas_id",
                ioas,
                "flags",
                FIXED_READ_WRITE,
                "fd",
                fd,
                "start",
                start,
                "length",
                length,
                "iova",
                iova);
    }

    private int revoke(int fd, boolean revoked) {
        return space.test(TestOp.DMABUF_REVOKE, "dmabuf_fd", fd, "revoked", revoked ? 1 : 0);
    }

    @Test
    void lengthsAreWholePagesUpToTwoMebibytes() {
        assertThat(space.test(TestOp.DMABUF_GET, "length", 0)).isEqualTo(Errno.EINVAL);
        assertThat(space.test(TestOp.DMABUF_GET, "length", (2 << 20) + 1)).isEqualTo(Errno.EINVAL);
        int fd = get(0x2001);
        int ioas = space.ioas();
        assertThat(map(ioas, fd, 0, 0x3000, 0x2000000)).isZero();
        assertThat(map(ioas, fd, 0x1000, 0x3000, 0x3000000)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void aRevokedBufferCannotBeMapped() {
        int fd = get(0x1000);
        int ioas = space.ioas();
        assertThat(revoke(fd, true)).isZero();
        assertThat(map(ioas, fd, 0, 0x1000, 0x2000000)).isEqualTo(Errno.ENODEV);
        assertThat(revoke(fd, false)).isZero();
        assertThat(map(ioas, fd, 0, 0x1000, 0x2000000)).isZero();
    }

    @Test
    void onlyADmabufCanBeRevoked() {
        assertThat(revoke(space.user.fd, true)).isEqualTo(Errno.EINVAL);
        assertThat(revoke(900, true)).isEqualTo(Errno.EBADF);
    }

    /** The map outlives the descriptor, and nothing is left when both are gone. */
    @Test
    void memoryGoesWithItsLastUser() {
        int ioas = space.ioas();
        long before = space.rig.pages.usedPages();
        int fd = get(0x1000);
        assertThat(map(ioas, fd, 0, 0x1000, 0x2000000)).isZero();
        assertThat(space.close(fd)).isZero();
        assertThat(space.rig.pages.usedPages()).isEqualTo(before + 1);
        assertThat(space.destroy(ioas)).isZero();
        assertThat(space.rig.pages.usedPages()).isEqualTo(before);
    }

    @AfterEach
    void nothingIsViolated() {
        assertThat(space.rig.violations()).isEmpty();
        assertThat(space.rig.footprints.undeclared()).isEmpty();
    }
}

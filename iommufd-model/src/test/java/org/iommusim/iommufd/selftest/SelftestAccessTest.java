package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.TestOp;
import org.iommusim.iommufd.testkit.UserSpace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operations of IOMMU_TEST_CMD on accesses: what they pin, how they lose it, and what they copy. */
class SelftestAccessTest {
    private static final long IOVA = 0x10000;
    private static final long DATA = UserSpace.DATA;
    private static final int NEEDS_PIN = 1;
    private static final int WRITE = 1;
    private static final int SYZ = 1 << 16;

    private final MockSpace space = new MockSpace();
    private final int ioas = space.ioas();

    @AfterEach
    void nothingIsLeftOver() {
        assertThat(space.rig.footprints.undeclared()).isEmpty();
        assertThat(space.rig.violations()).isEmpty();
    }

    private int create(int flags) {
        assertThat(space.test(TestOp.CREATE_ACCESS, "id", ioas, "flags", flags)).isZero();
        return space.out("out_access_fd");
    }

    private int pin(int access, long iova, long length, long uptr, int flags) {
        return space.test(
                TestOp.ACCESS_PAGES, "id", access, "iova", iova, "length", length, "uptr", uptr, "flags", flags);
    }

    private int refs(int refs) {
        return space.test(TestOp.MD_CHECK_REFS, "uptr", DATA, "length", 0x2000, "refs", refs);
    }

    @Test
    void pinnedPagesAreCountedUntilTheyAreGivenBack() {
        assertThat(space.map(ioas, DATA, 0x4000, IOVA)).isZero();
        int access = create(NEEDS_PIN);
        assertThat(pin(access, IOVA, 0x2000, DATA, 0)).isZero();
        int pages = space.out("out_access_pages_id");
        assertThat(refs(1)).isZero();
        assertThat(pin(access, IOVA + 0x1000, 0x1000, DATA + 0x1000, WRITE)).isZero();
        assertThat(space.out("out_access_pages_id")).isEqualTo(pages + 1);
        assertThat(space.test(TestOp.DESTROY_ACCESS_PAGES, "id", access, "access_pages_id", pages))
                .isZero();
        assertThat(refs(0)).isEqualTo(Errno.EIO);
        assertThat(space.test(TestOp.DESTROY_ACCESS_PAGES, "id", access, "access_pages_id", pages))
                .isEqualTo(Errno.ENOENT);
        assertThat(space.close(access)).isZero();
        assertThat(refs(0)).isZero();
        assertThat(space.destroy(ioas)).isZero();
    }

    @Test
    void pinningIsCheckedInOrder() {
        assertThat(space.map(ioas, DATA, 0x4000, IOVA)).isZero();
        int pins = create(NEEDS_PIN);
        int copies = create(0);
        assertThat(pin(999, IOVA, 0x1000001, 0, 2)).isEqualTo(Errno.ENOMEM);
        assertThat(pin(999, IOVA, 0x1000, 0, 2)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(pin(999, IOVA, 0x1000, 0, 0)).isEqualTo(Errno.EBADFD);
        assertThat(pin(space.user.fd, IOVA, 0x1000, 0, 0)).isEqualTo(Errno.EBADFD);
        assertThat(pin(copies, IOVA, 0x1000, 0, 0)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(pin(pins, IOVA, 0, 0, 0)).isEqualTo(Errno.EINVAL);
        assertThat(pin(pins, IOVA + 0x800, 0x1000, 0, 0)).isEqualTo(Errno.EINVAL);
        assertThat(pin(pins, -0x1000, 0x2000, 0, 0)).isEqualTo(Errno.EOVERFLOW);
        assertThat(pin(pins, IOVA + 0x4000, 0x1000, 0, 0)).isEqualTo(Errno.ENOENT);
        assertThat(pin(pins, IOVA, 0x1000, DATA + 0x1000, 0)).isEqualTo(Errno.EBADE);
        assertThat(pin(pins, IOVA, 0x1000, 0x7000_0000, 0)).isEqualTo(Errno.EFAULT);
        assertThat(refs(0)).isZero();
        assertThat(pin(pins, IOVA, 0x1000, 0, 0)).isZero();
    }

    @Test
    void anUnmapTakesThePinsAway() {
        assertThat(space.map(ioas, DATA, 0x2000, IOVA)).isZero();
        int access = create(NEEDS_PIN);
        assertThat(pin(access, IOVA, 0x1000, DATA, 0)).isZero();
        assertThat(space.ioctl(IommufdIoctl.IOAS_UNMAP, "ioas_id", ioas, "iova", IOVA, "length", 0x2000))
                .isZero();
        assertThat(refs(0)).isZero();
        assertThat(space.test(TestOp.DESTROY_ACCESS_PAGES, "id", access)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void movingToAnotherIoasTakesThePinsAway() {
        int other = space.ioas();
        assertThat(space.map(ioas, DATA, 0x2000, IOVA)).isZero();
        int access = create(NEEDS_PIN);
        assertThat(pin(access, IOVA, 0x1000, DATA, 0)).isZero();
        assertThat(space.test(TestOp.ACCESS_REPLACE_IOAS, "id", access, "ioas_id", access))
                .isEqualTo(Errno.ENOENT);
        assertThat(refs(1)).isEqualTo(Errno.EIO);
        assertThat(space.test(TestOp.ACCESS_REPLACE_IOAS, "id", access, "ioas_id", other))
                .isZero();
        assertThat(refs(0)).isZero();
        assertThat(pin(access, IOVA, 0x1000, DATA, 0)).isEqualTo(Errno.ENOENT);
        assertThat(space.destroy(ioas)).isZero();
    }

    @Test
    void anAccessThatCannotBeMadeLeavesNothing() {
        assertThat(space.test(TestOp.CREATE_ACCESS, "id", ioas, "flags", 2)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(space.test(TestOp.CREATE_ACCESS, "id", 0x7ffffff0)).isEqualTo(Errno.ENOENT);
        assertThat(space.map(ioas, DATA + 0x800, 0x800, IOVA + 0x800)).isZero();
        assertThat(space.test(TestOp.CREATE_ACCESS, "id", ioas, "flags", NEEDS_PIN))
                .isEqualTo(Errno.EADDRINUSE);
        assertThat(space.rig.audit()).isEmpty();
        assertThat(space.ioas()).isEqualTo(ioas + 1);
    }

    private int rw(int access, long iova, long length, long uptr, int flags) {
        return space.test(TestOp.ACCESS_RW, "id", access, "iova", iova, "length", length, "uptr", uptr, "flags", flags);
    }

    @Test
    void bytesAreCopiedBothWays() {
        assertThat(space.map(ioas, DATA, 0x2000, IOVA)).isZero();
        int access = create(0);
        space.user.put(DATA + 0x5000, new byte[] {1, 2, 3, 4});
        assertThat(rw(access, IOVA + 0xffe, 4, DATA + 0x5000, WRITE)).isZero();
        assertThat(space.user.bytes(DATA + 0xffe, 4)).containsExactly(1, 2, 3, 4);
        assertThat(rw(access, IOVA + 0xfff, 2, DATA + 0x6000, 0)).isZero();
        assertThat(space.user.bytes(DATA + 0x6000, 3)).containsExactly(2, 3, 0);
        assertThat(rw(access, IOVA, 4, 0x7000_0000, WRITE)).isEqualTo(Errno.EFAULT);
        assertThat(rw(access, IOVA, 4, 0x7000_0000, 0)).isEqualTo(Errno.EFAULT);
        assertThat(rw(access, IOVA + 0x2000, 4, DATA, 0)).isEqualTo(Errno.ENOENT);
        assertThat(rw(access, IOVA, 4, DATA, 8)).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(rw(access, IOVA, 0, DATA, 0)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void aFuzzerNamesAreasByNumber() {
        assertThat(space.map(ioas, DATA, 0x1000, IOVA)).isZero();
        assertThat(space.map(ioas, DATA + 0x1000, 0x1000, 3 * IOVA)).isZero();
        int access = create(NEEDS_PIN);
        space.user.put(DATA + 0x1008, new byte[] {9});
        assertThat(rw(access, 1 | 8L << 32, 1, DATA + 0x5000, SYZ)).isZero();
        assertThat(space.user.bytes(DATA + 0x5000, 1)).containsExactly(9);
        assertThat(rw(access, 2, 1, DATA + 0x5000, SYZ)).isEqualTo(Errno.ENOENT);
        assertThat(pin(access, 1, 0x1000, DATA + 0x1000, SYZ)).isZero();
    }
}

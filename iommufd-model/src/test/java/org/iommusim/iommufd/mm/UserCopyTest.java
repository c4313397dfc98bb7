package org.iommusim.iommufd.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.junit.jupiter.api.Test;

/** Copies between the kernel and a process: what arrives, and where a fault is found. */
class UserCopyTest {
    private static final long BASE = 0x7000_0000L;
    private static final long PAGE = 0x1000;

    private final Rig rig = new Rig();
    private final Process process = rig.process;

    private static byte[] ramp(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }

    private byte[] read(long va, int length) {
        byte[] bytes = new byte[length];
        assertThat(process.copyFromUser(va, bytes)).isZero();
        return bytes;
    }

    @Test
    void shouldCopyAcrossPagesAtAnyAlignment() {
        process.mmap(MmapRequest.anonymous(3 * PAGE).at(BASE));
        for (int offset = 0; offset < 9; offset++) {
            long va = BASE + PAGE - 20 + offset;
            assertThat(process.copyToUser(va, ramp(41))).isZero();
            assertThat(read(va, 41)).isEqualTo(ramp(41));
        }
    }

    @Test
    void shouldLeaveNeighbouringBytesAlone() {
        process.mmap(MmapRequest.anonymous(PAGE).at(BASE));
        process.copyToUser(BASE, ramp(16));
        process.copyToUser(BASE + 5, new byte[] {99});

        byte[] expected = ramp(16);
        expected[5] = 99;
        assertThat(read(BASE, 16)).isEqualTo(expected);
    }

    @Test
    void shouldReadZeroesWithoutTakingAPage() {
        process.mmap(MmapRequest.anonymous(32 << 20).at(BASE));
        long used = rig.pages.usedPages();

        assertThat(read(BASE + 100 * PAGE, 8)).containsOnly(0);

        assertThat(rig.pages.usedPages()).isEqualTo(used);
    }

    @Test
    void shouldStopAtThePageThatIsMissing() {
        process.mmap(MmapRequest.anonymous(PAGE).at(BASE));
        byte[] into = new byte[8];

        assertThat(process.copyToUser(BASE + PAGE - 4, ramp(8))).isEqualTo(Errno.EFAULT);
        assertThat(process.copyFromUser(BASE + PAGE - 4, into)).isEqualTo(Errno.EFAULT);

        assertThat(into).containsExactly(1, 2, 3, 4, 0, 0, 0, 0);
        assertThat(process.copyFromUser(0, into)).isEqualTo(Errno.EFAULT);
        assertThat(process.copyFromUser(-1, into)).isEqualTo(Errno.EFAULT);
    }

    @Test
    void shouldReadButNotWriteAReadOnlyArea() {
        process.mmap(MmapRequest.anonymous(PAGE).with(MmapFlag.WRITE, false).at(BASE));

        assertThat(process.copyToUser(BASE, new byte[1])).isEqualTo(Errno.EFAULT);
        assertThat(read(BASE, 4)).containsOnly(0);
        assertThat(process.pinFrames(BASE, 1, true)).isNull();
        assertThat(process.pinFrames(BASE, 1, false)).hasSize(1);
    }

    @Test
    void shouldFindWhicheverComesFirstBehindAStructure() {
        process.mmap(MmapRequest.anonymous(PAGE).at(BASE));
        assertThat(process.checkZeroed(BASE, PAGE)).isZero();
        assertThat(process.checkZeroed(BASE, PAGE + 1)).isEqualTo(Errno.EFAULT);
        process.copyToUser(BASE + PAGE - 1, new byte[] {1});
        assertThat(process.checkZeroed(BASE, PAGE + 1)).isEqualTo(Errno.E2BIG);
        assertThat(process.checkZeroed(BASE, 0xffff_ffffL)).isEqualTo(Errno.E2BIG);
    }

    @Test
    void shouldFillAnOlderStructureWithZeroes() {
        process.mmap(MmapRequest.anonymous(PAGE).at(BASE));
        process.copyToUser(BASE, ramp(12));
        byte[] into = new byte[16];
        Arrays.fill(into, (byte) 77);

        assertThat(process.copyStructFromUser(BASE, into, 8)).isZero();

        assertThat(into).isEqualTo(Arrays.copyOf(ramp(8), 16));
        assertThat(process.copyStructFromUser(BASE, new byte[8], 12)).isEqualTo(Errno.E2BIG);
        assertThat(process.copyStructFromUser(BASE, new byte[8], 8)).isZero();
    }
}

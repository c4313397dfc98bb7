package org.iommusim.iommufd.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.memory.PageOwner;
import org.junit.jupiter.api.Test;

/** Areas at fixed places, shared and private ones, and what a fork makes of them. */
class AddressSpaceTest {
    private static final long BASE = 0x7000_0000L;
    private static final int PAGE = 0x1000;

    private final Rig rig = new Rig();
    private final Process process = rig.process;

    private Process fork() {
        AtomicReference<Process> child = new AtomicReference<>();
        assertThat(process.fork("child", child::set)).isZero();
        return child.get();
    }

    private static int byteAt(Process of, long va) {
        byte[] one = new byte[1];
        assertThat(of.copyFromUser(va, one)).isZero();
        return one[0];
    }

    private static void put(Process of, long va, int value) {
        assertThat(of.copyToUser(va, new byte[] {(byte) value})).isZero();
    }

    @Test
    void shouldReplaceWhatIsMappedAtAFixedPlace() {
        process.mmap(MmapRequest.anonymous(4 * PAGE).at(BASE));
        put(process, BASE + PAGE, 7);
        put(process, BASE + 2 * PAGE, 8);

        assertThat(process.mmap(MmapRequest.anonymous(PAGE).at(BASE + PAGE))).isEqualTo(BASE + PAGE);

        assertThat(byteAt(process, BASE + PAGE)).isZero();
        assertThat(byteAt(process, BASE + 2 * PAGE)).isEqualTo(8);
    }

    @Test
    void shouldRefuseWhatNoUserCanHave() {
        assertThat(process.mmap(MmapRequest.anonymous(PAGE).at(-PAGE))).isEqualTo(Errno.EINVAL);
        assertThat(process.mmap(MmapRequest.anonymous(PAGE).at(1L << 47))).isEqualTo(Errno.EINVAL);
        assertThat(process.mmap(MmapRequest.anonymous(PAGE).at(BASE + 1))).isEqualTo(Errno.EINVAL);
        assertThat(process.mmap(MmapRequest.anonymous(0))).isEqualTo(Errno.EINVAL);
        assertThat(process.mmap(MmapRequest.anonymous(PAGE).with(MmapFlag.HUGE)))
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldTakeHugePagesInAlignedRuns() {
        process.mmap(MmapRequest.anonymous(8 << 20).with(MmapFlag.HUGE).at(BASE));
        rig.pages.allocate(PageOwner.KERNEL);

        long frame = process.translate(BASE + (3 << 20));

        assertThat(frame % (2 << 20)).isEqualTo(1 << 20);
        assertThat(process.translate(BASE + (2 << 20) + 5)).isEqualTo(frame - (1 << 20) + 5);
    }

    @Test
    void shouldShareOrCopyOnFork() {
        process.mmap(MmapRequest.anonymous(2 * PAGE).at(BASE));
        process.mmap(MmapRequest.anonymous(2 * PAGE).with(MmapFlag.SHARED).at(BASE + (1 << 20)));
        put(process, BASE + PAGE, 1);
        put(process, BASE + (1 << 20), 2);

        Process child = fork();
        put(child, BASE + PAGE, 11);
        put(child, BASE + (1 << 20), 12);
        // Touched by the child first, and still the parent's too.
        put(child, BASE + (1 << 20) + PAGE, 13);

        assertThat(byteAt(process, BASE + PAGE)).isEqualTo(1);
        assertThat(byteAt(process, BASE + (1 << 20))).isEqualTo(12);
        assertThat(byteAt(process, BASE + (1 << 20) + PAGE)).isEqualTo(13);
    }

    @Test
    void shouldGiveEveryPageBackWhenBothHaveGone() {
        long before = rig.pages.usedPages();
        process.mmap(MmapRequest.anonymous(4 * PAGE).with(MmapFlag.POPULATE).at(BASE));
        process.mmap(MmapRequest.anonymous(4 * PAGE)
                .with(MmapFlag.SHARED)
                .with(MmapFlag.POPULATE)
                .at(BASE + (1 << 20)));
        process.munmap(BASE + PAGE, PAGE);
        Process child = fork();
        process.exit();
        assertThat(byteAt(child, BASE)).isZero();
        assertThat(rig.pages.usedPages()).isEqualTo(before + 7);

        child.exit();

        assertThat(rig.pages.usedPages()).isEqualTo(before);
    }

    @Test
    void shouldMapAFileByOffset() {
        Backing file = new Backing(rig.kernel, 8, false);
        process.mmap(MmapRequest.of(file, 2 * PAGE, 3 * PAGE).at(BASE));
        Process child = fork();
        put(child, BASE + PAGE, 9);
        child.exit();
        process.munmap(BASE, 3 * PAGE);

        process.mmap(MmapRequest.of(file, 3 * PAGE, PAGE).at(BASE));

        assertThat(byteAt(process, BASE)).isEqualTo(9);
        assertThat(process.mmap(MmapRequest.of(file, 7 * PAGE, 2 * PAGE))).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldForkUserAndLimit() {
        process.memlockLimit(4 * PAGE);
        process.user(new User(rig.kernel, 1000));

        Process child = fork();

        assertThat(child.user()).isSameAs(process.user());
        assertThat(child.memlockLimit()).isEqualTo(4 * PAGE);
        assertThat(child.capable()).isFalse();
        assertThat(new Process(rig.kernel, "init").capable()).isTrue();
    }

    @Test
    void shouldPinPagesOfAFileThatNobodyMaps() {
        Backing file = new Backing(rig.kernel, 8, false);
        long[] pinned = file.pin(2, 3);
        assertThat(pinned).hasSize(3).doesNotContain(-1);
        file.put();
        assertThat(rig.memory.owner(pinned[0])).isEqualTo(PageOwner.UNMAPPED);
        file.unpin(pinned);
        assertThat(rig.memory.owner(pinned[0])).isEqualTo(PageOwner.FREE);
    }
}

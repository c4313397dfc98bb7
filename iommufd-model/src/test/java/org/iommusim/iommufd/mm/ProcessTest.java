package org.iommusim.iommufd.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.memory.PageOwner;
import org.junit.jupiter.api.Test;

class ProcessTest {
    private final Rig rig = new Rig();
    private final Process process = rig.process;

    @Test
    void shouldBackMemoryWithPagesOfTheMachine() {
        long va = process.mmap(0x3000, false);

        assertThat(process.translate(va + 0x2004) & 0xfff).isEqualTo(4);
        assertThat(rig.memory.owner(process.translate(va))).isEqualTo(PageOwner.PROCESS);
        assertThat(process.translate(va + 0x3000)).isEqualTo(-1);
        assertThat(process.mmap(0x800, false)).isEqualTo(Errno.EINVAL);
        assertThat(process.mmap(0x1000, true)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldGiveEverythingBackWhenMemoryRunsOut() {
        long before = rig.pages.usedPages();
        assertThat(process.mmap(1L << 30, false)).isEqualTo(Errno.ENOMEM);
        assertThat(rig.pages.usedPages()).isEqualTo(before);
    }

    @Test
    void shouldUnmapAPart() {
        long va = process.mmap(0x4000, false);
        long last = process.translate(va + 0x3000);

        assertThat(process.munmap(va + 0x1000, 0x2000)).isZero();

        assertThat(process.translate(va)).isNotNegative();
        assertThat(process.translate(va + 0x1000)).isEqualTo(-1);
        assertThat(process.translate(va + 0x2fff)).isEqualTo(-1);
        assertThat(process.translate(va + 0x3000)).isEqualTo(last);
        assertThat(process.munmap(va + 1, 0x1000)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldKeepAnUnmappedPageUntilItsLastPinGoes() {
        long va = process.mmap(0x2000, false);
        long frame = process.translate(va);
        PinnedPages[] pinned = new PinnedPages[2];
        assertThat(process.pin(va, 2, p -> pinned[0] = p)).isZero();
        assertThat(process.pin(va, 1, p -> pinned[1] = p)).isZero();

        process.munmap(va, 0x2000);
        assertThat(rig.memory.owner(frame)).isEqualTo(PageOwner.UNMAPPED);
        process.unpin(pinned[0]);
        assertThat(rig.memory.owner(frame)).isEqualTo(PageOwner.UNMAPPED);
        assertThat(rig.memory.owner(pinned[0].frame(1))).isEqualTo(PageOwner.FREE);
        process.unpin(pinned[1]);

        assertThat(rig.memory.owner(frame)).isEqualTo(PageOwner.FREE);
        assertThat(process.pinnedPages()).isZero();
        assertThat(rig.violations()).isEmpty();
    }

    @Test
    void shouldFaultBeforeItPinsAnything() {
        long va = process.mmap(0x2000, false);

        assertThat(process.pin(va, 3, p -> {})).isEqualTo(Errno.EFAULT);

        assertThat(process.pinnedPages()).isZero();
        assertThat(rig.memory.pins(process.translate(va))).isZero();
    }
}

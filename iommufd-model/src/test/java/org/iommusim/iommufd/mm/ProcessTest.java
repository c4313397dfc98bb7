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
        long[] both = process.pinFrames(va, 2, true);
        long[] first = process.pinFrames(va, 1, true);
        assertThat(both).hasSize(2);
        assertThat(first).containsExactly(both[0]);

        process.munmap(va, 0x2000);
        assertThat(rig.memory.owner(both[0])).isEqualTo(PageOwner.UNMAPPED);
        process.unpinFrames(va, both);
        assertThat(rig.memory.owner(both[0])).isEqualTo(PageOwner.UNMAPPED);
        assertThat(rig.memory.owner(both[1])).isEqualTo(PageOwner.FREE);
        process.unpinFrames(va, first);

        assertThat(rig.memory.owner(both[0])).isEqualTo(PageOwner.FREE);
        assertThat(rig.violations()).isEmpty();
    }

    @Test
    void shouldFaultBeforeItPinsAnything() {
        long va = process.mmap(0x2000, false);

        assertThat(process.pinFrames(va, 3, true)).isNull();

        assertThat(rig.memory.pins(process.translate(va))).isZero();
    }
}

package org.iommusim.sim.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.random.RandomStream;
import org.junit.jupiter.api.Test;

class PhysicalMemoryTest {
    private static final long MIB = 1 << 20;
    private static final long BASE = 0x4000_0000L;

    private final Simulation sim = Simulation.seeded(3).build();
    private final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);

    private PageAllocator managed(long bytes) {
        memory.addRam(BASE, bytes, PageOwner.FREE);
        return new PageAllocator(sim.world(), memory, new MemoryRange(BASE, bytes));
    }

    @Test
    void shouldReadBackWhatWasWrittenInEverySize() {
        memory.addRam(BASE, MIB, PageOwner.UNTRACKED);
        memory.write64(BASE, 0x1122334455667788L);
        assertThat(memory.read(BASE, 1)).isEqualTo(0x88);
        assertThat(memory.read(BASE + 6, 2)).isEqualTo(0x1122);
        assertThat(memory.read(BASE + 4, 4)).isEqualTo(0x11223344L);
        memory.write(BASE + 3, 1, 0xff);
        assertThat(memory.read64(BASE)).isEqualTo(0x11223344ff667788L);
        memory.write(BASE + 4, 4, 0xa0b0c0d0L);
        assertThat(memory.read64(BASE)).isEqualTo(0xa0b0c0d0ff667788L);
        assertThat(memory.read64(BASE + 8)).isZero();
    }

    @Test
    void shouldAnswerAllOnesWhereThereIsNoMemory() {
        memory.addRam(BASE, MIB, PageOwner.UNTRACKED);
        assertThat(memory.present(BASE + MIB)).isFalse();
        assertThat(memory.present(1L << 41)).isFalse();
        assertThat(memory.read64(BASE + MIB)).isEqualTo(-1L);
        memory.write64(BASE + MIB, 1);
        assertThat(sim.violations().isEmpty()).isTrue();
    }

    @Test
    void shouldReportATouchOfAFreedPage() {
        PageAllocator pages = managed(MIB);
        long page = pages.allocate(PageOwner.TABLE);
        memory.write64(page, 1);
        pages.free(page, 1);
        assertThat(sim.violations().isEmpty()).isTrue();
        memory.read64(page + 8);
        assertThat(sim.violations().violations()).extracting(Violation::checker).containsExactly("freed-page");
    }

    @Test
    void shouldReportThatAPinnedPageIsGivenBack() {
        PageAllocator pages = managed(MIB);
        long page = pages.allocate(PageOwner.PROCESS);
        memory.pin(page, 1);
        pages.free(page, 1);
        assertThat(sim.violations().violations()).extracting(Violation::checker).containsExactly("freed-pinned-page");
        assertThatThrownBy(() -> memory.pin(page, -2)).hasMessageContaining("unpinned too often");
    }

    @Test
    void shouldGiveOutTheLowestZeroedRun() {
        PageAllocator pages = managed(MIB);
        long a = pages.allocate(PageOwner.KERNEL);
        long b = pages.allocate(PageOwner.KERNEL, 4, 4);
        long c = pages.allocate(PageOwner.KERNEL);
        assertThat(a).isEqualTo(BASE);
        assertThat(b).isEqualTo(BASE + 0x4000);
        assertThat(c).isEqualTo(BASE + 0x1000);
        memory.write64(a, 99);
        pages.free(a, 1);
        long again = pages.allocate(PageOwner.PROCESS);
        assertThat(again).isEqualTo(a);
        assertThat(memory.read64(again)).isZero();
        assertThat(memory.owner(again)).isEqualTo(PageOwner.PROCESS);
        assertThat(pages.allocate(PageOwner.KERNEL, 257, 1)).isEqualTo(PageAllocator.NONE);
        assertThatThrownBy(() -> pages.free(BASE + 0x10000, 1)).hasMessageContaining("freed twice");
    }

    @Test
    void shouldUndoWordsOwnersPinsAndAllocations() {
        PageAllocator pages = managed(MIB);
        sim.world().startJournaling();
        long kept = pages.allocate(PageOwner.TABLE);
        memory.write64(kept, 5);
        int mark = sim.world().mark();
        long hash = sim.world().hash();
        RandomStream random = sim.random().split("undo");
        for (int i = 0; i < 2_000; i++) {
            long page = pages.allocate(PageOwner.PROCESS);
            memory.write64(page + 8L * random.nextInt(512), random.nextLong());
            memory.pin(page, 1);
            if (random.nextInt(3) > 0 || pages.usedPages() > 200) {
                memory.pin(page, -1);
                pages.free(page, 1);
            }
        }
        sim.world().undoTo(mark);
        assertThat(sim.world().hash()).isEqualTo(hash);
        assertThat(pages.usedPages()).isEqualTo(1);
        assertThat(memory.read64(kept)).isEqualTo(5);
        assertThat(memory.owner(kept + 0x1000)).isEqualTo(PageOwner.FREE);
        assertThat(pages.allocate(PageOwner.TABLE)).isEqualTo(kept + 0x1000);
    }

    @Test
    void shouldRefuseOverlappingMemory() {
        memory.addRam(BASE, MIB, PageOwner.UNTRACKED);
        assertThatThrownBy(() -> memory.addRam(BASE + MIB - 4096, 8192, PageOwner.FREE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("overlaps");
    }
}

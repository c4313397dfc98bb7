package org.iommusim.iommufd.mm;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.memory.PageOwner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pinning pages of a process, and who pays for them. */
class PinTest {
    private final Rig rig = new Rig();
    private final Process process = rig.process;

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.violations()).isEmpty();
    }

    @Test
    void shouldPinAcrossAreasAndFaultOnAHole() {
        long va = process.mmap(0x4000, false);
        process.munmap(va + 0x1000, 0x1000);

        assertThat(process.pinFrames(va, 2, false)).isNull();
        assertThat(process.pinFrames(va + 0x3000, 2, false)).isNull();
        assertThat(rig.memory.pins(process.translate(va))).isZero();

        long[] frames = process.pinFrames(va + 0x2000, 2, true);
        assertThat(frames).containsExactly(process.translate(va + 0x2000), process.translate(va + 0x3000));
        assertThat(rig.memory.pins(process.translate(va + 0x3000))).isEqualTo(1);
        process.unpinFrames(va + 0x2000, new long[] {process.translate(va + 0x2000)});
        assertThat(rig.memory.pins(process.translate(va + 0x2000))).isZero();
        assertThat(rig.memory.pins(process.translate(va + 0x3000))).isEqualTo(1);
    }

    @Test
    void shouldNotPinReadOnlyMemoryForWriting() {
        long va = process.mmap(0x1000, false);
        assertThat(process.protectReadOnly(va)).isZero();
        assertThat(process.protectReadOnly(va + 0x1000)).isEqualTo(Errno.ENOMEM);

        assertThat(process.pinFrames(va, 1, true)).isNull();
        assertThat(process.pinFrames(va, 1, false)).hasSize(1);
    }

    @Test
    void shouldKeepUnmappedPagesUntilTheyAreUnpinned() {
        long va = process.mmap(0x2000, false);
        UserPages pages = new UserPages(process, va);
        long[][] pinned = new long[1][];
        assertThat(pages.pin(1, 1, true, frames -> pinned[0] = frames)).isZero();
        process.munmap(va, 0x2000);

        assertThat(rig.memory.owner(pinned[0][0])).isEqualTo(PageOwner.UNMAPPED);
        pages.unpin(1, pinned[0]);
        assertThat(rig.memory.owner(pinned[0][0])).isEqualTo(PageOwner.FREE);
        assertThat(pages.pin(0, 1, true, frames -> {})).isEqualTo(Errno.EFAULT);
    }

    @Test
    void shouldCountByUserOrByProcessOrWithoutLimit() {
        process.memlockLimit(0x3000);
        Process sibling = new Process(rig.kernel, "sibling");
        sibling.memlockLimit(0x3000);
        User user = new User(rig.kernel, 1000);
        process.user(user);
        sibling.user(user);

        assertThat(process.payer().account(AccountMode.USER, 2)).isZero();
        assertThat(sibling.payer().account(AccountMode.USER, 2)).isEqualTo(Errno.ENOMEM);
        assertThat(sibling.payer().account(AccountMode.MM, 2)).isZero();
        assertThat(sibling.payer().account(AccountMode.MM, 2)).isEqualTo(Errno.ENOMEM);
        assertThat(sibling.payer().account(AccountMode.NONE, 100)).isZero();

        assertThat(user.lockedPages()).isEqualTo(2);
        assertThat(sibling.lockedPages()).isEqualTo(2);
        assertThat(sibling.pinnedPages()).isEqualTo(102);
        assertThat(process.payer().account(AccountMode.USER, -2)).isZero();
        assertThat(user.lockedPages()).isZero();
        assertThat(process.pinnedPages()).isZero();
    }
}

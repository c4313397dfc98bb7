package org.iommusim.iommufd.pt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.IoasMap;
import org.iommusim.iommufd.mm.User;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.VfioFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Address spaces: placement, order of checks, pins. Expected addresses are those of a real kernel for the same calls. */
class IoasTest {
    private final Rig rig = new Rig();
    private int ioas;
    private long va;

    @BeforeEach
    void makeIoas() {
        ioas = rig.ioasAlloc();
        va = rig.process.mmap(8 << 20, false);
    }

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private int device(String name, int requesterId) {
        VfioFile file = rig.open(rig.plug(name, requesterId));
        return rig.bind(file);
    }

    @Test
    void shouldChooseTheLowestPlaceThatKeepsTheAlignmentOfTheAddress() {
        assertThat(rig.mapAnywhere(ioas, va, 0x1000)).isEqualTo(0x1000);
        assertThat(rig.mapAnywhere(ioas, va, 0x1000)).isEqualTo(0x2000);
        assertThat(rig.mapAnywhere(ioas, va, 0x3000)).isEqualTo(0x4000);
        assertThat(rig.mapAnywhere(ioas, va + 0x1000, 0x1000)).isEqualTo(0x3000);
        assertThat(rig.mapAnywhere(ioas, va, 0x10000)).isEqualTo(0x10000);
        assertThat(rig.mapAnywhere(ioas, va, 0x200000)).isEqualTo(0x200000);
        assertThat(rig.mapAnywhere(ioas, va, 0x400000)).isEqualTo(0x400000);
        assertThat(rig.mapAnywhere(ioas, va, 0x1000)).isEqualTo(0x7000);
        assertThat(rig.mapAnywhere(ioas, va + 0x1000, 0x2000)).isEqualTo(0x8000);
        assertThat(rig.mapAnywhere(ioas, va + 0x800, 0x1800)).isEqualTo(0xa800);
        assertThat(rig.mapAnywhere(ioas, va + 3, 1)).isEqualTo(0xa003);
        assertThat(rig.unmap(ioas, 0, -1)).isZero();
        assertThat(rig.unmap(ioas, 0, -1)).isZero();
    }

    @Test
    void shouldRefuseOverlaps() {
        assertThat(rig.map(ioas, va, 0x2000, 0x10000)).isZero();
        assertThat(rig.map(ioas, va, 0x1000, 0x10000)).isEqualTo(Errno.EEXIST);
        assertThat(rig.map(ioas, va, 1, 0x11fff)).isEqualTo(Errno.EEXIST);
        assertThat(rig.map(ioas, va, 0x2000, 0xf000)).isEqualTo(Errno.EEXIST);
        assertThat(rig.map(ioas, va, 0x1000, 0xf000)).isZero();
        assertThat(rig.map(ioas, va, 0x1000, 0)).isZero();
    }

    @Test
    void shouldCheckMapArgumentsInOrder() {
        assertThat(protection(ioas, 0x1000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(protection(ioas, -1, 0)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.map(ioas, va, 0x1000, -1)).isEqualTo(Errno.EOVERFLOW);
        assertThat(protection(999, 0x1000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(protection(999, 0, 3)).isEqualTo(Errno.ENOENT);
        assertThat(protection(ioas, 0, 3)).isEqualTo(Errno.EINVAL);
        assertThat(rig.map(ioas, va, 0, 0x1000)).isEqualTo(Errno.EINVAL);
        assertThat(rig.map(ioas, -0x1000, 0x2000, 0x1000)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.map(ioas, va, 0x2000, -0x1000)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.map(ioas, va, 0x1000, -0x1000)).isZero();
        assertThat(rig.map(ioas, 0, -0xfffL, 0x1000)).isEqualTo(Errno.EINVAL);
        assertThat(rig.mapAnywhere(ioas, 0, Long.MIN_VALUE)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.mapAnywhere(ioas, 0, 0x7ffffffffffff000L)).isEqualTo(0x200000);
    }

    private int protection(int id, long length, int protection) {
        return rig.run(rig.ioctl(IoasMap.automatic(rig.ctx, id, rig.process, va, length, protection)));
    }

    @Test
    void shouldCheckUnmapArgumentsInOrder() {
        assertThat(rig.unmap(999, 0, 0)).isEqualTo(Errno.ENOENT);
        assertThat(rig.unmap(ioas, -1, 0x1000)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.unmap(ioas, 0x1000, -1)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.unmap(ioas, 0x1000, 0)).isEqualTo(Errno.EINVAL);
        assertThat(rig.unmap(ioas, -0x1000, 0x2000)).isEqualTo(Errno.EOVERFLOW);
        assertThat(rig.unmap(ioas, 0x1000, 0x1000)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldUnmapWholeMapsOnlyAndKeepWhatItHasDone() {
        rig.map(ioas, va, 0x1000, 0x10000);
        rig.map(ioas, va, 0x2000, 0x11000);
        rig.map(ioas, va, 0x1000, 0x20000);

        assertThat(rig.unmap(ioas, 0x10000, 0x2000)).isEqualTo(Errno.ENOENT);
        assertThat(rig.map(ioas, va, 0x1000, 0x10000)).isZero();
        assertThat(rig.unmap(ioas, 0x10000, 0x20000)).isZero();
        assertThat(rig.unmap(ioas, 0x10000, 0x20000)).isEqualTo(Errno.ENOENT);
    }

    @Test
    void shouldPinOncePerMapAndOnlyWhileADomainHasIt() {
        int dev = device("net0", 0x100);
        rig.map(ioas, va, 0x10000, 0x100000);
        assertThat(rig.process.pinnedPages()).isZero();

        int first = rig.hwptAlloc(dev, ioas, false);
        int second = rig.hwptAlloc(dev, ioas, false);
        assertThat(rig.process.pinnedPages()).isEqualTo(16);
        rig.map(ioas, va + 0x10000, 0x4000, 0x200000);
        assertThat(rig.process.pinnedPages()).isEqualTo(20);

        assertThat(rig.destroy(first)).isZero();
        assertThat(rig.process.pinnedPages()).isEqualTo(20);
        assertThat(rig.unmap(ioas, 0x100000, 0x10000)).isZero();
        assertThat(rig.process.pinnedPages()).isEqualTo(4);
        assertThat(rig.destroy(second)).isZero();
        assertThat(rig.process.pinnedPages()).isZero();
        assertThat(rig.unmap(ioas, 0, -1)).isZero();
    }

    @Test
    void shouldWaitForTheIotlbBeforeItUnpins() {
        int dev = device("net0", 0x100);
        rig.hwptAlloc(dev, ioas, false);
        rig.hwptAlloc(dev, ioas, false);
        rig.map(ioas, va, 0x1000, 0x100000);
        long frame = rig.process.translate(va);
        List<Integer> pinsAtSync = new ArrayList<>();
        rig.driver.onOperation(name -> {
            if (name.equals("iotlb_sync")) {
                pinsAtSync.add(rig.memory.pins(frame));
            }
        });

        rig.unmap(ioas, 0x100000, 0x1000);

        assertThat(pinsAtSync).containsExactly(1, 1);
        assertThat(rig.memory.pins(frame)).isZero();
    }

    @Test
    void shouldRefuseADomainThatDoesNotFitTheMaps() {
        int dev = device("net0", 0x100);
        rig.map(ioas, va, 0x1000, 0x100100);
        assertThat(rig.hwptAlloc(dev, ioas, false)).isEqualTo(Errno.EADDRINUSE);
        rig.unmap(ioas, 0, -1);
        rig.map(ioas, va, 0x1000, 1L << 40);
        assertThat(rig.hwptAlloc(dev, ioas, false)).isEqualTo(Errno.EADDRINUSE);
        rig.unmap(ioas, 0, -1);

        assertThat(rig.hwptAlloc(dev, ioas, false)).isPositive();
        assertThat(rig.map(ioas, va, 0x1000, 0x100100)).isEqualTo(Errno.EINVAL);
        assertThat(rig.map(ioas, va, 0x800, 0x100000)).isEqualTo(Errno.EINVAL);
        assertThat(rig.map(ioas, va, 0x1000, 1L << 40)).isEqualTo(Errno.EINVAL);
        assertThat(rig.map(ioas, va + 0x800, 0x1000, 0x100000)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void shouldFaultOnMemoryThatIsNotThereOnlyWithADomain() {
        long hole = va + (16 << 20);
        assertThat(rig.map(ioas, hole, 0x1000, 0x2000)).isZero();
        int dev = device("net0", 0x100);
        assertThat(rig.hwptAlloc(dev, ioas, false)).isEqualTo(Errno.EFAULT);
        assertThat(rig.unmap(ioas, 0x2000, 0x1000)).isZero();
        assertThat(rig.hwptAlloc(dev, ioas, false)).isPositive();
        assertThat(rig.map(ioas, hole, 0x1000, 0x2000)).isEqualTo(Errno.EFAULT);
    }

    @Test
    void shouldLimitLockedMemory() {
        int dev = device("net0", 0x100);
        rig.hwptAlloc(dev, ioas, false);
        rig.process.user(new User(rig.kernel, 1000));
        rig.process.memlockLimit(0x8000);

        assertThat(rig.map(ioas, va, 0x8000, 0x100000)).isZero();
        assertThat(rig.map(ioas, va + 0x8000, 0x1000, 0x200000)).isEqualTo(Errno.ENOMEM);
        rig.unmap(ioas, 0, -1);
        assertThat(rig.map(ioas, va + 0x8000, 0x1000, 0x200000)).isZero();
    }

    @Test
    void shouldMapInPhysicallyContiguousRuns() {
        int dev = device("net0", 0x100);
        rig.hwptAlloc(dev, ioas, false);
        long huge = rig.process.mmap(4 << 20, true);
        long before = rig.driver.count("map_pages");

        rig.map(ioas, huge, 4 << 20, 0x40000000);

        assertThat(rig.driver.count("map_pages") - before).isEqualTo(1);
        assertThat(rig.process.translate(huge) % (2 << 20)).isZero();
    }
}

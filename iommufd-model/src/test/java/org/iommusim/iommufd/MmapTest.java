package org.iommusim.iommufd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlTable;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.mm.MmapFlag;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pages of hardware that user space maps for a vIOMMU. */
class MmapTest {
    private static final long BYTES = 0x2000;

    private final Rig rig = new Rig();
    private final VfioFile device = rig.open(rig.plug("net0", 0x100));
    private final int dev = rig.bind(device);
    private final int parent = rig.hwptAlloc(dev, rig.ioasAlloc(), true);
    private final int viommu = rig.viommuAlloc(dev, parent);
    private final ViommuCore core =
            (ViommuCore) rig.ctx.objects().live().get(rig.ctx.objects().live().size() - 1);
    private final long pages = rig.pages.allocate(PageOwner.KERNEL, 2, 1);
    private final Caller caller = new Caller(rig.process, new FileTable(rig.kernel));
    private final int fd = caller.files().open(new IommufdFile(rig.ctx, IoctlTable.LINUX));

    @AfterEach
    void nothingWasWrong() {
        assertThat(rig.audit()).isEmpty();
        assertThat(rig.violations()).isEmpty();
        assertThat(rig.footprints.undeclared()).isEmpty();
    }

    private long offer() {
        LongCell offset = new LongCell(rig.kernel.world(), Variable.named("test.offset"), 1, 0);
        assertThat(core.allocMmap(pages, BYTES, offset)).isZero();
        return offset.get();
    }

    private static MmapRequest request(long offset, long bytes) {
        return MmapRequest.anonymous(bytes).with(MmapFlag.SHARED).from(offset);
    }

    private long map(MmapRequest request) {
        var call = SystemCall.mmap(caller, fd, request);
        int errno = rig.run(call);
        return errno != 0 ? errno : call.frame().result();
    }

    private int unmap(long va) {
        return rig.run(SystemCall.munmap(rig.kernel, rig.process, va, BYTES));
    }

    @Test
    void shouldGiveOutTheLowestFreeOffsets() {
        assertThat(new long[] {offer(), offer(), offer()}).containsExactly(0x1000, 0x3000, 0x5000);
        core.destroyMmap(0x3000);
        assertThat(offer()).isEqualTo(0x3000);
    }

    @Test
    void shouldMapExactlyWhatIsOffered() {
        long offset = offer();
        assertThat(map(request(offset, 0x1800))).isEqualTo(Errno.EINVAL);
        assertThat(map(MmapRequest.anonymous(BYTES).from(offset))).isEqualTo(Errno.EINVAL);
        assertThat(map(request(offset, BYTES).with(MmapFlag.EXEC))).isEqualTo(Errno.EPERM);
        for (long wrong : new long[] {0, 0x2000, 0x3000}) {
            assertThat(map(request(wrong, BYTES))).isEqualTo(Errno.ENXIO);
        }
        assertThat(map(request(offset, 0x1000))).isEqualTo(Errno.ENXIO);
        rig.memory.write64(pages, 0x1234);
        long va = map(request(offset, BYTES));
        byte[] word = new byte[2];
        assertThat(rig.process.copyFromUser(va, word)).isZero();
        assertThat(word).containsExactly(0x34, 0x12);
        assertThat(unmap(va)).isZero();
    }

    @Test
    void shouldHoldTheViommuAndTheContextByAnArea() {
        long offset = offer();
        long va = map(request(offset, BYTES));
        assertThat(rig.destroy(viommu)).isEqualTo(Errno.EBUSY);
        assertThat(rig.audit()).isEmpty();
        core.destroyMmap(offset);
        assertThat(map(request(offset, BYTES))).isEqualTo(Errno.ENXIO);
        assertThat(unmap(va)).isZero();
        assertThat(rig.destroy(viommu)).isZero();
    }

    @Test
    void shouldReleaseTheContextWithTheLastArea() {
        long va = map(request(offer(), BYTES));
        rig.close(device);
        rig.closeContext();
        assertThat(rig.ctx.released()).isFalse();
        assertThat(unmap(va)).isZero();
        assertThat(rig.ctx.released()).isTrue();
    }

    @Test
    void shouldUndoAMapThatFails() {
        long offset = offer();
        rig.inject("iommufd_fops_mmap", "io_remap_pfn_range", Errno.EAGAIN);
        assertThat(map(request(offset, BYTES))).isEqualTo(Errno.EAGAIN);
        assertThat(rig.destroy(viommu)).isZero();
        core.destroyMmap(offset);
    }
}

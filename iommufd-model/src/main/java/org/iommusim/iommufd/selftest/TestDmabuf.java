package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.file.DmaBuf;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * A dma-buf for tests: IOMMU_TEST_OP_DMABUF_GET ({@code iommufd_test_dmabuf_get}) and IOMMU_TEST_OP_DMABUF_REVOKE ({@code
 * iommufd_test_dmabuf_revoke}). In 7.3 the number of the new descriptor is lost on the way back: the ioctl answers 0.
 */
final class TestDmabuf extends IoctlFrame {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;
    private static final long MOST_BYTES = PAGE * 512;
    private static final Footprint FILES = Footprint.of(FileTable.FILES);
    private static final Footprint FDGET = FILES.and(KernelFile.REFERENCES);

    private static final Program<TestDmabuf> GET = Program.<TestDmabuf>named("iommufd_test_dmabuf_get")
            .check("length", f -> f.bytes() != 0 && f.bytes() <= MOST_BYTES, Errno.EINVAL)
            .take(
                    "dma_buf_export",
                    HostCost.ALLOCATE,
                    DmaBuf.TOUCHES.and(KernelFile.REFERENCES),
                    f -> DmaBuf.export(f.ctx.kernel(), f.bytes(), f.dmabuf),
                    Undo.onFailureCall("dma_buf_put", f -> SystemCall.close(f.dmabuf.require())))
            .attempt(
                    "dma_buf_fd",
                    HostCost.LOCAL,
                    FILES,
                    f -> f.ucmd.files().open(f.dmabuf.require()) < 0 ? Errno.EMFILE : 0)
            .build();

    private static final Program<TestDmabuf> REVOKE = Program.<TestDmabuf>named("iommufd_test_dmabuf_revoke")
            .take(
                    "dma_buf_get",
                    HostCost.ATOMIC,
                    FDGET,
                    TestDmabuf::find,
                    Undo.alwaysCall("dma_buf_put", f -> SystemCall.close(f.dmabuf.require())))
            .invoke("dma_buf_invalidate_mappings", f -> f.dmabuf.require().revoke(f.ucmd.u32("revoked") != 0))
            .build();

    private final RefCell<DmaBuf> dmabuf = ref();

    private TestDmabuf(Ucmd ucmd) {
        super(ucmd);
    }

    /** Errors in this order: EINVAL (length), ENOMEM, EMFILE. */
    static Call<?> get(Ucmd ucmd) {
        return new Call<>(GET, new TestDmabuf(ucmd));
    }

    /** Errors in this order: EBADF, EINVAL (no dma-buf). */
    static Call<?> revoke(Ucmd ucmd) {
        return new Call<>(REVOKE, new TestDmabuf(ucmd));
    }

    /** {@code ALIGN(len, PAGE_SIZE)}. */
    private long bytes() {
        return ucmd.id("length") + PAGE - 1 & -PAGE;
    }

    private int find() {
        KernelFile file = ucmd.files().file(ucmd.u32("dmabuf_fd"));
        if (file == null) {
            return Errno.EBADF;
        }
        if (!(file instanceof DmaBuf found)) {
            return Errno.EINVAL;
        }
        found.get();
        dmabuf.set(found);
        return 0;
    }
}

package org.iommusim.iommufd.ioctl;

import org.iommusim.iommufd.mm.AreaOwner;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.MmapRegion;
import org.iommusim.iommufd.object.MmapTree;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** {@code iommufd_vma_ops} of main.c: an area that maps a region holds the region's owner, and the file. */
final class IommufdVma implements AreaOwner {
    private static final Program<Close> CLOSE = Program.<Close>named("iommufd_fops_vma_close")
            .step("vma->vm_private_data", Footprint.of(MmapTree.MMAP), f -> f.region.countVma(-1))
            .step("users--", ObjectPrograms.USERS, f -> f.region.owner().usersDec("iommufd_fops_vma_close"))
            .step("fput vma->vm_file", Footprint.of(IommufdCtx.FILE), f -> f.last.set(f.ctx.filePut() ? 1 : 0))
            .when(
                    "last user of the file",
                    f -> f.last.get() != 0,
                    b -> b.invoke("iommufd_fops_release", f -> ObjectPrograms.release(f.ctx)))
            .build();

    private final MmapRegion region;

    /** The areas of a region. */
    IommufdVma(MmapRegion region) {
        this.region = region;
    }

    @Override
    public void open() {
        region.owner().usersInc("iommufd_fops_vma_open");
        region.owner().ctx().fileGet();
        region.countVma(1);
    }

    @Override
    public Call<?> close() {
        return new Call<>(CLOSE, new Close(region));
    }

    @Override
    public long stableId() {
        return region.stableId();
    }

    private static final class Close extends Frame {
        private final MmapRegion region;
        private final IommufdCtx ctx;
        private final IntCell last = count();

        Close(MmapRegion region) {
            super(region.owner().ctx().kernel().world());
            this.region = region;
            ctx = region.owner().ctx();
        }
    }
}

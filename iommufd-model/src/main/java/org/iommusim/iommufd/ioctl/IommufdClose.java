package org.iommusim.iommufd.ioctl;

import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/** close() of a /dev/iommu descriptor. The context lives on while an ioctl is in progress or a device is bound. */
public final class IommufdClose extends Frame {
    private static final Program<IommufdClose> CLOSE = Program.<IommufdClose>named("close")
            .step("fput", HostCost.IOCTL_ENTRY, Footprint.of(IommufdCtx.FILE), f -> f.last.set(f.ctx.filePut() ? 1 : 0))
            .when(
                    "last user of the file",
                    f -> f.last.get() != 0,
                    b -> b.invoke("iommufd_fops_release", f -> ObjectPrograms.release(f.ctx)))
            .build();

    private final IommufdCtx ctx;
    private final IntCell last = count();

    private IommufdClose(IommufdCtx ctx) {
        super(ctx.kernel().world());
        this.ctx = ctx;
    }

    /** Drops a descriptor's reference. */
    public static Call<?> call(IommufdCtx ctx) {
        return new Call<>(CLOSE, new IommufdClose(ctx));
    }
}

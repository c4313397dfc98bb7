package org.iommusim.iommufd.ioctl;

import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.LongCell;

/** The open file of /dev/iommu. Its references are its context's: bound devices and event files hold it too. */
public final class IommufdFile extends KernelFile {
    private final IommufdCtx ctx;
    private final IoctlTable table;

    /**
     * The file of a context.
     *
     * @param table the ioctls that this kernel has
     */
    public IommufdFile(IommufdCtx ctx, IoctlTable table) {
        super(ctx.kernel(), ctx.name(), ctx.fileCell());
        this.ctx = ctx;
        this.table = table;
    }

    /** The context. */
    public IommufdCtx ctx() {
        return ctx;
    }

    /** The ioctls that this kernel has. */
    IoctlTable table() {
        return table;
    }

    /** close() of a descriptor. The context lives on while an ioctl is in progress or a device is bound. */
    public static Call<?> close(IommufdCtx ctx) {
        return SystemCall.close(new IommufdFile(ctx, IoctlTable.LINUX));
    }

    @Override
    public Call<?> ioctl(Caller caller, int number, long argument, LongCell result) {
        return Ioctl.fromUser(this, caller, number, argument, result);
    }

    @Override
    public Call<?> mmap(Caller caller, MmapRequest request, LongCell result) {
        return IommufdMmap.call(ctx, caller.process(), request, result);
    }

    @Override
    public Call<?> release() {
        return ObjectPrograms.release(ctx);
    }
}

package org.iommusim.iommufd.ioctl;

import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;

/** IOMMU_DESTROY (main.c). Errors in this order: ENOENT (nothing there, or reserved), EBUSY (somebody holds it). */
public final class DestroyObject {
    private DestroyObject() {}

    /** The ioctl's handler. */
    static Call<?> call(Ucmd ucmd) {
        int id = ucmd.u32("id");
        // The object array ends at INT_MAX; nothing is ever at 0.
        return ObjectPrograms.destroy(ucmd.ctx(), Math.max(id, 0));
    }

    /** The same without user memory. */
    public static Call<?> call(IommufdCtx ctx, long id) {
        return call(Ucmd.of(ctx, Ucmd.structure(IommufdIoctl.DESTROY).set("id", id)));
    }
}

package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.jspecify.annotations.Nullable;

/** How a paging domain tells what devices have written ({@code iommu_dirty_ops}). */
public interface DirtyOps {
    /** {@code set_dirty_tracking}: starts or stops it. Errors: EINVAL. */
    Call<?> setDirtyTracking(boolean enable);

    /**
     * {@code read_and_clear_dirty}: tells every dirty leaf of a range. Errors: EINVAL (tracking is off and {@code bitmap} is
     * given).
     *
     * @param clear false: the state stays ({@code IOMMU_DIRTY_NO_CLEAR})
     * @param bitmap hears of the leaves; {@code null} if only clearing is wanted
     */
    Call<?> readAndClearDirty(long iova, long bytes, boolean clear, @Nullable DirtyBitmap bitmap);
}

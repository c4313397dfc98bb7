package org.iommusim.iommufd.access;

import org.iommusim.sim.program.Call;
import org.jspecify.annotations.Nullable;

/** What a driver does for its access ({@code struct iommufd_access_ops}). */
public interface AccessOps {
    /** {@code needs_pin_pages}: it pins pages, so all maps must be multiples of 4096. */
    boolean needsPinPages();

    /**
     * {@code unmap}: gives up every pin that overlaps the range, before it answers. No lock of the kernel is held.
     *
     * @return {@code null} if it has nothing to give up
     */
    @Nullable
    Call<?> unmap(long iova, long length);
}

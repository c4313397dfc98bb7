package org.iommusim.iommufd.pt;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/** An in-kernel user of an address space as its page table sees it ({@code struct iommufd_access}). */
public interface IoptAccess extends Identified {
    /** {@code iova_alignment}: what all areas must be multiples of: 1, or 4096 if it pins pages. */
    long iovaAlignment();

    /** True for the kernel's own, without operations: those of hardware queues. */
    boolean internal();

    /** The object that holds its references. */
    IommufdObject object();

    /**
     * {@code ops->unmap}: gives up every pin that overlaps the range, before it answers. Called with no lock held.
     *
     * @return {@code null} if it has no such operation
     */
    @Nullable
    Call<?> unmap(long iova, long length);
}

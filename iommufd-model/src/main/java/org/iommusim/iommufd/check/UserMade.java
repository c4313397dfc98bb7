package org.iommusim.iommufd.check;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Task;

/** Tells what user space made or does from what the kernel does for itself, by where the running task is. */
final class UserMade {
    private static final String IOCTL = "iommufd_fops_ioctl";
    private static final String UNBIND = "iommufd_device_unbind";
    private static final String EXIT = "do_exit";

    private final Kernel kernel;

    UserMade(Kernel kernel) {
        this.kernel = kernel;
    }

    /** True if an ioctl publishes this object for its caller now: not a device that is bound, nor an automatic page table. */
    boolean now(IommufdObject object) {
        Task task = kernel.simulation().checkers().running();
        return task != null
                && task.inside(IOCTL)
                && object.type() != ObjectType.DEVICE
                && !(object instanceof HwptPaging hwpt && hwpt.autoDomain());
    }

    /** True if the running task's process ends: there is nobody left who could use an id. */
    boolean exits() {
        Task task = kernel.simulation().checkers().running();
        return task != null && task.inside(EXIT);
    }

    /** True if the running task is in an IOMMU_DESTROY of a user: not in an unbind, which may go by id as well. */
    boolean byUser() {
        Task task = kernel.simulation().checkers().running();
        return task != null && task.inside(IOCTL) && !task.inside(UNBIND);
    }
}

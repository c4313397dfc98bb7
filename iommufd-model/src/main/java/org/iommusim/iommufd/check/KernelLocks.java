package org.iommusim.iommufd.check;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.program.check.LockGraph;

/**
 * The order in which the kernel takes its locks, as read in the sources of iommufd, the IOMMU core and VFIO of Linux 7.3, and
 * which of them an unbind may need.
 */
public final class KernelLocks {
    /** From the lock that is taken first. */
    private static final List<List<String>> ORDER = List.of(
            List.of("pci_rescan_remove_lock", "dev_set->lock"),
            List.of("dev_set->lock", "access->ioas_lock", "ioas->mutex"),
            List.of("dev_set->lock", "ioas->mutex", "igroup->lock"),
            List.of("dev_set->lock", "idev->lock", "igroup->lock"),
            List.of("igroup->lock", "domains_rwsem", "iova_rwsem", "pages->mutex"),
            List.of("igroup->lock", "group->mutex", "xa_lock(vdevs)"),
            List.of("igroup->lock", "fault->mutex", "eventq->lock"),
            List.of("fault->mutex", "fault_param->lock"),
            List.of("group->mutex", "dev_iommu->lock"),
            List.of("veventqs_rwsem", "eventq->lock"));

    /** What the paths of VFIO's close, detach and unbind take by themselves. */
    private static final List<String> UNBIND =
            List.of("dev_set->lock", "ioas->mutex", "idev->lock", "igroup->lock", "group->mutex", "xa_lock(vdevs)");

    private final LockGraph order;

    private KernelLocks(LockGraph order) {
        this.order = order;
    }

    /**
     * The kernel's locks with those of its drivers.
     *
     * @param drivers chains of the drivers' locks, from the one that is taken first
     */
    public static KernelLocks with(List<List<String>> drivers) {
        List<List<String>> all = new ArrayList<>(ORDER);
        all.addAll(drivers);
        return new KernelLocks(LockGraph.of(all));
    }

    /** Which class is taken before which. */
    public LockGraph order() {
        return order;
    }

    /** The classes that an unbind takes, and those for which it may wait because they are taken with one of these held. */
    public List<String> neededByUnbind() {
        return order.closure(UNBIND);
    }
}

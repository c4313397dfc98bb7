package org.iommusim.iommufd.check;

import java.util.List;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.Task;

/**
 * IOMMU_DESTROY answers EBUSY only if something that user space can see depends on the object, or if another call of user
 * space has it for the moment.
 */
public final class SpuriousBusy implements Checker, ObjectWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "spurious-busy", "IOMMU_DESTROY answers EBUSY only if something that user space can see uses the object");

    private static final List<String> FILE_OPERATIONS =
            List.of("iommufd_fops_ioctl", "iommufd_fops_mmap", "iommufd_fops_vma_close", "iommufd_eventq_fops_release");

    private final Kernel kernel;
    private final UserMade userMade;

    /** Watches a kernel. */
    public SpuriousBusy(Kernel kernel) {
        this.kernel = kernel;
        userMade = new UserMade(kernel);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void busy(IommufdObject object) {
        if (!userMade.byUser()) {
            return;
        }
        Dependents dependents = Dependents.of(object);
        if (dependents.visible() || dependents.heldByCall() || anotherCall()) {
            return;
        }
        kernel.simulation()
                .violations()
                .report(
                        INFO.name(),
                        "IOMMU_DESTROY of " + object + " answers EBUSY, but what holds its " + object.users()
                                + " users is nothing that user space can see: " + dependents.describe()
                                + (dependents.none() ? "" : ": an automatic page table that nobody uses"));
    }

    /** True if another task is in a file operation, where it may hold anything for a moment or be about to publish a user. */
    private boolean anotherCall() {
        Task running = kernel.simulation().checkers().running();
        for (Task task : kernel.simulation().checkers().tasks()) {
            if (task != running && FILE_OPERATIONS.stream().anyMatch(task::inside)) {
                return true;
            }
        }
        return false;
    }
}

package org.iommusim.iommufd.ioctl;

import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.allocate;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.allocateAndVerify;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.driverInit;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.driverSizeOrLeaveLocked;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.getIdev;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.getIdevForGood;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.getViommu;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.holdDevice;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.holdIdev;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.holdVdev;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.holdViommu;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.insert;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.link;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.lockGroup;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.lockIdev;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.noVdevYet;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.notDestroying;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.pointToIdev;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.pointToVdev;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.reserveVirtId;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.respondAndFinalize;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.sameIommu;
import static org.iommusim.iommufd.ioctl.VdeviceAllocSteps.storeVdev;

import java.util.function.Consumer;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.iommufd.policy.ProgramSlot;
import org.iommusim.sim.program.Program;

/**
 * IOMMU_VDEVICE_ALLOC of each kernel (viommu.c). Common to all: ENOENT (vIOMMU), ENOENT (device), ENOMEM, EFAULT; what failed
 * is taken back in reverse. Each program tells what comes between.
 */
public final class VdeviceAllocPrograms {
    /** The handler. */
    public static final ProgramSlot<VdeviceAlloc> SLOT = new ProgramSlot<>(VdeviceAlloc.NAME);

    private VdeviceAllocPrograms() {}

    /** As posted. Errors: EEXIST (device has a vDEVICE), EBUSY (virtual id taken). No check of the physical IOMMU. */
    public static final ProgramSet V5_POSTED = program(b -> {
        getViommu(b);
        getIdev(b);
        lockGroup(b);
        noVdevYet(b, Errno.EEXIST);
        allocateAndVerify(b);
        link(b);
        holdIdev(b);
        holdViommu(b);
        insert(b, Errno.EBUSY);
        respondAndFinalize(b);
    });

    /** As meant in the review, no lock: EINVAL (another physical IOMMU), EBUSY (virtual id taken). */
    public static final ProgramSet V5_REVIEW = program(b -> lockless(b, Errno.EBUSY));

    /** Linux 6.13 to 6.16: EINVAL (another physical IOMMU), EEXIST (virtual id taken). */
    public static final ProgramSet LINUX_6_13 = program(b -> lockless(b, Errno.EEXIST));

    /**
     * The links and holds come last, behind the publication: EINVAL (another physical IOMMU), EINVAL (device has a vDEVICE),
     * EEXIST (virtual id taken).
     */
    public static final ProgramSet RFC1_AUTO_DESTROY = program(b -> {
        getViommu(b);
        getIdev(b);
        sameIommu(b);
        lockIdev(b);
        noVdevYet(b, Errno.EINVAL);
        allocate(b);
        holdDevice(b);
        holdViommu(b);
        insert(b, Errno.EEXIST);
        respondAndFinalize(b);
        holdIdev(b);
        pointToIdev(b);
        pointToVdev(b);
        holdVdev(b);
    });

    /** Two versions: EINVAL (another physical IOMMU), EEXIST (device has a vDEVICE), EEXIST (virtual id taken). */
    public static final ProgramSet XU = program(b -> {
        getViommu(b);
        getIdev(b);
        sameIommu(b);
        lockGroup(b);
        noVdevYet(b, Errno.EEXIST);
        allocate(b);
        holdDevice(b);
        holdViommu(b);
        link(b);
        insert(b, Errno.EEXIST);
        respondAndFinalize(b);
    });

    /**
     * Linux 6.17: EINVAL (another physical IOMMU), ENOENT (device is being unbound), EEXIST (device has a vDEVICE), EOPNOTSUPP
     * (the driver's size is wrong), EEXIST (virtual id taken), those of vdevice_init. An invalidation finds the vDEVICE before the driver has initialised it. On
     * success the reference on the idev is not put: the vDEVICE keeps it.
     */
    public static final ProgramSet LINUX_6_17 = program(b -> {
        getViommu(b);
        getIdevForGood(b);
        sameIommu(b);
        lockGroup(b);
        notDestroying(b);
        noVdevYet(b, Errno.EEXIST);
        driverSizeOrLeaveLocked(b);
        allocate(b);
        holdViommu(b);
        link(b);
        insert(b, Errno.EEXIST);
        driverInit(b);
        respondAndFinalize(b);
    });

    /**
     * Linux 7.3: the errors of 6.17; a wrong size counts as a failed allocation, and the lock is released. The virtual id is reserved, then the driver initialises, then the vDEVICE is stored: an
     * invalidation never finds one that is half made.
     */
    public static final ProgramSet LINUX_7_3 = program(b -> {
        getViommu(b);
        getIdevForGood(b);
        sameIommu(b);
        lockGroup(b);
        notDestroying(b);
        noVdevYet(b, Errno.EEXIST);
        allocate(b);
        holdViommu(b);
        link(b);
        reserveVirtId(b);
        driverInit(b);
        storeVdev(b);
        respondAndFinalize(b);
    });

    /** The errors of 6.17, and no driver. Unbind cuts the links; the vDEVICE holds nothing of its device. */
    public static final ProgramSet ZOMBIE = program(b -> {
        getViommu(b);
        getIdev(b);
        sameIommu(b);
        lockGroup(b);
        notDestroying(b);
        noVdevYet(b, Errno.EEXIST);
        allocate(b);
        holdViommu(b);
        link(b);
        insert(b, Errno.EEXIST);
        respondAndFinalize(b);
    });

    private static void lockless(Program.Builder<VdeviceAlloc> b, int virtIdTaken) {
        getViommu(b);
        getIdev(b);
        sameIommu(b);
        allocate(b);
        holdDevice(b);
        holdViommu(b);
        insert(b, virtIdTaken);
        respondAndFinalize(b);
    }

    private static ProgramSet program(Consumer<Program.Builder<VdeviceAlloc>> steps) {
        Program.Builder<VdeviceAlloc> b = Program.named(VdeviceAlloc.NAME);
        steps.accept(b);
        return ProgramSet.EMPTY.with(SLOT, b.build());
    }
}

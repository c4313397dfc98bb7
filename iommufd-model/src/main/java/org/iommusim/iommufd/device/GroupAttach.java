package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * What igroup->lock protects of attaching (device.c): {@code iommufd_hw_pagetable_attach}, {@code iommufd_device_do_replace}
 * and {@code iommufd_hw_pagetable_detach}. A HWPT that a device leaves goes to {@code old}: the caller puts it after every
 * lock is released, because that may destroy it.
 */
final class GroupAttach extends Frame {
    private static final Footprint ATTACH = Footprint.of(IommufdGroup.ATTACH);

    private static final Program<GroupAttach> DO_ATTACH = Program.<GroupAttach>named("iommufd_hw_pagetable_attach")
            .lock("igroup->lock", f -> f.igroup.lock())
            .check("not attached yet", ATTACH, f -> !f.igroup.deviceArray().contains(f.idev), Errno.EINVAL)
            .check(
                    "the group's hwpt, if any",
                    ATTACH,
                    f -> f.igroup.hwpt() == null || f.igroup.hwpt() == f.hwpt(),
                    Errno.EINVAL)
            .branch(
                    "first device of the group",
                    ATTACH,
                    f -> f.igroup.deviceArray().isEmpty(),
                    b -> b.invoke("iommu_attach_group_handle", f -> f.attachCall())
                            .step("attach->hwpt = hwpt", ATTACH, f -> f.igroup.hwpt(f.hwpt())))
            .step("hwpt users++", ObjectPrograms.USERS, f -> f.hwpt().usersInc("iommufd_hw_pagetable_attach"))
            .step("store in device_array", ATTACH, f -> f.igroup.deviceArray().add(f.idev))
            .build();

    private static final Program<GroupAttach> DO_REPLACE = Program.<GroupAttach>named("iommufd_device_do_replace")
            .lock("igroup->lock", f -> f.igroup.lock())
            .check("attached", ATTACH, f -> f.igroup.deviceArray().contains(f.idev), Errno.EINVAL)
            .step("old hwpt", ATTACH, f -> {
                f.old.set(f.igroup.hwpt() == f.hwpt() ? null : f.igroup.hwpt());
                f.devices.set(f.igroup.deviceArray().items().size());
            })
            .when("the same hwpt", f -> f.old.get() == null, b -> b.succeed("nothing to do"))
            // On a failure the old attachment stays: old must not be put then.
            .guarded(
                    "replace",
                    b -> b.invoke("iommu_replace_group_handle", f -> f.attachCall()),
                    b -> b.step("keep the old hwpt", Footprint.LOCAL, f -> f.old.set(null)))
            .step("attach->hwpt = hwpt", ATTACH, f -> f.igroup.hwpt(f.hwpt()))
            // The references of all attached devices move; one on the old hwpt is left for the caller to put.
            .step(
                    "hwpt users += devices",
                    ObjectPrograms.USERS,
                    f -> f.hwpt().usersAdd(f.devices.get(), "iommufd_device_do_replace"))
            .loop(
                    "each further device",
                    f -> f.devices.get() > 1,
                    b -> b.step("old hwpt users--", ObjectPrograms.USERS, f -> {
                        f.devices.add(-1);
                        f.old.require().usersDec("iommufd_device_do_replace");
                    }))
            .build();

    private static final Program<GroupAttach> DETACH = Program.<GroupAttach>named("iommufd_hw_pagetable_detach")
            .lock("igroup->lock", f -> f.igroup.lock())
            // Read under the lock: a replace of a sibling may just have changed it.
            .step("erase from device_array", ATTACH, f -> {
                boolean attached = f.igroup.deviceArray().remove(f.idev);
                f.old.set(attached ? f.igroup.hwpt() : null);
                f.devices.set(f.igroup.deviceArray().items().size());
            })
            .when(
                    "it was the last",
                    f -> f.old.get() != null && f.devices.get() == 0,
                    b -> b.invoke("iommu_detach_group_handle", f -> IommuCore.detach(f.idev.dev()))
                            .step("attach->hwpt = NULL", HostCost.ATOMIC, ATTACH, f -> f.igroup.hwpt(null)))
            .build();

    private final Idev idev;
    private final IommufdGroup igroup;
    private final @Nullable HwPagetable hwpt;
    private final RefCell<HwPagetable> old;
    private final IntCell devices = count();

    private GroupAttach(Idev idev, @Nullable HwPagetable hwpt, RefCell<HwPagetable> old) {
        super(idev.ctx().kernel().world());
        this.idev = idev;
        igroup = idev.igroup();
        this.hwpt = hwpt;
        this.old = old;
    }

    /**
     * Attaches a device that is not attached. Errors: EINVAL (it is attached, or its group to something else), those of the
     * driver.
     */
    static Call<?> attach(Idev idev, HwPagetable hwpt, RefCell<HwPagetable> old) {
        return new Call<>(DO_ATTACH, new GroupAttach(idev, hwpt, old));
    }

    /** Moves the device's group to another HWPT. Errors: EINVAL (not attached), those of the driver; then nothing changed. */
    static Call<?> replace(Idev idev, HwPagetable hwpt, RefCell<HwPagetable> old) {
        return new Call<>(DO_REPLACE, new GroupAttach(idev, hwpt, old));
    }

    /** Detaches a device; nothing happens if it is not attached. */
    static Call<?> detach(Idev idev, RefCell<HwPagetable> old) {
        return new Call<>(DETACH, new GroupAttach(idev, null, old));
    }

    private HwPagetable hwpt() {
        if (hwpt == null) {
            throw new IllegalStateException("a detach has no target");
        }
        return hwpt;
    }

    private Call<?> attachCall() {
        return IommuCore.attach(idev.dev(), hwpt().domain().require());
    }
}

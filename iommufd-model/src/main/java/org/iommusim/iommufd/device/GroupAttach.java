package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * What igroup->lock protects of attaching (device.c): {@code iommufd_hw_pagetable_attach}, {@code iommufd_device_do_replace}
 * and {@code iommufd_hw_pagetable_detach}, for the group itself or for one PASID. A HWPT that a device leaves goes to {@code
 * old}: the caller puts it after every lock is released, because that may destroy it.
 */
final class GroupAttach extends Frame {
    static final Footprint ATTACH = Footprint.of(IommufdGroup.ATTACH);

    static final Program<GroupAttach> DO_ATTACH = Program.<GroupAttach>named("iommufd_hw_pagetable_attach")
            .lock("igroup->lock", f -> f.igroup.lock())
            .step("xa_load pasid_attach", ATTACH, f -> f.attach.set(f.igroup.attach(f.pasid)))
            .when(
                    "first of the group",
                    f -> f.attach.get() == null,
                    b -> b.attempt("kzalloc attach", HostCost.ALLOCATE, ATTACH, GroupAttach::allocate))
            .check(
                    "xa_insert device_array",
                    ATTACH,
                    f -> !f.attach.require().deviceArray().contains(f.idev),
                    Errno.EBUSY)
            .check(
                    "the group's hwpt, if any",
                    ATTACH,
                    f -> f.isFirst() || f.attach.require().hwpt().get() == f.hwpt(),
                    Errno.EINVAL)
            .when(
                    "reserve",
                    f -> f.pasid == PasidArray.NO_PASID,
                    b -> b.invoke(
                                    "iommufd_device_attach_reserved_iova",
                                    f -> ReservedIova.add(f.idev, f.hwpt().findPaging()))
                            .take(
                                    "reserved",
                                    HostCost.FREE,
                                    Footprint.LOCAL,
                                    f -> 0,
                                    Undo.onFailureCall(
                                            "iopt_remove_reserved_iova",
                                            f -> ReservedIova.remove(
                                                    f.idev, f.hwpt().findPaging()))))
            .when(
                    "attach the group",
                    GroupAttach::isFirst,
                    b -> b.invoke("iommufd_hwpt_attach_device", f -> HwptAttach.attach(f.idev, f.pasid, f.hwpt()))
                            .step("xa_store pasid_attach", ATTACH, GroupAttach::publish))
            .step("hwpt users++", ObjectPrograms.USERS, f -> f.hwpt().usersInc("iommufd_hw_pagetable_attach"))
            .step(
                    "store in device_array",
                    ATTACH,
                    f -> f.attach.require().deviceArray().add(f.idev))
            .build();

    static final Program<GroupAttach> DO_REPLACE = Program.<GroupAttach>named("iommufd_device_do_replace")
            .lock("igroup->lock", f -> f.igroup.lock())
            .check("attached", ATTACH, GroupAttach::attached, Errno.EINVAL)
            .step("old hwpt", ATTACH, f -> {
                HwPagetable now = f.attach.require().hwpt().require();
                f.old.set(now == f.hwpt() ? null : now);
                f.devices.set(f.attach.require().deviceArray().items().size());
            })
            .when("the same hwpt", f -> f.old.get() == null, b -> b.succeed("nothing to do"))
            // On a failure the old attachment stays: old must not be put then.
            .guarded("replace", GroupAttach::replaceBody, GroupAttach::replaceLadder)
            .when(
                    "leaves an ioas",
                    GroupAttach::movesIoas,
                    b -> b.invoke(
                            "remove the old ioas' reserved iova",
                            f -> ReservedIova.removeAll(
                                    f.attach.require(), f.old.require().findPaging())))
            .step("attach->hwpt = hwpt", ATTACH, f -> f.attach.require().hwpt().set(f.hwpt()))
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

    static final Program<GroupAttach> DETACH = Program.<GroupAttach>named("iommufd_hw_pagetable_detach")
            .lock("igroup->lock", f -> f.igroup.lock())
            // Read under the lock: a replace of a sibling may just have changed it.
            .step("xa_load pasid_attach", ATTACH, f -> f.attach.set(f.igroup.attach(f.pasid)))
            .when("not attached", f -> f.attach.get() == null, b -> b.succeed("nothing to do"))
            .step("erase from device_array", ATTACH, f -> {
                f.loadOld();
                f.eraseDevice();
            })
            .when(
                    "it was the last",
                    f -> f.devices.get() == 0,
                    b -> b.invoke(
                                    "iommufd_hwpt_detach_device",
                                    f -> HwptAttach.detach(f.idev, f.pasid, f.old.require()))
                            .step(
                                    "xa_erase pasid_attach",
                                    ATTACH,
                                    f -> f.igroup.pasidAttach().remove(f.attach.require())))
            .when(
                    "unreserve",
                    f -> f.pasid == PasidArray.NO_PASID,
                    b -> b.invoke(
                            "iopt_remove_reserved_iova",
                            f -> ReservedIova.remove(f.idev, f.old.require().findPaging())))
            .build();

    private final Idev idev;
    private final int pasid;
    private final IommufdGroup igroup;
    private final @Nullable HwPagetable hwpt;
    private final RefCell<HwPagetable> old;
    private final RefCell<IommufdAttach> attach = ref();
    private final IntCell first = count();
    private final IntCell devices = count();
    private final IntCell reserved = count();

    private GroupAttach(Idev idev, int pasid, @Nullable HwPagetable hwpt, RefCell<HwPagetable> old) {
        super(idev.ctx().kernel().world());
        this.idev = idev;
        this.pasid = pasid;
        igroup = idev.igroup();
        this.hwpt = hwpt;
        this.old = old;
    }

    private static void replaceBody(Program.Builder<GroupAttach> program) {
        program.when(
                        "enters an ioas",
                        GroupAttach::movesIoas,
                        b -> b.invoke(
                                "iommufd_group_do_replace_reserved_iova",
                                f -> ReservedIova.addAll(
                                        f.attach.require(), f.hwpt().findPaging())))
                .step("reserved", HostCost.FREE, Footprint.LOCAL, f -> f.reserved.set(1))
                .invoke(
                        "iommufd_hwpt_replace_device",
                        f -> HwptAttach.replace(f.idev, f.pasid, f.hwpt(), f.old.require()));
    }

    /** As in 7.3 also within one IOAS, where the devices then have lost what they had reserved before. */
    private static void replaceLadder(Program.Builder<GroupAttach> program) {
        program.when(
                        "unreserve",
                        f -> f.pasid == PasidArray.NO_PASID && f.reserved.get() != 0,
                        b -> b.invoke(
                                "iommufd_group_remove_reserved_iova",
                                f -> ReservedIova.removeAll(
                                        f.attach.require(), f.hwpt().findPaging())))
                .step("keep the old hwpt", Footprint.LOCAL, f -> f.old.set(null));
    }

    /**
     * Attaches a device that is not attached. Errors: EBUSY (it is attached), EINVAL (its group is attached to something
     * else), ENOMEM, those of {@link HwptAttach#attach}.
     */
    static Call<?> attach(Idev idev, int pasid, HwPagetable hwpt, RefCell<HwPagetable> old) {
        return new Call<>(DO_ATTACH, new GroupAttach(idev, pasid, hwpt, old));
    }

    /**
     * Moves the device's group to another HWPT. Errors: EINVAL (not attached), those of {@link HwptAttach#replace}; then
     * nothing changed.
     */
    static Call<?> replace(Idev idev, int pasid, HwPagetable hwpt, RefCell<HwPagetable> old) {
        return new Call<>(DO_REPLACE, new GroupAttach(idev, pasid, hwpt, old));
    }

    /** Detaches a device; nothing happens if its group is not attached. */
    static Call<?> detach(Idev idev, int pasid, RefCell<HwPagetable> old) {
        return new Call<>(DETACH, new GroupAttach(idev, pasid, null, old));
    }

    private HwPagetable hwpt() {
        if (hwpt == null) {
            throw new IllegalStateException("a detach has no target");
        }
        return hwpt;
    }

    private boolean isFirst() {
        return first.get() != 0;
    }

    /** Not in the array before the core has attached it: nobody else can come in between, the lock is held. */
    private int allocate() {
        int injected = idev.ctx().kernel().faults().errno("iommufd_hw_pagetable_attach", "kzalloc attach");
        if (injected == 0) {
            attach.set(new IommufdAttach(world(), pasid));
            first.set(1);
        }
        return injected;
    }

    private void publish() {
        attach.require().hwpt().set(hwpt());
        igroup.pasidAttach().add(attach.require());
    }

    /** Links the HWPT on its IOAS's list, where it is already. */
    void linkAgain() {
        HwptPaging paging = hwpt().findPaging();
        paging.ioas().hwptList().add(paging);
    }

    /** True if a replace that fails has reserved something for the new HWPT. */
    boolean reservedInAnother() {
        return pasid == PasidArray.NO_PASID && reserved.get() != 0 && movesIoas();
    }

    /** Gives back in the address space of the old HWPT. */
    Call<?> unreserveOld() {
        return ReservedIova.removeAll(attach.require(), old.require().findPaging());
    }

    /** What the group is attached to: the caller puts it. */
    void loadOld() {
        IommufdAttach now = igroup.attach(pasid);
        old.set(now == null ? null : now.hwpt().get());
    }

    /** The device leaves its group's attachment. */
    void eraseDevice() {
        attach.require().deviceArray().remove(idev);
        devices.set(attach.require().deviceArray().items().size());
    }

    private boolean movesIoas() {
        return pasid == PasidArray.NO_PASID
                && hwpt().findPaging().ioas() != old.require().findPaging().ioas();
    }

    private boolean attached() {
        attach.set(igroup.attach(pasid));
        return attach.get() != null && attach.require().deviceArray().contains(idev);
    }
}

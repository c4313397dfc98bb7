package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.object.ObjectArray;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code iommufd_device_auto_get_domain}: attaches a device to an IOAS through an automatic HWPT: any one that takes the
 * device, else a new one.
 */
final class AutoDomain extends Frame {
    private static final Footprint LIST = Footprint.of(Ioas.HWPT_LIST, HwptPaging.AUTO);

    private static final Program<AutoDomain> GET = Program.<AutoDomain>named("iommufd_device_auto_get_domain")
            .lock("ioas->mutex", f -> f.ioas.mutex())
            .step("begin of hwpt_list", LIST, AutoDomain::next)
            .loop(
                    "each automatic hwpt",
                    f -> f.hwpt.get() != null,
                    b -> b
                            // It may be on its way out: a last detach does not take the ioas->mutex before it has
                            // unlinked it.
                            .step(
                                    "iommufd_lock_obj: users",
                                    ObjectPrograms.USERS,
                                    f -> f.locked.set(ObjectArray.lockUsers(f.hwpt.require()) ? 1 : 0))
                            .when(
                                    "users was not 0",
                                    f -> f.locked.get() != 0,
                                    c -> c.step(
                                            "iommufd_lock_obj: wait_cnt",
                                            ObjectPrograms.GET,
                                            f -> f.locked.set(ObjectArray.lockWait(f.hwpt.require()) ? 1 : 0)))
                            .when(
                                    "locked",
                                    f -> f.locked.get() != 0,
                                    c -> c.invokeForAnswer(
                                                    "do_attach",
                                                    f -> f.attachTo(f.hwpt.require()),
                                                    (f, e) -> f.error.set(e))
                                            .invoke("iommufd_put_object", f -> ObjectPrograms.put(f.hwpt.require()))
                                            .when(
                                                    "attached",
                                                    f -> f.error.get() == 0,
                                                    d -> d.step(
                                                                    "pt_id",
                                                                    HostCost.FREE,
                                                                    Footprint.LOCAL,
                                                                    f -> f.attachedTo.set(f.hwpt.require()))
                                                            .succeed("shared"))
                                            // EINVAL: this domain does not take the device; another one may.
                                            .when(
                                                    "failed",
                                                    f -> f.error.get() != Errno.EINVAL,
                                                    d -> d.finish("give up", f -> f.error.get())))
                            .step("next of hwpt_list", LIST, AutoDomain::next))
            .invoke("iommufd_hwpt_paging_alloc", AutoDomain::alloc)
            .take(
                    "allocated",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> 0,
                    Undo.onFailureCall(
                            "iommufd_object_abort_and_destroy", f -> ObjectPrograms.abortAndDestroy(f.made.require())))
            .when("not attached yet", f -> f.replace, b -> b.invoke("do_replace", f -> f.attachTo(f.made.require())))
            .step("auto_domain = true", LIST, f -> f.made.require().setAutoDomain())
            .step("pt_id of the new one", HostCost.FREE, Footprint.LOCAL, f -> f.attachedTo.set(f.made.require()))
            .step(
                    "iommufd_object_finalize",
                    ObjectPrograms.ENTRY,
                    f -> f.ioas.ctx().objects().finalizeObject(f.made.require()))
            .build();

    private static final Program<AutoDomain> UNATTACH = Program.<AutoDomain>named("detach again")
            .invoke("iommufd_hw_pagetable_detach", f -> GroupAttach.detach(f.idev, f.pasid, f.undone))
            .step("users--", ObjectPrograms.USERS, f -> f.undone.require().usersDec("iommufd_hwpt_paging_alloc"))
            .build();

    private final Idev idev;
    private final int pasid;
    private final Ioas ioas;
    private final boolean replace;
    private final RefCell<HwPagetable> attachedTo;
    private final RefCell<HwPagetable> old;
    private final RefCell<HwptPaging> hwpt = ref();
    private final RefCell<HwptPaging> made = ref();
    private final RefCell<HwPagetable> undone = ref();
    private final IntCell index = count();
    private final IntCell locked = count();
    private final IntCell error = count();

    private AutoDomain(
            Idev idev,
            int pasid,
            Ioas ioas,
            boolean replace,
            RefCell<HwPagetable> attachedTo,
            RefCell<HwPagetable> old) {
        super(idev.ctx().kernel().world());
        this.idev = idev;
        this.pasid = pasid;
        this.ioas = ioas;
        this.replace = replace;
        this.attachedTo = attachedTo;
        this.old = old;
    }

    /**
     * Attaches, or replaces what is attached.
     *
     * @param attachedTo gets the automatic HWPT
     * @param old gets the HWPT that was left, to be put
     */
    static Call<?> get(
            Idev idev,
            int pasid,
            Ioas ioas,
            boolean replace,
            RefCell<HwPagetable> attachedTo,
            RefCell<HwPagetable> old) {
        return new Call<>(GET, new AutoDomain(idev, pasid, ioas, replace, attachedTo, old));
    }

    private void next() {
        var list = ioas.hwptList().items();
        hwpt.set(null);
        error.set(0);
        for (int i = index.get(); i < list.size(); i++) {
            if (list.get(i).autoDomain()) {
                index.set(i + 1);
                hwpt.set(list.get(i));
                return;
            }
        }
    }

    private Call<?> attachTo(HwptPaging target) {
        return replace ? GroupAttach.replace(idev, pasid, target, old) : GroupAttach.attach(idev, pasid, target, old);
    }

    /** A first attach happens before the maps are put in: some drivers finish a domain only then. */
    private Call<?> alloc() {
        return replace
                ? HwptPagingAlloc.call(ioas, idev.dev().master(), 0, UserData.NONE, null, null, made)
                : HwptPagingAlloc.call(
                        ioas,
                        idev.dev().master(),
                        0,
                        UserData.NONE,
                        this::attachTo,
                        target -> new Call<>(UNATTACH, this),
                        made);
    }
}

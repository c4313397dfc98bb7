package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** {@code iommufd_device_attach}, {@code iommufd_device_replace}, {@code iommufd_device_detach}: what VFIO calls. */
public final class DeviceAttach extends Frame {
    /** {@code IOMMU_NO_PASID}: the device itself. */
    public static final int NO_PASID = PasidArray.NO_PASID;

    private static final Program<DeviceAttach> CHANGE_PT = Program.<DeviceAttach>named("iommufd_device_change_pt")
            .take(
                    "get pt",
                    HostCost.ATOMIC,
                    ObjectPrograms.GET,
                    f -> ObjectPrograms.getInto(
                            f.idev.ctx(), f.ptId, ObjectType.ANY, IommufdObject.class, f.pt, Errno.ENOENT),
                    Undo.alwaysCall("put pt", f -> ObjectPrograms.put(f.pt.require())))
            .either(
                    "pt is a hwpt",
                    f -> f.pt.get() instanceof HwPagetable,
                    b -> b.invoke("do_attach", DeviceAttach::attachToHwpt),
                    b -> b.either(
                            "pt is an ioas",
                            f -> f.pt.get() instanceof Ioas,
                            c -> c.invoke(
                                    "iommufd_device_auto_get_domain",
                                    f -> AutoDomain.get(
                                            f.idev, f.pasid, (Ioas) f.pt.require(), f.replace, f.attachedTo, f.old)),
                            c -> c.finish("wrong type", f -> Errno.EINVAL)))
            .undoNow("get pt")
            // After everything is unlocked: this may destroy an automatic HWPT.
            .invoke("iommufd_hw_pagetable_put", DeviceAttach::putOld)
            .build();

    private static final Program<DeviceAttach> ATTACH = Program.<DeviceAttach>named("iommufd_device_attach")
            .invoke("iommufd_device_change_pt", f -> new Call<>(CHANGE_PT, f))
            // Pairs with detach: catches a driver that unbinds an attached device.
            .step("idev users++", ObjectPrograms.USERS, f -> f.idev.usersInc("iommufd_device_attach"))
            .build();

    private static final Program<DeviceAttach> DETACH = Program.<DeviceAttach>named("iommufd_device_detach")
            .invoke("iommufd_hw_pagetable_detach", f -> GroupAttach.detach(f.idev, f.pasid, f.old))
            .when("not attached", f -> f.old.get() == null, b -> b.succeed("nothing to do"))
            .invoke("iommufd_hw_pagetable_put", DeviceAttach::putOld)
            .step("idev users--", ObjectPrograms.USERS, f -> f.idev.usersDec("iommufd_device_detach"))
            .build();

    private final Idev idev;
    private final int pasid;
    private final long ptId;
    private final boolean replace;
    private final RefCell<IommufdObject> pt = ref();
    private final RefCell<HwPagetable> attachedTo = ref();
    private final RefCell<HwPagetable> old = ref();

    private DeviceAttach(Idev idev, int pasid, long ptId, boolean replace) {
        super(idev.ctx().kernel().world());
        this.idev = idev;
        this.pasid = pasid;
        this.ptId = ptId;
        this.replace = replace;
    }

    /**
     * Attaches. Errors: ENOENT (no such pt), EINVAL (neither IOAS nor HWPT, or it does not fit), EBUSY (attached already),
     * those of the driver.
     *
     * @param pasid the PASID, or {@link #NO_PASID} for the device itself
     */
    public static Call<DeviceAttach> attach(Idev idev, int pasid, long ptId) {
        return new Call<>(ATTACH, new DeviceAttach(idev, pasid, ptId, false));
    }

    /** Replaces what is attached; a failure changes nothing. Errors as {@link #attach}, EINVAL (not attached). */
    public static Call<DeviceAttach> replace(Idev idev, int pasid, long ptId) {
        return new Call<>(CHANGE_PT, new DeviceAttach(idev, pasid, ptId, true));
    }

    /** Detaches; cannot fail. */
    public static Call<?> detach(Idev idev, int pasid) {
        return new Call<>(DETACH, new DeviceAttach(idev, pasid, 0, false));
    }

    /** {@code *pt_id}: the HWPT that was attached, the automatic one if it was an IOAS; after success. */
    public int ptId() {
        return attachedTo.require().id();
    }

    private Call<?> attachToHwpt() {
        HwPagetable hwpt = (HwPagetable) pt.require();
        attachedTo.set(hwpt);
        return replace ? GroupAttach.replace(idev, pasid, hwpt, old) : GroupAttach.attach(idev, pasid, hwpt, old);
    }

    private @Nullable Call<?> putOld() {
        HwPagetable left = old.get();
        return left == null ? null : left.hwPagetablePut();
    }
}

package org.iommusim.iommufd.vfio;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/**
 * How a device's file attaches the device, or one PASID of it, and detaches it again ({@code vfio_df_ioctl_attach_pt} and
 * {@code vfio_df_ioctl_detach_pt} of device_cdev.c; iommufd.c of VFIO).
 */
public final class VfioAttach extends Frame {
    private static final Footprint STATE = VfioFile.STATE;
    private static final String NAME = "VFIO_DEVICE_ATTACH_IOMMUFD_PT";

    static final Program<VfioAttach> ATTACH = Program.<VfioAttach>named(NAME)
            .attempt("access_granted", HostCost.IOCTL_ENTRY, STATE, f -> f.df.accessGranted() ? 0 : Errno.EINVAL)
            .lock("dev_set->lock", f -> f.df.device().devSetLock())
            .step("iommufd_attached", STATE, f -> f.flag.set(f.attached() ? 1 : 0))
            .either(
                    "attached",
                    f -> f.flag.get() != 0,
                    b -> b.invoke("iommufd_device_replace", f -> DeviceAttach.replace(f.idev(), f.pasid, f.ptId)),
                    b -> b.invoke("iommufd_device_attach", f -> DeviceAttach.attach(f.idev(), f.pasid, f.ptId)))
            .step("iommufd_attached = true", STATE, f -> {
                f.attached(f.pasid, true);
                f.tell("attached to " + f.ptId);
            })
            .guarded(
                    "answer",
                    b -> b.attempt("copy pt_id", HostCost.USER_COPY, Footprint.LOCAL, VfioAttach::respond),
                    // As in 7.3: the device goes, also if it was a PASID that was attached, or if it was replaced.
                    ladder -> ladder.branch(
                            "the device is attached",
                            STATE,
                            f -> f.df.attached(DeviceAttach.NO_PASID),
                            b -> b.invoke("detach_ioas", f -> f.detachFrom(DeviceAttach.NO_PASID))
                                    .step(
                                            "the device is not attached",
                                            STATE,
                                            f -> f.attached(DeviceAttach.NO_PASID, false))))
            .build();

    private static final Program<VfioAttach> DETACH = Program.<VfioAttach>named("VFIO_DEVICE_DETACH_IOMMUFD_PT")
            .attempt("access_granted", HostCost.IOCTL_ENTRY, STATE, f -> f.df.accessGranted() ? 0 : Errno.EINVAL)
            .lock("dev_set->lock", f -> f.df.device().devSetLock())
            .branch(
                    "iommufd_attached",
                    STATE,
                    VfioAttach::attached,
                    b -> b.invoke("iommufd_device_detach", VfioAttach::detach)
                            .step("iommufd_attached = false", STATE, VfioAttach::detached))
            .build();

    private static final Program<VfioAttach> DETACH_ALL = Program.<VfioAttach>named("vfio_iommufd_physical_unbind")
            .step("ida_find_first pasids", STATE, VfioAttach::findFirst)
            .loop(
                    "each pasid",
                    f -> f.flag.get() != DeviceAttach.NO_PASID,
                    b -> b.invoke("iommufd_device_detach of the pasid", f -> f.detachFrom(f.flag.get()))
                            .step("ida_free", STATE, f -> {
                                f.attached(f.flag.get(), false);
                                f.findFirst();
                            }))
            .branch(
                    "iommufd_attached",
                    STATE,
                    VfioAttach::attached,
                    b -> b.invoke("iommufd_device_detach", VfioAttach::detach)
                            .step("iommufd_attached = false", STATE, VfioAttach::detached))
            .build();

    private final VfioFile df;
    private final int pasid;
    private final long ptId;
    private final boolean refused;
    /** Whether it is attached; in an unbind, the PASID that is detached. */
    private final IntCell flag = count();

    private VfioAttach(VfioFile df, int pasid, long ptId, boolean refused) {
        super(df.device().device().kernel().world());
        this.df = df;
        this.pasid = pasid;
        this.ptId = ptId;
        this.refused = refused;
    }

    /**
     * Attaches or replaces. Errors: EINVAL (not bound), those of {@link DeviceAttach}, EFAULT.
     *
     * @param pasid the PASID, or {@link DeviceAttach#NO_PASID} for the device itself
     * @param refused true: user memory does not take the answer
     */
    public static Call<?> attach(VfioFile df, int pasid, long ptId, boolean refused) {
        return new Call<>(ATTACH, new VfioAttach(df, pasid, ptId, refused));
    }

    /** Detaches, if it is attached. Errors: EINVAL (not bound). */
    public static Call<?> detach(VfioFile df, int pasid) {
        return new Call<>(DETACH, new VfioAttach(df, pasid, 0, false));
    }

    /** Detaches every PASID and then the device; cannot fail. {@code dev_set->lock} is held. */
    static Call<?> detachAll(VfioFile df) {
        return new Call<>(DETACH_ALL, new VfioAttach(df, DeviceAttach.NO_PASID, 0, false));
    }

    private Idev idev() {
        return df.idevCell().require();
    }

    /** True if what this call is about is attached. */
    boolean attached() {
        return df.attached(pasid);
    }

    private void attached(int which, boolean now) {
        df.attached(which, now);
        if (!now) {
            tell(which, "detached");
        }
    }

    /** Notes that what this call is about is not attached any more. */
    void detached() {
        attached(pasid, false);
    }

    /** Detaches what this call is about. */
    Call<?> detach() {
        return detachFrom(pasid);
    }

    private Call<?> detachFrom(int which) {
        return DeviceAttach.detach(idev(), which);
    }

    private void findFirst() {
        flag.set(df.firstPasid());
    }

    private int respond() {
        return refused ? Errno.EFAULT : df.device().device().kernel().faults().errno(NAME, "copy pt_id", Errno.EFAULT);
    }

    private void tell(String change) {
        tell(pasid, change);
    }

    private void tell(int which, String change) {
        String what = which == DeviceAttach.NO_PASID ? change : "pasid " + which + " " + change;
        df.device().device().kernel().listener().deviceChanged(df.device().toString(), what);
    }
}

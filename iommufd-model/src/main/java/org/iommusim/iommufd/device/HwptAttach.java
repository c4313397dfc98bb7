package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.FaultAnswers;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * The way from a HWPT to the IOMMU core (device.c): {@code iommufd_hwpt_attach_device}, {@code iommufd_hwpt_replace_device},
 * {@code iommufd_hwpt_detach_device}. Each attachment has a handle by which faults find it. The igroup->lock is held.
 */
final class HwptAttach extends Frame {
    private static final Footprint COMPATIBLE = Footprint.of(
            IommufdGroup.ATTACH, IommufdGroup.REF, IommufdObject.LIFE, HwPagetable.DOMAIN, HostDevice.DEV_IOMMU);
    private static final Footprint HANDLE = Footprint.of(AttachHandle.HANDLE);
    private static final Footprint PASIDS = Footprint.of(PasidArray.PASIDS, IommufdObject.LIFE);

    private static final Program<HwptAttach> ATTACH = compatible("iommufd_hwpt_attach_device")
            .take(
                    "kzalloc handle",
                    HostCost.ALLOCATE,
                    HANDLE,
                    HwptAttach::allocate,
                    Undo.onFailure(
                            "kfree handle", HANDLE, f -> f.handle.require().free()))
            .invoke("iommu_attach", HwptAttach::coreAttach)
            .build();

    static final Program<HwptAttach> REPLACE = compatible("iommufd_hwpt_replace_device")
            .step("old handle", PASIDS, HwptAttach::findOld)
            .take(
                    "kzalloc handle",
                    HostCost.ALLOCATE,
                    HANDLE,
                    HwptAttach::allocate,
                    Undo.onFailure(
                            "kfree handle", HANDLE, f -> f.handle.require().free()))
            .invoke("iommu_replace", HwptAttach::coreReplace)
            // The queue of the HWPT that is left: its faults have the old handle.
            .invoke("iommufd_auto_response_faults", HwptAttach::autoResponse)
            .step("kfree old handle", HANDLE, f -> f.oldHandle.require().free())
            .build();

    static final Program<HwptAttach> DETACH = Program.<HwptAttach>named("iommufd_hwpt_detach_device")
            .step("old handle", PASIDS, HwptAttach::findOld)
            .invoke("iommu_detach", HwptAttach::coreDetach)
            .invoke("iommufd_auto_response_faults", HwptAttach::autoResponse)
            .step("kfree old handle", HANDLE, f -> f.oldHandle.require().free())
            .build();

    private final Idev idev;
    private final int pasid;
    private final @Nullable HwPagetable hwpt;
    private final @Nullable HwPagetable old;
    private final RefCell<AttachHandle> handle = ref();
    private final RefCell<AttachHandle> oldHandle = ref();

    private HwptAttach(Idev idev, int pasid, @Nullable HwPagetable hwpt, @Nullable HwPagetable old) {
        super(idev.ctx().kernel().world());
        this.idev = idev;
        this.pasid = pasid;
        this.hwpt = hwpt;
        this.old = old;
    }

    private static Program.Builder<HwptAttach> compatible(String name) {
        return Program.<HwptAttach>named(name)
                .check("iommufd_hwpt_compatible_device", COMPATIBLE, HwptAttach::compatibleDevice, Errno.EINVAL)
                .check("iommufd_hwpt_pasid_compat", COMPATIBLE, HwptAttach::pasidCompatible, Errno.EINVAL);
    }

    /** Attaches. Errors: EINVAL (HWPT and device, or HWPT and PASIDs do not go together), ENOMEM, those of the core. */
    static Call<?> attach(Idev idev, int pasid, HwPagetable hwpt) {
        return new Call<>(ATTACH, new HwptAttach(idev, pasid, hwpt, null));
    }

    /** Replaces, and answers the faults of the old attachment; an error changes nothing. Errors as {@link #attach}. */
    static Call<?> replace(Idev idev, int pasid, HwPagetable hwpt, HwPagetable old) {
        return new Call<>(REPLACE, new HwptAttach(idev, pasid, hwpt, old));
    }

    /** Detaches, and answers the faults of the attachment. */
    static Call<?> detach(Idev idev, int pasid, HwPagetable old) {
        return new Call<>(DETACH, new HwptAttach(idev, pasid, null, old));
    }

    /** The device that is attached or detached. */
    Idev idev() {
        return idev;
    }

    /** The HWPT to attach. */
    HwPagetable hwpt() {
        if (hwpt == null) {
            throw new IllegalStateException("a detach has no target");
        }
        return hwpt;
    }

    private HwPagetable old() {
        if (old == null) {
            throw new IllegalStateException("an attach has no old hwpt");
        }
        return old;
    }

    /** A virtual function shares page requests with its physical one: a refusal would stop the others' too. */
    private boolean compatibleDevice() {
        return hwpt().fault() == null || !idev.dev().master().sharesPageRequests();
    }

    private boolean pasidCompatible() {
        IommufdGroup igroup = idev.igroup();
        if (hwpt().pasidCompat()) {
            IommufdAttach rid = igroup.attach(PasidArray.NO_PASID);
            return pasid == PasidArray.NO_PASID
                    || rid == null
                    || rid.hwpt().require().pasidCompat();
        }
        return pasid == PasidArray.NO_PASID
                && igroup.pasidAttach().items().stream().allMatch(a -> a.pasid() == PasidArray.NO_PASID);
    }

    private int allocate() {
        int injected = idev.ctx().kernel().faults().errno("iommufd_hwpt_attach_device", "kzalloc handle");
        if (injected == 0) {
            handle.set(new AttachHandle(idev));
        }
        return injected;
    }

    private void findOld() {
        oldHandle.set(idev.dev().group().pasids().load(pasid));
    }

    private Call<?> coreAttach() {
        HostDevice device = idev.dev();
        return pasid == PasidArray.NO_PASID
                ? GroupHandle.attach(device, hwpt(), handle.require())
                : PasidHandle.attach(device, pasid, hwpt(), handle.require());
    }

    private Call<?> coreReplace() {
        HostDevice device = idev.dev();
        return pasid == PasidArray.NO_PASID
                ? GroupHandle.replace(device, hwpt(), handle.require())
                : PasidHandle.replace(device, pasid, hwpt(), handle.require());
    }

    private Call<?> coreDetach() {
        HostDevice device = idev.dev();
        return pasid == PasidArray.NO_PASID ? GroupHandle.detach(device) : PasidHandle.detach(device, pasid);
    }

    private @Nullable Call<?> autoResponse() {
        return autoResponse(old());
    }

    /** Answers what a HWPT's queue has from the old handle; nothing without a queue. */
    @Nullable
    Call<?> autoResponse(HwPagetable of) {
        Fault queue = of.fault();
        return queue == null ? null : FaultAnswers.autoResponse(queue, oldHandle.require());
    }
}

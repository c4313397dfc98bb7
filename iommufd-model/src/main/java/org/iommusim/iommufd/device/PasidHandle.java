package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.eventq.IopfDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.jspecify.annotations.Nullable;

/**
 * What a PASID is attached to (iommu.c): {@code iommu_attach_device_pasid}, {@code iommu_replace_device_pasid}, {@code
 * iommu_detach_device_pasid}.
 */
final class PasidHandle extends Frame {
    private static final Footprint HANDLE = Footprint.of(AttachHandle.HANDLE);
    private static final Footprint PASIDS = Footprint.of(PasidArray.PASIDS);

    private static final Program<PasidHandle> ATTACH = Program.<PasidHandle>named("iommu_attach_device_pasid")
            .check("pasid is not IOMMU_NO_PASID", f -> f.pasid != PasidArray.NO_PASID, Errno.EINVAL)
            .lock("group->mutex", f -> f.group.mutex())
            .check(
                    "pasid < max_pasids",
                    Footprint.of(IommuGroup.DEVICES, HostDevice.DEV_IOMMU),
                    PasidHandle::inRange,
                    Errno.EINVAL)
            .step("handle->domain", HANDLE, f -> f.handle().domain(f.to()))
            .take(
                    "xa_insert, reserved",
                    PASIDS,
                    f -> f.group.pasids().insert(f.pasid),
                    Undo.onFailure("xa_release", PASIDS, f -> f.group.pasids().release(f.pasid)))
            .invoke("__iommu_set_group_pasid", f -> PasidDomain.set(f.group, f.pasid, f.to()))
            .step("xa_store handle", PASIDS, f -> f.group.pasids().store(f.pasid, f.handle()))
            .build();

    private static final Program<PasidHandle> REPLACE = Program.<PasidHandle>named("iommu_replace_device_pasid")
            .check("pasid is not IOMMU_NO_PASID", f -> f.pasid != PasidArray.NO_PASID, Errno.EINVAL)
            .lock("group->mutex", f -> f.group.mutex())
            .step("handle->domain", HANDLE, f -> f.handle().domain(f.to()))
            .check("xa_cmpxchg: attached", PASIDS, f -> f.group.pasids().load(f.pasid) != null, Errno.EINVAL)
            .branch(
                    "another domain",
                    PASIDS.and(AttachHandle.HANDLE),
                    PasidHandle::otherDomain,
                    b -> b.invoke("__iommu_set_group_pasid", f -> PasidDomain.set(f.group, f.pasid, f.to())))
            .step("xa_store handle", PASIDS, f -> f.group.pasids().store(f.pasid, f.handle()))
            .build();

    private static final Program<PasidHandle> DETACH = Program.<PasidHandle>named("iommu_detach_device_pasid")
            .lock("group->mutex", f -> f.group.mutex())
            .invoke("__iommu_remove_group_pasid", f -> PasidDomain.remove(f.group, f.pasid))
            .step("xa_erase", PASIDS, f -> f.group.pasids().erase(f.pasid))
            .build();

    private final HostDevice device;
    private final IommuGroup group;
    private final int pasid;
    private final @Nullable IopfDomain domain;
    private final @Nullable AttachHandle handle;

    private PasidHandle(HostDevice device, int pasid, @Nullable IopfDomain domain, @Nullable AttachHandle handle) {
        super(device.kernel().world());
        this.device = device;
        group = device.group();
        this.pasid = pasid;
        this.domain = domain;
        this.handle = handle;
    }

    /** Attaches. Errors: EINVAL (a PASID that a device of the group cannot have), EBUSY (attached), those of the driver. */
    static Call<?> attach(HostDevice device, int pasid, IopfDomain domain, AttachHandle handle) {
        return new Call<>(ATTACH, new PasidHandle(device, pasid, domain, handle));
    }

    /** Replaces; on an error nothing has changed. Errors: EINVAL (not attached), those of the driver. */
    static Call<?> replace(HostDevice device, int pasid, IopfDomain domain, AttachHandle handle) {
        return new Call<>(REPLACE, new PasidHandle(device, pasid, domain, handle));
    }

    /** Detaches; cannot fail. */
    static Call<?> detach(HostDevice device, int pasid) {
        return new Call<>(DETACH, new PasidHandle(device, pasid, null, null));
    }

    private IopfDomain to() {
        if (domain == null) {
            throw new IllegalStateException("a detach has no target");
        }
        return domain;
    }

    private AttachHandle handle() {
        if (handle == null) {
            throw new IllegalStateException("a detach has no handle");
        }
        return handle;
    }

    /** Siblings without PASIDs do not matter: they cannot send one. */
    private boolean inRange() {
        for (HostDevice sibling : group.devices().items()) {
            int max = sibling.master().maxPasids();
            boolean matters = max > 0 || sibling == device;
            if (matters && Integer.compareUnsigned(pasid, max) >= 0) {
                return false;
            }
        }
        return true;
    }

    private boolean otherDomain() {
        AttachHandle now = group.pasids().load(pasid);
        return now != null && now.domain() != domain;
    }
}

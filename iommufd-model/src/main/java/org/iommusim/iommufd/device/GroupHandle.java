package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.eventq.IopfDomain;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.jspecify.annotations.Nullable;

/**
 * What the requester ids of a group are attached to (iommu.c): {@code iommu_attach_group_handle}, {@code
 * iommu_replace_group_handle}, {@code iommu_detach_group_handle}. The fault path finds a handle only when its domain is in:
 * no fault may be queued for an attachment that then fails.
 */
final class GroupHandle extends Frame {
    private static final int NO_PASID = PasidArray.NO_PASID;
    private static final Footprint HANDLE = Footprint.of(AttachHandle.HANDLE);
    private static final Footprint PASIDS = Footprint.of(PasidArray.PASIDS);
    private static final Footprint GROUP = Footprint.of(
            IommuGroup.GROUP_DOMAIN, IommuGroup.OWNER, PasidArray.PASIDS, AttachHandle.HANDLE, HostDevice.DEV_IOMMU);

    private static final Program<GroupHandle> ATTACH = Program.<GroupHandle>named("iommu_attach_group_handle")
            .lock("group->mutex", f -> f.group.mutex())
            .step("handle->domain", HANDLE, f -> f.handle().domain(f.to()))
            .take(
                    "xa_insert, reserved",
                    PASIDS,
                    f -> f.group.pasids().insert(NO_PASID),
                    Undo.onFailure("xa_release", PASIDS, f -> f.group.pasids().release(NO_PASID)))
            .check("group is free", GROUP, GroupHandle::onCoreDomain, Errno.EBUSY)
            .invoke("__iommu_group_set_domain", f -> GroupDomain.set(f.group, f.to()))
            .step("xa_store handle", PASIDS, f -> f.group.pasids().store(NO_PASID, f.handle()))
            .build();

    private static final Program<GroupHandle> REPLACE = Program.<GroupHandle>named("iommu_replace_group_handle")
            .lock("group->mutex", f -> f.group.mutex())
            .step("handle->domain", HANDLE, f -> f.handle().domain(f.to()))
            .take(
                    "xa_reserve",
                    HostCost.ATOMIC,
                    PASIDS,
                    GroupHandle::reserve,
                    Undo.onFailure("xa_release", PASIDS, f -> f.group.pasids().release(NO_PASID)))
            .invoke("__iommu_group_set_domain", f -> GroupDomain.set(f.group, f.to()))
            .step("xa_store handle", PASIDS, f -> f.group.pasids().store(NO_PASID, f.handle()))
            .build();

    private static final Program<GroupHandle> DETACH = Program.<GroupHandle>named("iommu_detach_group_handle")
            .lock("group->mutex", f -> f.group.mutex())
            .invoke("__iommu_group_set_core_domain", f -> GroupDomain.setNoFail(f.group, f.coreDomain()))
            .step("xa_erase", PASIDS, f -> f.group.pasids().erase(NO_PASID))
            .build();

    private final HostDevice device;
    private final IommuGroup group;
    private final @Nullable IopfDomain domain;
    private final @Nullable AttachHandle handle;

    private GroupHandle(HostDevice device, @Nullable IopfDomain domain, @Nullable AttachHandle handle) {
        super(device.kernel().world());
        this.device = device;
        group = device.group();
        this.domain = domain;
        this.handle = handle;
    }

    /** Attaches. Errors: EBUSY (attached already), those of the driver. */
    static Call<?> attach(HostDevice device, IopfDomain domain, AttachHandle handle) {
        return new Call<>(ATTACH, new GroupHandle(device, domain, handle));
    }

    /** Replaces what is attached; on an error nothing has changed. Errors: ENOMEM, those of the driver. */
    static Call<?> replace(HostDevice device, IopfDomain domain, AttachHandle handle) {
        return new Call<>(REPLACE, new GroupHandle(device, domain, handle));
    }

    /** Back to the core's domain: blocking while the group has an owner. */
    static Call<?> detach(HostDevice device) {
        return new Call<>(DETACH, new GroupHandle(device, null, null));
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

    private int reserve() {
        int injected = group.kernel().faults().errno("iommu_replace_group_handle", "xa_reserve");
        if (injected == 0) {
            group.pasids().reserve(NO_PASID);
        }
        return injected;
    }

    private boolean onCoreDomain() {
        IommuDomain now = group.domain().get();
        return now == null
                || now == device.driver().identityDomain()
                || now == device.driver().blockedDomain();
    }

    private IommuDomain coreDomain() {
        return group.owner().get() == null
                ? device.driver().identityDomain()
                : device.driver().blockedDomain();
    }
}

package org.iommusim.iommufd.eventq;

import org.iommusim.iommufd.object.Freed;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * One attachment of a group, or of a PASID of it ({@code struct iommufd_attach_handle} with the core's {@code struct
 * iommu_attach_handle}). The fault path finds it in the group's {@code pasid_array} and goes on with it without a reference:
 * a detach that frees it meanwhile is a use after free, which is reported here.
 */
public final class AttachHandle implements Identified {
    /** The variable of all handles. */
    public static final Variable HANDLE = Variable.named("iommu.attach_handle");

    private final IommufdObject idev;
    private final long instance;
    private final RefCell<IopfDomain> domain;
    private final Freed freed;

    /** Memory for a handle; {@code idev} is the device that was attached first. */
    public AttachHandle(IommufdObject idev) {
        this.idev = idev;
        var world = idev.ctx().kernel().world();
        instance = world.nextInstance();
        domain = new RefCell<>(world, HANDLE, instance);
        freed = new Freed(idev.ctx().kernel(), HANDLE, instance + (1L << 40));
    }

    /** {@code handle->idev}. */
    public IommufdObject idev() {
        touch("handle->idev");
        return idev;
    }

    /** {@code handle->domain}. */
    public IopfDomain domain() {
        touch("handle->domain");
        return domain.require();
    }

    /** {@code iommu_make_pasid_array_entry}: the core notes what is attached by it. */
    public void domain(IopfDomain attached) {
        touch("iommu_make_pasid_array_entry");
        domain.set(attached);
    }

    /** {@code kfree}. */
    public void free() {
        touch("kfree");
        freed.set();
    }

    private void touch(String how) {
        freed.touch(how, this);
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return "the attach handle of " + idev;
    }
}

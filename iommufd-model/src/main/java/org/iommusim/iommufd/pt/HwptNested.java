package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;

/**
 * A HWPT whose stage 1 belongs to a guest ({@code struct iommufd_hwpt_nested}). It holds the vIOMMU that it was made on, or
 * its parent HWPT if it was made without one.
 */
public final class HwptNested extends HwPagetable {
    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_hwpt_nested_destroy")
            .invoke("__iommufd_hwpt_destroy", f -> f.hwpt.destroyCommon())
            .step(
                    "viommu or parent users--",
                    ObjectPrograms.USERS,
                    f -> f.hwpt.base.usersDec("iommufd_hwpt_nested_destroy"))
            .build();

    private static final Program<Self> PUT = Program.<Self>named("iommufd_hw_pagetable_put")
            .step("users--", ObjectPrograms.USERS, f -> f.hwpt.usersDec("iommufd_hw_pagetable_put"))
            .build();

    private final IommufdObject base;
    private final HwptPaging parent;

    /**
     * Memory for a nested HWPT without a domain.
     *
     * @param base the vIOMMU, or the parent HWPT
     * @param parent the parent HWPT, that of the vIOMMU if there is one
     * @param pasidCompat whether PASIDs may be attached to it
     */
    public HwptNested(IommufdObject base, HwptPaging parent, IommuDriver driver, boolean pasidCompat) {
        super(base.ctx(), ObjectType.HWPT_NESTED, driver, pasidCompat);
        this.base = base;
        this.parent = parent;
    }

    @Override
    public HwptPaging findPaging() {
        return parent;
    }

    /** What it hangs on: the vIOMMU, or the parent HWPT. */
    public IommufdObject base() {
        return base;
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public Call<?> hwPagetablePut() {
        return new Call<>(PUT, new Self(this));
    }

    @Override
    public String detail() {
        return (base.type() == ObjectType.VIOMMU ? "viommu " : "parent ") + base.id();
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(base, 1, this + " is on it");
        holdsFault(sink);
    }

    private static final class Self extends Frame {
        private final HwptNested hwpt;

        Self(HwptNested hwpt) {
            super(hwpt.ctx().kernel().world());
            this.hwpt = hwpt;
        }
    }
}

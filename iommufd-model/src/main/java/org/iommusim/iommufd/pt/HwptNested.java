package org.iommusim.iommufd.pt;

import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/** A HWPT whose stage 1 belongs to a guest ({@code struct iommufd_hwpt_nested}). It holds the vIOMMU that it was made on. */
public final class HwptNested extends HwPagetable {
    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_hwpt_nested_destroy")
            .invoke("iommu_domain_free", f -> f.hwpt.freeDomain())
            .step("viommu users--", ObjectPrograms.USERS, f -> f.hwpt.viommu.usersDec("iommufd_hwpt_nested_destroy"))
            .build();

    private static final Program<Self> PUT = Program.<Self>named("iommufd_hw_pagetable_put")
            .step("users--", ObjectPrograms.USERS, f -> f.hwpt.usersDec("iommufd_hw_pagetable_put"))
            .build();

    private final IommufdObject viommu;

    /**
     * Memory for a nested HWPT without a domain.
     *
     * @param viommu what it hangs on
     */
    public HwptNested(IommufdObject viommu, IommuDriver driver) {
        super(viommu.ctx(), ObjectType.HWPT_NESTED, driver);
        this.viommu = viommu;
    }

    private @Nullable Call<?> freeDomain() {
        var domain = domain().get();
        return domain == null ? null : driver().domainFree(domain);
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
        return "viommu " + viommu.id();
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(viommu, 1, this + " is on it");
    }

    private static final class Self extends Frame {
        private final HwptNested hwpt;

        Self(HwptNested hwpt) {
            super(hwpt.ctx().kernel().world());
            this.hwpt = hwpt;
        }
    }
}

package org.iommusim.iommufd.eventq;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A domain as the fault path knows it: {@code struct iommu_domain} with the HWPT behind it. */
public interface IopfDomain extends Identified {
    /** What the methods touch. */
    Footprint ACCESS = Footprint.of(Variable.named("iommufd.hwpt.domain"), IommufdObject.LIFE);

    /** The driver's domain. */
    IommuDomain iommuDomain();

    /**
     * {@code domain->iommufd_hwpt->fault}: where faults go; {@code null} if the HWPT was made without a queue, and then the
     * domain has no {@code iopf_handler} either.
     */
    @Nullable
    Fault fault();
}

package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;

/** IOMMU_IOAS_NOIOMMU_GET_PA: EOPNOTSUPP: this kernel is built without VFIO's no-iommu mode. */
public final class NoiommuGetPa extends IoctlFrame {
    private static final Program<NoiommuGetPa> PROGRAM = Program.<NoiommuGetPa>named("IOMMU_IOAS_NOIOMMU_GET_PA")
            .check("CONFIG_IOMMUFD_NOIOMMU", f -> false, Errno.EOPNOTSUPP)
            .build();

    private NoiommuGetPa(Ucmd ucmd) {
        super(ucmd);
    }

    /** The ioctl's handler with its frame. */
    static Call<NoiommuGetPa> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new NoiommuGetPa(ucmd));
    }
}

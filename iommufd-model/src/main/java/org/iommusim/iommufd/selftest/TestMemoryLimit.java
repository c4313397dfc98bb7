package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;

/**
 * IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: how much memory the kernel takes at once while it pins. Pinning has no temporary
 * arrays in this model, so only the check is left. Error: EINVAL (not even one element fits).
 */
final class TestMemoryLimit extends IoctlFrame {
    private static final int ELEMENT_BYTES = 12;
    private static final Program<TestMemoryLimit> PROGRAM = Program.<TestMemoryLimit>named("set temp memory limit")
            .check("limit", f -> f.ucmd.id("limit") >= ELEMENT_BYTES, Errno.EINVAL)
            .build();

    private TestMemoryLimit(Ucmd ucmd) {
        super(ucmd);
    }

    static Call<?> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new TestMemoryLimit(ucmd));
    }
}

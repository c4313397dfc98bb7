package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.variant.KernelFit;
import org.iommusim.iommufd.variant.Variants;
import org.iommusim.sim.program.PatchedPrograms;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.variant.Variant;
import org.junit.jupiter.api.Test;

/** A patch whose program or step was renamed would quietly change nothing. */
class VariantsApplyTest {
    private final List<Program<?>> programs = AllPrograms.of();

    @Test
    void shouldFindThePrograms() {
        assertThat(programs)
                .extracting(Program::name)
                .contains("iommufd_object_remove", "IOMMU_VDEVICE_ALLOC", "iommufd_eventq_fops_release");
    }

    @Test
    void shouldApplyEveryPatchOfEveryVariant() {
        for (Variant variant : Variants.all()) {
            PatchedPrograms.check(variant.patches(), programs);
        }
    }

    @Test
    void shouldHaveAKernelForEveryVariant() {
        for (Variant variant : Variants.all()) {
            assertThat(Kernels.all())
                    .as(variant.name())
                    .anyMatch(kernel -> KernelFit.misfit(variant, kernel).isEmpty());
        }
    }
}

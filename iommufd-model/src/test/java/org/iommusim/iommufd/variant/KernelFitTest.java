package org.iommusim.iommufd.variant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;
import org.junit.jupiter.api.Test;

class KernelFitTest {
    private static List<String> fitting(Variant variant) {
        return Kernels.all().stream()
                .filter(kernel -> KernelFit.misfit(variant, kernel).isEmpty())
                .map(LifecyclePolicy::name)
                .toList();
    }

    private static Variant change(String program, String step) {
        return Variant.of(
                "bug", "A1", "bug", ProgramPatch.to(program, "bug").drop(step).build());
    }

    @Test
    void shouldFitTheKernelsThatHaveTheProgramAndTheStep() {
        assertThat(fitting(change("iommufd_device_pre_destroy", "destroying = true")))
                .containsExactly("linux-7.3", "linux-6.17");
        assertThat(fitting(change("IOMMU_VDEVICE_ALLOC", "not destroying")))
                .containsExactly("linux-7.3", "zombie", "linux-6.17");
    }

    @Test
    void shouldFitAllKernelsWithWhatTheyShare() {
        assertThat(fitting(change("iommufd_put_object", "wait_cnt--"))).hasSameSizeAs(Kernels.all());
        assertThat(fitting(change("mmap", "some step"))).hasSameSizeAs(Kernels.all());
    }

    @Test
    void shouldFitTheOnlyKernelThatABodyIsWrittenFor() {
        Variant variant = Variants.find("v5-without-forced-removal").orElseThrow();
        assertThat(fitting(variant)).containsExactly("v5-posted");
        assertThat(KernelFit.misfit(variant, Kernels.LINUX_7_3))
                .isEqualTo("patch 'v5-without-forced-removal' changes what linux-7.3 does not have");
    }

    @Test
    void shouldSayWhichStepIsMissing() {
        assertThat(KernelFit.misfit(change("IOMMU_VDEVICE_ALLOC", "get weather"), Kernels.LINUX_7_3))
                .isEqualTo("patch 'bug': IOMMU_VDEVICE_ALLOC has no step called 'get weather'");
    }
}

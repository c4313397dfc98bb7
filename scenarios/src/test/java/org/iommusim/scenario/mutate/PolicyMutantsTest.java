package org.iommusim.scenario.mutate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.sim.mutate.Mutant;
import org.iommusim.sim.mutate.MutantKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyMutantsTest {
    static Stream<LifecyclePolicy> kernels() {
        return Kernels.all().stream();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void shouldCoverEveryKindOfChange(LifecyclePolicy kernel) {
        List<Mutant> mutants = PolicyMutants.of(kernel);
        assertThat(mutants).extracting(Mutant::id).doesNotHaveDuplicates();
        assertThat(mutants)
                .extracting(Mutant::kind)
                .contains(
                        MutantKind.LOCK,
                        MutantKind.REFERENCE,
                        MutantKind.UNDO,
                        MutantKind.WAKE,
                        MutantKind.CHECK,
                        MutantKind.WAIT,
                        MutantKind.SWAP);
    }

    @Test
    void shouldNameTheStepsOfLinux73() {
        assertThat(PolicyMutants.of(Kernels.LINUX_7_3))
                .extracting(Mutant::id)
                .contains(
                        "IOMMU_VDEVICE_ALLOC: drop lock igroup->lock",
                        "IOMMU_VDEVICE_ALLOC: drop check not destroying",
                        "iommufd_device_pre_destroy: drop destroying = true",
                        "iommufd_put_object: drop wake destroy_wait",
                        "iommufd_put_object: drop wait_cnt--");
    }
}

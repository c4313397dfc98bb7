package org.iommusim.scenario.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.policy.PolicyPath;
import org.iommusim.sim.program.Program;
import org.junit.jupiter.api.Test;

class PoliciesManualTest {
    private final List<LifecyclePolicy> policies = Kernels.all();
    private final String manual = PoliciesManual.of(policies);

    @Test
    void shouldShowEveryPathOfEveryKernel() {
        for (LifecyclePolicy policy : policies) {
            assertThat(manual).contains("\n## " + policy.name() + "\n");
            for (PolicyPath path : policy.paths()) {
                assertThat(manual).contains("\n### " + policy.name() + ": " + path.name() + "\n");
            }
        }
    }

    @Test
    void shouldShowEveryProgramOnce() {
        List<Program<?>> programs = policies.stream()
                .flatMap(policy -> policy.paths().stream())
                .flatMap(path -> path.programs().stream())
                .distinct()
                .toList();
        assertThat(Pattern.compile("(?m)^```text$").matcher(manual).results()).hasSameSizeAs(programs);
    }

    @Test
    void shouldLinkOnlyToHeadingsThatAreThere() {
        List<String> anchors = Pattern.compile("(?m)^##+ (.*)$")
                .matcher(manual)
                .results()
                .map(heading -> PoliciesManual.anchor(heading.group(1)))
                .toList();
        assertThat(anchors).doesNotHaveDuplicates();
        assertThat(Pattern.compile("\\]\\(#([^)]*)\\)")
                        .matcher(manual)
                        .results()
                        .map(link -> link.group(1)))
                .isNotEmpty()
                .allMatch(anchors::contains);
    }

    @Test
    void shouldCompareAKernelWithItself() {
        assertThat(PolicyDiff.of(Kernels.LINUX_7_3, Kernels.LINUX_7_3))
                .isEqualTo("--- linux-7.3\n+++ linux-7.3\nno difference\n");
    }

    @Test
    void shouldShowWhatLinux73Changed() {
        LifecyclePolicy old = Kernels.find("linux-6.17").orElseThrow();
        assertThat(PolicyDiff.of(old, Kernels.LINUX_7_3))
                .startsWith("--- linux-6.17\n+++ linux-7.3\n")
                .contains("@@ ALLOC", "@@ UNBIND", "iommufd_object_try_inc_users");
    }
}

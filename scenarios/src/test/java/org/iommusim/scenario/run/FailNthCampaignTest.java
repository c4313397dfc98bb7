package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.run.FailNthCampaign.Injection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever fails in a bundled scenario, nothing leaks. */
class FailNthCampaignTest {
    /**
     * Replays have no kernel, and the traffic of the last one takes a second each time: see the command in the manual. What
     * is explored is too short, and made to fail already.
     */
    static Stream<String> names() {
        return Library.bundled().stream()
                .map(Library.Entry::name)
                .filter(name -> !name.startsWith("gem5-") && !name.equals("dma-under-load"))
                .filter(name -> TestScenarios.bundled(name).explore().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldLeaveNothingBehind(String name) {
        List<Injection> told = new ArrayList<>();
        List<Injection> runs = FailNthCampaign.run(TestScenarios.bundled(name), told::add);
        assertThat(runs).as("steps that can fail").hasSizeGreaterThan(10).isEqualTo(told);
        assertThat(runs).allMatch(run -> run.clean() || toldToNobody(run));
        // An interrupt answers nobody: a lost event shows as a gap in the sequence numbers.
        assertThat(runs)
                .filteredOn(run -> run.answer().isEmpty() && !run.where().startsWith("iommufd_viommu_report_event"))
                .as("failures that nobody noticed")
                .isEmpty();
    }

    /**
     * An invalidation of a guest fails in the VMM's ioctl, and the guest, which cannot see that, frees its tables and goes on
     * with DMA. That hardware uses them then is right, and the reason why a VMM may not ignore such an error.
     */
    private static boolean toldToNobody(Injection run) {
        return run.answer().startsWith("guest unbind_driver")
                && run.limit().isEmpty()
                && run.violations().stream().allMatch(v -> v.checker().equals("freed-page"));
    }

    @Test
    void shouldFindWhatAGuestFreesBehindAnInvalidationThatFailed() {
        List<Injection> runs = FailNthCampaign.run(TestScenarios.bundled("guest-pasids-amdvi"), run -> {});
        assertThat(runs).filteredOn(run -> !run.clean()).isNotEmpty().allMatch(FailNthCampaignTest::toldToNobody);
    }
}

package org.iommusim.scenario.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.scenario.check.CheckFiles;
import org.iommusim.scenario.check.CheckSuite;
import org.iommusim.scenario.check.CheckVerdict;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Installed;
import org.junit.jupiter.api.Test;

/** The scenarios S1 to S13, which tell the kernels apart. What comes out of them is judged with all others. */
class SeparatingScenariosTest {
    private static final List<String> KERNELS =
            Kernels.all().stream().map(LifecyclePolicy::name).toList();

    private final List<String> names = named("s[0-9]+-.*");

    private static List<String> named(String pattern) {
        return Library.bundled().stream()
                .map(Library.Entry::name)
                .filter(name -> name.matches(pattern))
                .toList();
    }

    /** What each kernel's software without patches is known to come out with. */
    private static Map<String, Outcome> outcomes(String name) {
        Map<String, Outcome> outcomes = new TreeMap<>();
        for (Outcome outcome :
                TestScenarios.bundled(name).explore().orElseThrow().outcomes()) {
            if (outcome.patches().isEmpty()) {
                outcomes.put(outcome.kernel(), outcome);
            }
        }
        return outcomes;
    }

    @Test
    void shouldSayOfEveryKernelWhatComesOut() {
        for (String name : names) {
            assertThat(outcomes(name).keySet()).as(name).containsExactlyInAnyOrderElementsOf(KERNELS);
        }
    }

    @Test
    void shouldTellEveryTwoKernelsApart() {
        Map<String, List<String>> columns = new TreeMap<>();
        for (String name : names) {
            outcomes(name)
                    .forEach((kernel, outcome) -> columns.computeIfAbsent(kernel, k -> new ArrayList<>())
                            .add(new TreeSet<>(outcome.finds()) + " accepted " + outcome.accepted()));
        }
        assertThat(columns).hasSameSizeAs(KERNELS);
        assertThat(columns.values()).doesNotHaveDuplicates();
    }

    /** A close in another thread releases the device only when an ioctl on the same file has ended. */
    @Test
    void shouldHoldTheFileOfADeviceWhileAnIoctlIsInside() {
        assertThat(failures(List.of("h10-late-configuration"))).isEmpty();
    }

    private static List<CheckVerdict> failures(List<String> names) {
        return new CheckSuite(Runtime.getRuntime().availableProcessors(), false)
                .judge(new CheckFiles(Installed.vocabulary()).find(names), done -> {}).stream()
                        .filter(verdict -> verdict.status() == CheckVerdict.Status.FAILED)
                        .toList();
    }
}

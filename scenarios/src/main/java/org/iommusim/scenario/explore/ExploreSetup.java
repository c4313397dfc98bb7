package org.iommusim.scenario.explore;

import java.util.List;
import org.iommusim.iommufd.variant.Variants;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.sim.variant.Variant;

/**
 * One system to explore; with the list of lanes it says all that a replay needs.
 *
 * @param scenario what is explored, under its kernel and within its settings
 * @param patches names of the known bugs that its software has, in this order
 * @param strict true if accepted deviations count as violations
 */
public record ExploreSetup(Scenario scenario, List<String> patches, boolean strict) {
    /** Copies the list. */
    public ExploreSetup {
        patches = List.copyOf(patches);
    }

    /** A scenario under the kernel, and with the patches, of an outcome. */
    public static ExploreSetup of(Scenario scenario, Outcome outcome, boolean strict) {
        return new ExploreSetup(scenario.withKernel(outcome.kernel()), outcome.patches(), strict || outcome.strict());
    }

    /** The known bugs by their names, which the loader has found to exist. */
    List<Variant> variants() {
        return patches.stream()
                .map(name -> Variants.find(name)
                        .orElseThrow(
                                () -> new IllegalArgumentException("the loader let the patch '" + name + "' pass")))
                .toList();
    }

    /** The kernel and its patches, e.g. {@code linux-7.3 + unlock-late}. */
    public String title() {
        return new Outcome("", scenario.kernel(), patches, List.of(), List.of()).title();
    }
}

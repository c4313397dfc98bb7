package org.iommusim.scenario.sweep;

import java.util.List;
import org.iommusim.scenario.language.Scenario;

/**
 * One combination of values.
 *
 * @param values of the axes, in their order
 * @param scenario the scenario with them
 */
public record SweepPoint(List<String> values, Scenario scenario) {
    /** Copies the values. */
    public SweepPoint {
        values = List.copyOf(values);
    }
}

/**
 * A grid of timed runs: one scenario, some of its values replaced by lists of values.
 *
 * <p>An {@link org.iommusim.scenario.sweep.Axis} is a place in the scenario's JSON and the values that it takes. The grid is
 * every combination, the last axis changing fastest. Every point is loaded as a scenario of its own before the first one
 * runs, so that a wrong value costs nothing; then {@link org.iommusim.scenario.sweep.Sweep} runs them on several threads, and
 * the result does not depend on how many.
 */
@NullMarked
package org.iommusim.scenario.sweep;

import org.jspecify.annotations.NullMarked;

/**
 * Scenarios as systems whose interleavings are explored.
 *
 * <p>An {@link org.iommusim.scenario.explore.ExploredScenario} makes, as often as asked, the machine of a scenario under one
 * kernel, runs it in simulated time to the place where the exploration begins, and hands it to an engine.
 *
 * <p>{@link org.iommusim.scenario.explore.InterchangeableThreads} guesses which threads can be swapped; the engine's {@link
 * org.iommusim.sim.explore.MirroredSubject} finds out, and where it is wrong all is searched again without.
 */
@NullMarked
package org.iommusim.scenario.explore;

import org.jspecify.annotations.NullMarked;

/**
 * What the tests of all modules share: seeded generation of test data and shrinking of what fails.
 *
 * <p>A property test is a {@code @ParameterizedTest} over seeds that calls
 * {@link org.iommusim.sim.testkit.Gen#check}. Its failure names the seed and the shortest history found, so it can be
 * turned into a plain test by hand.
 */
@NullMarked
package org.iommusim.sim.testkit;

import org.jspecify.annotations.NullMarked;

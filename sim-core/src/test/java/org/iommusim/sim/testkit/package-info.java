/**
 * What the tests of all modules share: seeded generation of test data and shrinking of what fails.
 *
 * <p>A property test is a {@code @ParameterizedTest} over seeds that calls
 * {@link org.iommusim.sim.testkit.Gen#check}. Its failure names the seed and the shortest history found, so it can be
 * turned into a plain test by hand.
 *
 * <p>Rules of an architecture have ids. A module lists them in {@code src/test/resources/rules/*.txt}, its tests name the
 * ones they check ({@link org.iommusim.sim.testkit.Rule}), and its subclass of {@link
 * org.iommusim.sim.testkit.RuleCoverage} fails if a listed rule has no test. A page that says which test shows what is kept
 * true by {@link org.iommusim.sim.testkit.CoverageTable}.
 */
@NullMarked
package org.iommusim.sim.testkit;

import org.jspecify.annotations.NullMarked;

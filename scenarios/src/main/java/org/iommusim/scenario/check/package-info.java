/**
 * The regression suite: every scenario and counterexample under some paths does what it says.
 *
 * <p>{@link org.iommusim.scenario.check.CheckFiles} finds the files. Each gives one or several {@link
 * org.iommusim.scenario.check.CheckCase}s: a timed run that is judged by {@code expect}, one exploration for each outcome
 * under {@code explore}, or a replay that must show its violation again. {@link org.iommusim.scenario.check.CheckSuite}
 * judges them on several threads; results come in the order of the cases, whatever the number of threads.
 */
@NullMarked
package org.iommusim.scenario.check;

import org.jspecify.annotations.NullMarked;

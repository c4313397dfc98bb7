/**
 * What a run looks like: text for people, JSON for programs, and the files of a run directory.
 *
 * <p>All outputs show the same {@link org.iommusim.scenario.run.RunResult} and are the same bytes for the same result.
 * Numbers are formatted by integer arithmetic. {@code report.html} is made from {@code summary.json} alone, so that it can
 * be made again at any time.
 */
@NullMarked
package org.iommusim.scenario.report;

import org.jspecify.annotations.NullMarked;

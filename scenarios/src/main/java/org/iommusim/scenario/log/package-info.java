/**
 * Logs: warnings on standard error, and {@code run.log} in a run directory.
 *
 * <p>Logback is configured by code, because reading its XML takes longer than a short command, and only when somebody logs.
 */
@NullMarked
package org.iommusim.scenario.log;

import org.jspecify.annotations.NullMarked;

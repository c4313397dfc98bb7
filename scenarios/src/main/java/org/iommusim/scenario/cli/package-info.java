/**
 * The command line.
 *
 * <p>Results go to standard output and are the same bytes on every run; progress, logs and host speed go to standard
 * error. Bad input is one line on standard error and exit status 2; nothing prints a stack trace unless {@code --debug}
 * asks for it. A subcommand's class is loaded only when it is used, because a short command should not pay for the others.
 */
@NullMarked
package org.iommusim.scenario.cli;

import org.jspecify.annotations.NullMarked;

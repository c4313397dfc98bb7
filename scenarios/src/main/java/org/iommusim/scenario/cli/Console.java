package org.iommusim.scenario.cli;

import java.io.PrintWriter;

/**
 * Where a command prints.
 *
 * @param out results
 * @param err progress, logs, messages
 * @param terminal true if a person watches
 * @param colour true if results may be coloured
 */
record Console(PrintWriter out, PrintWriter err, boolean terminal, boolean colour) {}

package org.iommusim.sim.check;

/**
 * One finding of a checker.
 *
 * @param timePs when it happened, ps
 * @param checker the checker's stable name, e.g. {@code freed-page}
 * @param message what happened, in one line: who did what to which object, and why that is wrong
 */
public record Violation(long timePs, String checker, String message) {}

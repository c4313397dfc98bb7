package org.iommusim.sim.check;

/**
 * A finding that is known and accepted.
 *
 * @param id stable name of what it shows, e.g. {@code D2}
 * @param finding what a checker found
 */
public record Accepted(String id, Violation finding) {}

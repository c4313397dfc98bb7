package org.iommusim.sim.check;

/**
 * What a checker is called and what it holds true.
 *
 * @param name stable name in reports, e.g. {@code lock-order}
 * @param summary one sentence
 */
public record CheckerInfo(String name, String summary) {}

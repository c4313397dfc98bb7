package org.iommusim.iommufd.policy;

/**
 * Something that a kernel is known and accepted to do wrong, so that a report can tell it from a discovery.
 *
 * @param id stable name, e.g. {@code D2}; reports say {@code accepted: D2}
 * @param text one line: what happens
 */
public record Deviation(String id, String text) {}

package org.iommusim.iommufd.policy;

/**
 * One line of the table in which kernels differ without having another program.
 *
 * @param name what is ruled
 * @param value how this kernel rules it
 */
public record PolicyRule(String name, String value) {}

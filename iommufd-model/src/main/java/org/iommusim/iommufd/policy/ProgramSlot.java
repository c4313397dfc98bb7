package org.iommusim.iommufd.policy;

/**
 * A place in the kernel whose program depends on the policy. Whoever runs it declares it; a {@link ProgramSet} fills it.
 *
 * @param name unique, as the kernel spells the function
 * @param <F> type of the program's frame
 */
@SuppressWarnings("unused") // F ties the slot to its programs
public record ProgramSlot<F>(String name) {}

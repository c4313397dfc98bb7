/**
 * The ioctls of /dev/iommu, one class each, and their dispatch.
 *
 * <p>Each is a program in the kernel's order of checks: first arguments ({@code EOPNOTSUPP}, {@code EINVAL}), then look-ups
 * ({@code ENOENT}), then the work, then the copy of the answer to user memory, and last the publication of a new object,
 * after which nothing can fail. References and locks that a step takes are its undo, so a failure at any step unwinds in
 * reverse; where the kernel's own ladder differs, the program spells it out.
 *
 * <p>{@link org.iommusim.iommufd.ioctl.Ioctl} is the dispatch around them: it holds the file for the length of the call and
 * publishes or aborts what a handler left for it.
 */
@NullMarked
package org.iommusim.iommufd.ioctl;

import org.jspecify.annotations.NullMarked;

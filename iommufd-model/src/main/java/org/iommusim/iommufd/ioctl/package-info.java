/**
 * The ioctls of /dev/iommu, one class each, and their dispatch.
 *
 * <p>Each is a program in the kernel's order of checks: first arguments ({@code EOPNOTSUPP}, {@code EINVAL}), then look-ups
 * ({@code ENOENT}), then the work, then the copy of the answer to user memory, and last the publication of a new object,
 * after which nothing can fail. References and locks that a step takes are its undo, so a failure at any step unwinds in
 * reverse; where the kernel's own ladder differs, the program spells it out.
 *
 * <p>{@link org.iommusim.iommufd.ioctl.Ioctl} is the dispatch around them. A system call finds {@link
 * org.iommusim.iommufd.ioctl.IommufdFile} behind its descriptor; the dispatch looks the number up in the {@link
 * org.iommusim.iommufd.ioctl.IoctlTable}, copies the structure from user memory into a {@link
 * org.iommusim.iommufd.ioctl.Ucmd}, runs the handler, and publishes or aborts what the handler left for it. The handler reads
 * the fields of its Ucmd by their kernel names and writes its answers by overriding {@link
 * org.iommusim.iommufd.ioctl.IoctlFrame#answer}, which {@code iommufd_ucmd_respond} copies back.
 *
 * <p>Handlers also have typed factories for actors and tests. They make a Ucmd without user memory and go the same way; the
 * results are then read from the frame.
 */
@NullMarked
package org.iommusim.iommufd.ioctl;

import org.jspecify.annotations.NullMarked;

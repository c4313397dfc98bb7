/**
 * Files and the system calls on them.
 *
 * <p>A {@link org.iommusim.iommufd.file.KernelFile} is what {@code struct file} is to the kernel: it counts who holds it and
 * has the operations of its kind, each of them a program. A {@link org.iommusim.iommufd.file.FileTable} maps a process's
 * descriptors to files; a fork copies it. {@link org.iommusim.iommufd.file.SystemCall} is the way from a descriptor to an
 * operation and back: it holds the file for the length of the call, so that a close by another thread ends the file only
 * afterwards, and runs the release if this call was the last user.
 *
 * <p>{@code /dev/iommu} itself and the files that iommufd hands out are in the packages of what they belong to; here are
 * only those that any process has ({@link org.iommusim.iommufd.file.MemFd}).
 */
@NullMarked
package org.iommusim.iommufd.file;

import org.jspecify.annotations.NullMarked;

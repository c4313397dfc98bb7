/**
 * The Linux kernel's iommufd object model, the VFIO side that binds devices to it, and those who use them.
 *
 * <p>It knows IOMMU drivers only through {@code org.iommusim.hw.driver}; it never sees a vendor's class. Packages, each of
 * which knows only those above it: {@code abi} (what crosses the boundary), {@code policy} (which kernel), {@code object}
 * (contexts and objects), {@code mm} (processes, their memory and pins), {@code file} (descriptors, files, system calls),
 * {@code eventq} (queues of faults and events), {@code pt} (IOAS and HWPTs), {@code device} (groups, devices, vIOMMUs,
 * vDEVICEs), {@code ioctl} and {@code vfio} (what user space calls), {@code kernels} (what each kernel is made of), {@code
 * actor} (who calls it), and {@code selftest} (the mock IOMMU of the kernel's own tests).
 */
@NullMarked
package org.iommusim.iommufd;

import org.jspecify.annotations.NullMarked;

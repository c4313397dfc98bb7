/**
 * Arm SMMUv3: {@code spec} holds the layouts, {@code format} what is read from memory, {@code driver} the kernel's driver;
 * the device itself is in this package.
 */
@NullMarked
package org.iommusim.smmuv3;

import org.jspecify.annotations.NullMarked;

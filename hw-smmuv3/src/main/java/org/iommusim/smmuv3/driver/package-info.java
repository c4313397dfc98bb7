/** The kernel's driver of an SMMUv3, as programs. */
@NullMarked
package org.iommusim.smmuv3.driver;

import org.jspecify.annotations.NullMarked;

/**
 * What IOMMU drivers of all vendors take from the rest of the kernel: pools of ids ({@code ida}), threaded interrupt
 * handlers, and the operation that does nothing. Each is small and knows no hardware.
 */
@NullMarked
package org.iommusim.hw.kernel;

import org.jspecify.annotations.NullMarked;

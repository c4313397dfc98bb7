/**
 * A physical IOMMU as the rest of the machine sees it: registers, DMA requests, interrupts. It is programmed only through
 * its registers and through tables and queues in memory.
 */
@NullMarked
package org.iommusim.hw.iommu;

import org.jspecify.annotations.NullMarked;

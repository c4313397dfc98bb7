/**
 * A physical IOMMU as the rest of the machine sees it: registers, DMA requests, interrupts; and the providers by which
 * vendors make themselves known.
 *
 * <p>{@link org.iommusim.hw.iommu.IommuProvider}s are found by {@link java.util.ServiceLoader}, so that nothing outside
 * of a vendor's module names its classes. A vendor that cannot do something yet says so in one clear line.
 */
@NullMarked
package org.iommusim.hw.iommu;

import org.jspecify.annotations.NullMarked;

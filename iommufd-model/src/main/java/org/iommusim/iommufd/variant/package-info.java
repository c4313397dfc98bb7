/**
 * The register of known bugs: every {@link org.iommusim.sim.variant.Variant} of the simulated kernel and of its drivers, by
 * the name that scenarios use.
 *
 * <p>A variant is written in the package of the program that it changes, where the program's frame can be seen, in a class
 * called after the package ({@code EventqVariants}); here they are only collected. A bug of a vendor's driver is in the
 * vendor's module and comes with its {@link org.iommusim.hw.provider.IommuProvider}.
 */
@NullMarked
package org.iommusim.iommufd.variant;

import org.jspecify.annotations.NullMarked;

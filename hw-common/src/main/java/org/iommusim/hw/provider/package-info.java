/**
 * Vendors: how devices of a kind come into a machine.
 *
 * <p>An {@link org.iommusim.hw.provider.IommuProvider} makes a device together with the kernel driver that programs it.
 * Providers are found by {@link java.util.ServiceLoader}, so that nothing outside of a vendor's module names its classes.
 * What can be set is data ({@link org.iommusim.hw.provider.Parameter}, {@link org.iommusim.hw.provider.Preset}); a vendor
 * that cannot do something yet says so in one clear line.
 */
@NullMarked
package org.iommusim.hw.provider;

import org.jspecify.annotations.NullMarked;

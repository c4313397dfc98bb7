/**
 * What VT-d says about itself so that recorded vectors can be replayed against its model.
 *
 * <p>{@link org.iommusim.vtd.vectors.VtdVectors} is the entry. The bench uses registers and memory as a driver would; fault
 * records stand in registers, so that a record is new until software has cleared it. {@code CachedAccess} and {@code
 * CachedInterrupt} answer from the architecture, not from our caches, whether a result may still be held after some
 * descriptors; for that they read the tables themselves, with the same pure decoders and formats as the device, but without
 * its engine and caches.
 */
@NullMarked
package org.iommusim.vtd.vectors;

import org.jspecify.annotations.NullMarked;

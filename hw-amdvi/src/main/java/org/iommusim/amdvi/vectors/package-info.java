/**
 * What AMD-Vi says about itself so that recorded vectors can be replayed against its model.
 *
 * <p>{@link org.iommusim.amdvi.vectors.AmdViVectors} is the entry. The bench uses registers and memory as a driver would; event
 * records stay in the log, and are seen again, until software moves its head. {@code CachedAccess} answers from the
 * architecture, not from our caches, whether a result may still be held after some commands; for that it reads the tables
 * itself, with the same pure decoders and formats as the device, but without its engine and caches. {@link
 * org.iommusim.amdvi.vectors.EventFormat} says how much of a recorded event means anything: the recorded machine fills in
 * little more than its code.
 */
@NullMarked
package org.iommusim.amdvi.vectors;

import org.jspecify.annotations.NullMarked;

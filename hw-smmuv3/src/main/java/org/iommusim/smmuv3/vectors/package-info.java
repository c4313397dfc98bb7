/**
 * What the SMMUv3 says about itself so that recorded vectors can be replayed against its model.
 *
 * <p>{@link org.iommusim.smmuv3.vectors.Smmuv3Vectors} is the entry. The bench uses registers and memory as a driver would.
 * {@link org.iommusim.smmuv3.vectors.CachedTranslation} answers from the architecture, not from our caches, whether a result
 * may still be held by an SMMU after some commands; for that it reads the tables itself, with the same pure decoders and
 * formats as the device, but without its engine and caches.
 */
@NullMarked
package org.iommusim.smmuv3.vectors;

import org.jspecify.annotations.NullMarked;

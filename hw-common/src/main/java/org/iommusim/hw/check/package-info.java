/**
 * The stale-use checker: knows from which words of memory every cached entry and every translation under way was made, and
 * finds whoever still uses one after the completion of an invalidation that should have ended it.
 *
 * <p>A device with checks has one {@link org.iommusim.hw.check.StaleUseChecker}; the parts tell it what they read ({@link
 * org.iommusim.hw.check.Trail}) and what they keep ({@link org.iommusim.hw.check.CachedSources}, arrays beside the ways).
 * What a command promises is said by the vendor in {@link org.iommusim.hw.check.Promise}, apart from the code that carries
 * it out. Without checks all of these are {@code null}. They only look: nothing here changes a result.
 *
 * <p>{@link org.iommusim.hw.check.TornRead} watches descriptors that software rewrites word by word while hardware may read
 * them.
 */
@NullMarked
package org.iommusim.hw.check;

import org.jspecify.annotations.NullMarked;

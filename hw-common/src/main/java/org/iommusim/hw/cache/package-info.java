/**
 * Tagged set-associative caches for translations, table pointers and configuration, in flat primitive arrays.
 *
 * <p>A lookup compares masked tags, so that entries of several page sizes share a structure; an invalidation is a predicate
 * over tags. Replacement is round robin, least recently used, random (a named stream) or pseudo-LRU. Nothing is allocated
 * after construction.
 */
@NullMarked
package org.iommusim.hw.cache;

import org.jspecify.annotations.NullMarked;

/**
 * What an IOMMU keeps about functions with address translation caches, whatever its vendor: the invalidation requests that
 * it has sent and that are not answered yet; and how it asks its tables for what a function asks for ({@link
 * org.iommusim.hw.ats.GrantAttempts}).
 *
 * <p>The messages themselves go over the function's link ({@link org.iommusim.hw.iommu.AtsEndpoint}); how a command asks for
 * a request, and what becomes of one that nobody answers, is the vendor's.
 */
@NullMarked
package org.iommusim.hw.ats;

import org.jspecify.annotations.NullMarked;

/**
 * What the pipelines of all vendors' IOMMUs are put together from: a request on its way ({@link
 * org.iommusim.hw.pipeline.Transaction}) and the places where it waits.
 *
 * <p>A {@link org.iommusim.hw.pipeline.TransactionPool} hands them out and knows which of them still use something that was
 * invalidated. A {@link org.iommusim.hw.pipeline.Door} admits requests in order, {@link org.iommusim.hw.pipeline.Misses}
 * says whether a page is being translated already, {@link org.iommusim.hw.pipeline.OrderLists} who may leave, {@link
 * org.iommusim.hw.pipeline.ConfigFetches} limits and merges reads of configuration, which an {@link
 * org.iommusim.hw.pipeline.EntryCache} keeps, {@link
 * org.iommusim.hw.pipeline.CheckedUse} tells the stale-use checker.
 *
 * <p>Out of these are made the two ways that units of one pipeline have alike: {@link org.iommusim.hw.pipeline.RequestPath}
 * in and out of the unit, with {@link org.iommusim.hw.pipeline.Requests} as what the devices see of it, and {@link
 * org.iommusim.hw.pipeline.TranslationPath} through an IOTLB and a walk. {@link org.iommusim.hw.pipeline.InterruptEntries} is the way of an
 * interrupt message to its entry. What is in the caches, and what is made of
 * configuration and tables, is the vendor's business.
 *
 * <p>All of this is work in progress, and held in plain fields: what survives a request (registers, caches, memory) is in
 * cells.
 */
@NullMarked
package org.iommusim.hw.pipeline;

import org.jspecify.annotations.NullMarked;

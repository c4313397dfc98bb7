/**
 * What a vendor says about itself so that recorded hardware vectors can be replayed against its model.
 *
 * <p>A {@link org.iommusim.hw.conform.VectorTarget} knows the machine on which vectors of its kind were recorded and which
 * words they use. A {@link org.iommusim.hw.conform.VectorBench} sits beside one device and does what software does between
 * two DMAs: it puts commands into the queue, reads and consumes fault records, and looks at the queues' registers. It goes
 * through registers and memory only. It also answers one question about the architecture that a judge of caches has to ask:
 * whether completed commands required a result to be forgotten ({@link org.iommusim.hw.conform.CachedResult}); {@link
 * org.iommusim.hw.conform.PlainWalk} reads tables for that.
 *
 * <p>What is compared, and what counts as a failure, is not decided here.
 */
@NullMarked
package org.iommusim.hw.conform;

import org.jspecify.annotations.NullMarked;

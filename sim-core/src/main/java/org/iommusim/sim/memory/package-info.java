/**
 * Simulated physical memory: what is in it, whose it is, and how long it takes to reach it.
 *
 * <p>{@link org.iommusim.sim.memory.PhysicalMemory} holds the words, sparsely, and the owner and pin count of every page.
 * It takes no time. {@link org.iommusim.sim.memory.MemoryPort} is the way to it for hardware: a resource with a limit of
 * outstanding accesses, a channel of finite bandwidth and a last-level cache. CPU tasks reach memory directly; their
 * programs' steps carry the price.
 *
 * <p>Atomicity: a naturally aligned access of up to 8 bytes happens at one point of time. Larger fetches are made of
 * several, and a fetcher says with each access how much it takes at once.
 *
 * <p>Ownership is the basis of two checks that are always on: an access by anyone to a page that was given back
 * ({@code freed-page}), and giving back a page that is pinned ({@code freed-pinned-page}). Memory that no allocator
 * manages is {@code UNTRACKED} and never reported.
 */
@NullMarked
package org.iommusim.sim.memory;

import org.jspecify.annotations.NullMarked;

/**
 * Caches of translations, table pointers and configuration.
 *
 * <p>There is one structure, {@link org.iommusim.hw.cache.TaggedCache}, for TLBs, walk caches and configuration caches of
 * all vendors: set associative or fully associative, with a per-entry address mask so that pages of all sizes can live
 * together. What tags, values and set indices mean is the owner's business, and so is time: a lookup costs nothing here;
 * the owner holds a port for as long as its parameters say.
 *
 * <p>Entries live in cells: a stale entry is part of the state of the machine, and an exploration must see it. The
 * replacement state (round-robin counter, recency) is in cells that are undone but not hashed.
 *
 * <p>A stale-use checker that wants to know from which lines of memory an entry came keeps arrays of its own beside the
 * ways: entry numbers are stable, and {@code insert} returns the number of the entry that it (over)wrote.
 */
@NullMarked
package org.iommusim.hw.cache;

import org.jspecify.annotations.NullMarked;

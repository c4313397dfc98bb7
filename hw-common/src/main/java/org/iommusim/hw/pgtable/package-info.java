/**
 * Page tables as kernel drivers write them: one engine for every vendor.
 *
 * <p>A {@link org.iommusim.hw.pgtable.PteFormat} knows the bits of one format; a {@link org.iommusim.hw.pgtable.PageTable}
 * is a table of that format in memory; {@link org.iommusim.hw.pgtable.Mapping} has the programs that map and unmap ranges
 * in it, with the steps under the vendor's names. What was unmapped is kept in a {@link org.iommusim.hw.pgtable.Gather}
 * until the vendor's driver has invalidated it: {@link org.iommusim.hw.pgtable.GatherSync} for those that need one
 * invalidation for it. {@link org.iommusim.hw.pgtable.X86Format} is the format of more than one vendor.
 *
 * <p>Who may run at the same time: any number of tasks may map and unmap ranges of one table that do not overlap; the caller
 * sees to that. What keeps them apart is that a table is installed by a compare and swap, and that hardware reads entries
 * of 64 bits as a whole. A table that is cut off is freed only after the invalidation, because hardware may still be in it.
 *
 * <p>The levels of a table are counted as heights: height 0 has the entries of 4 KiB, each further one covers 9 bits more.
 */
@NullMarked
package org.iommusim.hw.pgtable;

import org.jspecify.annotations.NullMarked;

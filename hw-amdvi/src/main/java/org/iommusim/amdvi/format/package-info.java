/**
 * What an AMD-Vi unit reads out of memory and what it makes of it.
 *
 * <p>{@link org.iommusim.amdvi.format.V1Table} is a stateless format for the walk engine: host tables. Guest tables are {@link
 * org.iommusim.hw.x86.X86Table}.
 *
 * <p>Choices where the sources do not decide, or differ: bits of a host table entry that have no meaning are ignored; an entry
 * whose level or size cannot be is malformed ({@link org.iommusim.hw.walk.WalkFault#RESERVED_BIT}); an address with bits of a
 * level that is left out is not mapped; the size of a page with NextLevel 7 is what its address says, whatever its level; the
 * accessed flag is kept in entries that point to tables too, the dirty flag in leaves alone.
 */
@NullMarked
package org.iommusim.amdvi.format;

import org.jspecify.annotations.NullMarked;

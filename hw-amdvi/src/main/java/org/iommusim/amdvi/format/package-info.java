/**
 * What an AMD-Vi unit reads out of memory and what it makes of it.
 *
 * <p>{@link org.iommusim.amdvi.format.DteDecoder} checks a device table entry against what the unit can do and fills a {@link
 * org.iommusim.amdvi.format.DteConfig}, which is what a cache of device table entries holds. The order is: V, reserved bits,
 * reserved values, TV. {@link org.iommusim.amdvi.format.Gcr3Lookup} leads from there to the guest tables of a PASID. {@link
 * org.iommusim.amdvi.format.V1Table} is a stateless format for the walk engine: host tables; guest tables are {@link
 * org.iommusim.hw.x86.X86Table}. {@link org.iommusim.amdvi.format.InterruptEntry} reads interrupt remapping entries, {@link
 * org.iommusim.amdvi.format.GuestEntry} those in guest mode.
 *
 * <p>The decoder sees an entry as it was read, and the unit reads all 256 bits at once; but software stores 128 at most, so that
 * an entry which is changed while it is in use may be read half old and half new. {@code DteTransitionTest} lists which mixes
 * there can be, for each order of stores.
 *
 * <p>Choices where the sources do not decide, or differ: bits of a host table entry that have no meaning are ignored; an entry
 * whose level or size cannot be is malformed ({@link org.iommusim.hw.walk.WalkFault#RESERVED_BIT}); an address with bits of a
 * level that is left out is not mapped; the size of a page with NextLevel 7 is what its address says, whatever its level; the
 * accessed flag is kept in entries that point to tables too, the dirty flag in leaves alone. In a device table entry, levels that
 * the unit does not have are reserved values; guest tables are ignored without {@code GTEn}; GIOV, HAD and the like are ignored
 * where the unit lacks the feature; IntCtl counts only with IV; supervisor writes in guest tables need write permission.
 */
@NullMarked
package org.iommusim.amdvi.format;

import org.jspecify.annotations.NullMarked;

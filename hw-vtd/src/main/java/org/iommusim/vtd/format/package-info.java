/**
 * What a VT-d unit reads out of memory and what it makes of it: root, context and PASID entries, second-stage tables,
 * interrupt entries.
 *
 * <p>Pure functions. The decoders check the words of an entry against what the unit can do ({@link
 * org.iommusim.vtd.spec.Cap}, and the host address width, which is a property of the platform) and fill a {@link
 * org.iommusim.vtd.format.TranslationConfig} or a {@link org.iommusim.vtd.format.ScalableContext}, which is what context and
 * PASID caches hold; they answer 0 or a fault reason. The order is: present, reserved bits, values. FPD is taken from an
 * entry even if it is not present or not legal. {@link org.iommusim.vtd.format.SecondStage} is a stateless format for the
 * walk engine, and so is {@link org.iommusim.hw.x86.X86Table} for the first stage.
 *
 * <p>Choices where the sources do not decide, or differ: pointers above the host address width are reserved bits (0xb, 0x42,
 * 0x52, 0x5a), in a PASID entry only if the type of translation uses them; in scalable mode only the half of a root entry that
 * is needed is checked; a feature bit whose capability is missing is ignored, not reserved; XD is ignored without NXE; SNP and TM
 * are reserved in entries that point to tables, whatever the unit can do; the A and D flags of an entry that faults itself
 * are not touched, those of the entries above it are.
 *
 * <p>The decoders see an entry as it was read. The unit reads in atoms of 128 bits, so an entry that software changes while it
 * is present may come as a mix; which mixes there can be, for each order of stores, is what {@code EntryTransitionTest}
 * lists.
 *
 * <p>{@link org.iommusim.vtd.format.FaultReasons} says which reason a failed walk has, {@link
 * org.iommusim.vtd.format.MemoryType} which memory type and snooping a translated access gets, {@link
 * org.iommusim.vtd.format.InterruptEntry} what becomes of an interrupt message.
 */
@NullMarked
package org.iommusim.vtd.format;

import org.jspecify.annotations.NullMarked;

/**
 * The layouts of Intel VT-d: registers, capabilities, root, context and PASID entries, invalidation descriptors, fault
 * records and reasons, page requests, interrupt remapping entries, second-stage table entries. No behaviour: whoever wants
 * to know where a bit lies looks here, and nowhere else. First-stage table entries are x86-64's: {@link
 * org.iommusim.hw.x86.X86Pte}.
 *
 * <p>Every structure is an array of 64-bit little-endian words. A field is a {@link org.iommusim.hw.spec.BitField}: word,
 * highest and lowest bit. The constants are static finals of a record type, so that reading one compiles to a shift and a
 * mask and allocates nothing. {@code RESERVED} masks of a structure say which bits must be zero whatever the unit can do;
 * address bits above the host address width come on top and are the decoders' business.
 *
 * <p>Names are the specification's: first and second stage (FS, SS), where older texts say level. Where the sources that
 * describe it differ, the choices are: {@code IQA.DW} is bit 11; a fault record has its reason in bits 39:32 of the upper
 * word and its PASID in 20 bits; the reasons of {@code IQERCD.IQEI} are 1 tail beyond the queue, 2 fetch failed, 3 type, 4
 * reserved bits, 5 descriptor width, 6 tail not aligned, 7 translation table mode (so VirtualBox spells them); bit 5 of a
 * page group response is reserved (it was a private-data flag once); the failure code of a page group response is every
 * value but 0 and 1.
 *
 * <p>Not here: advanced fault logging beyond its register, performance counters, enhanced commands, the virtual command
 * interface, MTRRs, posted interrupt descriptors.
 */
@NullMarked
package org.iommusim.vtd.spec;

import org.jspecify.annotations.NullMarked;

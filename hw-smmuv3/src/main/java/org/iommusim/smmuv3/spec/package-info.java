/**
 * The layouts of Arm SMMUv3: registers, stream table entries, context descriptors, commands and event records. No
 * behaviour: whoever wants to know where a bit lies looks here, and nowhere else.
 *
 * <p>Every structure is an array of 64-bit little-endian words. A field is a {@link
 * org.iommusim.hw.spec.BitField}: word, highest and lowest bit. The constants are static finals of a record type, so
 * that reading one compiles to a shift and a mask and allocates nothing.
 *
 * <p>Names are the architecture's. Where the sources that describe it differ, the choices are: {@code CFGI_ALL} is {@code
 * CFGI_STE_RANGE} with Range 31; GBPA.ABORT is bit 20; the flags of an event record lie in bits 31 to 44 of its second
 * word; {@code F_TLB_CONFLICT} is 0x20; a level-1 stream table descriptor with Span n has 2^(n-1) entries; {@code
 * F_CD_FETCH} carries its fetch address in the fourth word; both MAIR registers lie in word 3 of a context descriptor.
 *
 * <p>Not here: the Secure and Realm banks, ECMDQ, MPAM, the device permission table, performance counters.
 */
@NullMarked
package org.iommusim.smmuv3.spec;

import org.jspecify.annotations.NullMarked;

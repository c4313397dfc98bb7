/**
 * What an SMMU reads out of memory and what it makes of it: stream table entries, context descriptors, VMSAv8-64 tables.
 *
 * <p>Pure functions. {@link org.iommusim.smmuv3.format.SteDecoder} and {@link org.iommusim.smmuv3.format.CdDecoder} check
 * the 8 words of a structure against what the SMMU can do and fill a {@link org.iommusim.smmuv3.format.StreamConfig},
 * which is what a configuration cache holds; they answer 0 or the code of the event. They look only at the bits that the
 * entry's Config makes used: that, and nothing else, is what allows a driver to change an entry that hardware may be
 * reading. {@link org.iommusim.smmuv3.format.Vmsav8Stage1} and {@link org.iommusim.smmuv3.format.Vmsav8Stage2} are
 * stateless formats for the walk engine; their switches are bits of {@code StageParameters.flags}, listed in {@link
 * org.iommusim.smmuv3.format.Vmsav8}.
 *
 * <p>The halves of a stage-1 address space have parameters of their own. {@link
 * org.iommusim.smmuv3.format.StreamConfig#stage1For} picks one by bit 55 of the address; whether the address really lies
 * in that half is the format's first check.
 *
 * <p>Checks at a leaf are made in the order translation, address size, access flag, permission. A clear access flag that
 * hardware may set is set only if the access is allowed.
 *
 * <p>{@link org.iommusim.smmuv3.format.MemoryAttributes} has the table by which attributes of both stages are combined.
 *
 * <p>Caveats: no 128-bit descriptors, no permission indirection or overlays,
 * no VMSAv8-32; big-endian tables are supported.
 */
@NullMarked
package org.iommusim.smmuv3.format;

import org.jspecify.annotations.NullMarked;

/**
 * How layouts are written down: a {@link org.iommusim.hw.spec.BitField} names a field of a structure of 64-bit
 * little-endian words by word, highest and lowest bit. The layouts themselves are in the vendors' {@code spec} packages.
 */
@NullMarked
package org.iommusim.hw.spec;

import org.jspecify.annotations.NullMarked;

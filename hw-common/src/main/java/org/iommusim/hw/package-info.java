/**
 * What all IOMMUs share: DMA requests and their accounting, the walk engine, x86-64 page tables, caches, command loops and logs,
 * PCIe functions, and the interfaces behind which a vendor's device and its host driver live.
 */
@NullMarked
package org.iommusim.hw;

import org.jspecify.annotations.NullMarked;
